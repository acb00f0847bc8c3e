import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as cli from '../../../src/cli/targets/target-line.js';
import { isHeaderLine, parseTargetLine } from '../../../src/dashboard/new-request/target-line.js';

const invocation = fc.constantFrom('inv-1a2b3c4d', 'inv-5E6f7a8b9c', 'inv-short', 'ins-1a2b3c4d', '');
const instance = fc.constantFrom(
  'ins-9c0d1e2f',
  'lhins-3a4b5c6d',
  'rins-00000000',
  'ins-',
  'inv-1a2b3c4d',
  '',
);
const region = fc.constantFrom('ap-singapore', 'eu-frankfurt', 'AP-1', 'a..b', '');

const field = fc.oneof(invocation, instance, region, fc.string({ maxLength: 6 }));
const dressed = fc
  .tuple(field, fc.constantFrom('', ' ', '\t'), fc.constantFrom('plain', 'quoted'))
  .map(([text, blank, dress]) =>
    dress === 'quoted' ? `${blank}"${text.replaceAll('"', '""')}"${blank}` : `${blank}${text}${blank}`,
  );
const csvLine = fc.array(dressed, { minLength: 1, maxLength: 4 }).map((fields) => fields.join(','));

const jsonValue = fc.oneof(field, fc.integer(), fc.constant(null), fc.array(field, { maxLength: 3 }));
const jsonLine = fc
  .record(
    { invocationId: jsonValue, instanceIds: jsonValue, region: jsonValue, other: jsonValue },
    { requiredKeys: [] },
  )
  .map((value) => JSON.stringify(value));

describe('parseTargetLine', () => {
  it('takes and refuses the same lines as the command line does, and reads the same out of them', () => {
    fc.assert(
      fc.property(fc.oneof(csvLine, jsonLine, fc.string()), (line) => {
        // A line break inside makes two lines of it, which neither reader is given.
        fc.pre(!/[\r\n]/.test(line));
        const [ours, theirs] = [parseTargetLine(line), cli.parseTargetLine(line)];
        expect(ours.kind).toBe(theirs.kind);
        if (ours.kind === 'target' && theirs.kind === 'target') expect(ours.target).toEqual(theirs.target);
      }),
      { numRuns: 3_000 },
    );
  });

  it.each([
    ['inv-1a2b3c4d', { invocationId: 'inv-1a2b3c4d' }],
    ['inv-1a2b3c4d, ins-9c0d1e2f', { invocationId: 'inv-1a2b3c4d', instanceIds: ['ins-9c0d1e2f'] }],
    [
      '"inv-1a2b3c4d","ins-9c0d1e2f","ap-singapore"',
      { invocationId: 'inv-1a2b3c4d', instanceIds: ['ins-9c0d1e2f'], region: 'ap-singapore' },
    ],
    ['{"invocationId":"inv-1a2b3c4d"}', { invocationId: 'inv-1a2b3c4d' }],
  ])('reads %s', (line, target) => {
    expect(parseTargetLine(line)).toEqual({ kind: 'target', target });
  });

  it.each([
    ['inv-1a2b3c4d,', 'has an empty instance id'],
    ['inv-1a2b3c4d,ins-9c0d1e2f,ap-singapore,more', 'has 4 fields'],
    ['invoice-7', 'is not an invocation id'],
    ['inv-1a2b3c4d,"ins-9c0d1e2f', 'unbalanced quotes'],
    ['{"invocationId":"inv-1a2b3c4d","instanceIds":[]}', 'has an empty list'],
    ['{"invocationId":"inv-1a2b3c4d","instances":["ins-9c0d1e2f"]}', 'unknown fields: instances'],
    ['{"invocationId"', 'is not JSON'],
    ['[]', 'is not a target'],
  ])('says what is wrong with %s', (line, reason) => {
    expect(parseTargetLine(line)).toMatchObject({ kind: 'bad', reason: expect.stringContaining(reason) });
  });
});

describe('isHeaderLine', () => {
  it.each([
    'invocationId',
    'Invocation_ID,Instance ID',
    '"invocationId","instanceId","region"',
    'inv-1a2b3c4d,x',
  ])('judges %s as the command line does', (line) => {
    expect(isHeaderLine(line)).toBe(cli.isHeaderLine(line));
  });
});
