import { describe, expect, it } from 'vitest';
import { isTyped, mostInstances, needsTyping } from '../../../src/dashboard/new-request/confirmation.js';
import { IdempotencyKeys } from '../../../src/dashboard/new-request/idempotency-key.js';

describe('the confirmation', () => {
  it('asks above a thousand instances, with whole invocations taken at their largest', () => {
    expect(needsTyping({ instances: 1_000, wholeInvocations: 0 })).toBe(false);
    expect(needsTyping({ instances: 1_001, wholeInvocations: 0 })).toBe(true);
    expect(needsTyping({ instances: 6, wholeInvocations: 6 })).toBe(true);
    expect(mostInstances({ instances: 8, wholeInvocations: 5 })).toBe(1_003);
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
