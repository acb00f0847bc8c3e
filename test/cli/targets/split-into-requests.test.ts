import { describe, expect, it } from 'vitest';
import { splitIntoRequests } from '../../../src/cli/targets/split-into-requests.js';
import type { Target } from '../../../src/shared/schemas.js';

const region = 'ap-tokyo';

function target(name: number, instances: number): Target {
  const instanceIds = Array.from({ length: instances }, (_, at) => `ins-${name}000${at}`);
  return { region, invocationId: `inv-0000000${name}`, instanceIds };
}

function split(targets: Target[], options: { key?: string; label?: string; reason?: string } = {}) {
  const { key, ...facts } = options;
  return [...splitIntoRequests(targets, { facts, key, mostInstances: 10 })].map(({ request }) => request);
}

function sizes(targets: Target[]): number[][] {
  return split(targets).map((request) => request.targets.map(({ instanceIds }) => instanceIds?.length ?? 0));
}

describe('splitting targets into requests', () => {
  it('keeps what fits in one request without a key or label of its own', () => {
    expect(split([target(1, 4), target(2, 6)])).toEqual([{ targets: [target(1, 4), target(2, 6)] }]);
    expect(split([target(1, 4)], { key: 'k', label: 'l' })).toEqual([
      { targets: [target(1, 4)], idempotencyKey: 'k', label: 'l' },
    ]);
  });

  it('never splits an invocation that fits in a request', () => {
    expect(sizes([target(1, 6), target(2, 6), target(3, 4)])).toEqual([[6], [6, 4]]);
  });

  it('splits an invocation that alone is too large', () => {
    expect(sizes([target(1, 3), target(2, 25)])).toEqual([[3], [10], [10], [5]]);
  });

  it('counts a whole invocation as one', () => {
    const whole = Array.from({ length: 11 }, (_, at) => ({ region, invocationId: `inv-000000${10 + at}` }));
    expect(split(whole).map(({ targets }) => targets.length)).toEqual([10, 1]);
  });

  it('gives nothing for nothing', () => {
    expect(split([])).toEqual([]);
  });

  it('makes keys from the one given, the first being that one', () => {
    const requests = split([target(1, 25)], { key: 'night' });
    expect(requests.map(({ idempotencyKey }) => idempotencyKey)).toEqual(['night', 'night#2', 'night#3']);
    expect(requests.map(({ label }) => label)).toEqual(['night', 'night', 'night']);
  });

  it('makes keys from the content and all that is asked for with it', () => {
    const keys = (targets: Target[], reason?: string) =>
      split(targets, reason === undefined ? {} : { reason }).map(({ idempotencyKey }) => idempotencyKey);
    const first = keys([target(1, 10), target(2, 10)]);
    expect(new Set(first).size).toBe(2);
    expect(keys([target(1, 10), target(2, 10)])).toEqual(first);
    expect(keys([target(1, 10), target(3, 10)])[0]).toBe(first[0]);
    expect(keys([target(1, 10), target(3, 10)])[1]).not.toBe(first[1]);
    expect(keys([target(1, 10), target(2, 10)], 'why')[0]).not.toBe(first[0]);
  });
});
