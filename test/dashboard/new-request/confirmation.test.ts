import { describe, expect, it } from 'vitest';
import {
  describeInstances,
  describeSize,
  isTyped,
  mostInstances,
  needsTyping,
} from '../../../src/dashboard/new-request/confirmation.js';
import { IdempotencyKeys } from '../../../src/dashboard/new-request/idempotency-key.js';
import { previewRequest } from '../../../src/server/enqueue/preview-request.js';
import type { Target } from '../../../src/shared/schemas.js';

/** The server's own answer to a dry run. */
function preview(targets: Target[]) {
  const facts = { version: '0', callsPerSecond: 20, region: 'ap-singapore' };
  return previewRequest({ targets }, facts);
}

const whole = (count: number): Target[] =>
  Array.from({ length: count }, (_, index) => ({ invocationId: `inv-whole00${index}` }));
const named = (count: number): Target => ({
  invocationId: 'inv-named000',
  instanceIds: Array.from({ length: count }, (_, index) => `ins-${String(index).padStart(8, '0')}`),
});

describe('the confirmation', () => {
  it('asks above a thousand instances, with whole invocations taken at their largest', () => {
    expect(needsTyping({ instances: 1_000, wholeInvocations: 0 })).toBe(false);
    expect(needsTyping({ instances: 1_001, wholeInvocations: 0 })).toBe(true);
    expect(needsTyping({ instances: 0, wholeInvocations: 5 })).toBe(false);
    expect(needsTyping({ instances: 1, wholeInvocations: 5 })).toBe(true);
    expect(mostInstances({ instances: 3, wholeInvocations: 5 })).toBe(1_003);
  });

  it('counts what the server counts: named instances, and beside them whole invocations', async () => {
    const six = await preview(whole(6));
    expect(describeSize(six)).toBe('6 whole invocations');
    expect(describeInstances(six)).toBe('all of 6 invocations: up to 200 each');
    expect(mostInstances(six)).toBe(1_200);
    const mixed = await preview([named(2), ...whole(3)]);
    expect(describeSize(mixed)).toBe('2 instances and 3 whole invocations');
    expect(describeInstances(mixed)).toBe('2, and all of 3 invocations: up to 200 each');
    expect(mostInstances(mixed)).toBe(602);
    const one = await preview([named(1)]);
    expect([describeSize(one), describeInstances(one), mostInstances(one)]).toEqual(['1 instance', '1', 1]);
    expect(describeSize(await preview(whole(1)))).toBe('1 whole invocation');
  });

  it('takes the number with and without separators, and no other one', () => {
    expect(['5000', ' 5,000 ', '5 000', '5.000'].every((text) => isTyped(text, 5_000))).toBe(true);
    expect(['', '500', '50000', 'yes'].some((text) => isTyped(text, 5_000))).toBe(false);
  });
});

describe('IdempotencyKeys', () => {
  it('gives the same content the same key until it was accepted, and other content another one', () => {
    const keys = new IdempotencyKeys();
    const first = keys.keyFor({ targets: [1] });
    expect(keys.keyFor({ targets: [1] })).toBe(first);
    expect(keys.keyFor({ targets: [2] })).not.toBe(first);
    const last = keys.keyFor({ targets: [2] });
    keys.forget();
    expect(keys.keyFor({ targets: [2] })).not.toBe(last);
  });
});
