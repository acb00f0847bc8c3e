import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findExcess, type JsonBounds, JsonScan } from '../../src/shared/json-bounds.js';

const bounds: JsonBounds = { depth: 3, values: 6, names: 2 };
const look = (text: string) => findExcess(Buffer.from(text), bounds);

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

describe('JSON that is looked at before it is parsed', () => {
  it.each<[string, string | undefined]>([
    ['[[[1]]]', undefined],
    ['[[[[1]]]]', 'is more than 3 levels deep'],
    ['[{"a":{"b":[]}}]', 'is more than 3 levels deep'],
    ['[1,2,3,4,5,6]', undefined],
    ['[1,2,3,4,5,6,7]', 'holds more than 6 values'],
    ['[[],[],[]]', undefined],
    ['[[],[],[],[]]', 'holds more than 6 values'],
    ['[{"a":1},{"a":2}]', undefined],
    ['{"a":1,"b":2}', undefined],
    ['{"a":1,"b":2,"c":3}', 'has more than 2 different field names'],
    ['["[[[[","]]]]","{,,,,,,:"]', undefined],
    [String.raw`["\"[[[[", "\\", "[[[["]`, undefined],
    [String.raw`["\\",[[[1]]]]`, 'is more than 3 levels deep'],
    ['', undefined],
    ['no JSON at all', undefined],
    [']]]]]][[[', undefined],
  ])('%s: %s', (text, expected) => {
    expect(look(text)).toBe(expected);
  });

  it('is judged alike in whatever pieces it comes', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), fc.integer({ min: 1, max: 7 }), (text, size) => {
        const bytes = Buffer.from(text);
        const scan = new JsonScan(bounds);
        let found: string | undefined;
        for (let from = 0; from < bytes.length && found === undefined; from += size) {
          found = scan.push(bytes.subarray(from, from + size));
        }
        expect(found).toBe(findExcess(bytes, bounds));
      }),
    );
  });

  it('is as deep as the parser finds it', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const bytes = Buffer.from(JSON.stringify(value));
        const wide = { values: 1e9, names: 1e9 };
        const depth = depthOf(value);
        expect(findExcess(bytes, { ...wide, depth })).toBeUndefined();
        if (depth > 0) expect(findExcess(bytes, { ...wide, depth: depth - 1 })).toMatch(/levels deep$/);
      }),
    );
  });
});
