import { describe, expect, it } from 'vitest';
import type { FaultRule } from '../../../src/simulator/faults/fault-rule.js';
import { FaultSchedule } from '../../../src/simulator/faults/fault-schedule.js';
import type { CallFacts } from '../../../src/simulator/record/recorded-call.js';

function cancel(facts: Partial<CallFacts> = {}): CallFacts {
  return {
    action: 'CancelInvocation',
    region: 'ap-singapore',
    secretId: 'AKID',
    invocationId: 'inv-aaaaaaaa',
    instanceIds: ['ins-aaaaaaaa'],
    ...facts,
  };
}

function hits(schedule: FaultSchedule, calls: number): number[] {
  const numbers = Array.from({ length: calls }, (_, index) => index + 1);
  return numbers.filter(() => schedule.take(cancel()) !== undefined);
}

const code = 'InternalError';

describe('a schedule of faults', () => {
  it.each([
    [{ code }, [1, 2, 3, 4, 5, 6]],
    [{ code, calls: [2, 5] }, [2, 5]],
    [{ code, everyNth: 3 }, [3, 6]],
    [{ code, from: 5 }, [5, 6]],
    [{ code, to: 2 }, [1, 2]],
    [{ code, from: 2, to: 4, everyNth: 2 }, [2, 4]],
    [{ code, share: 0 }, []],
    [{ code, share: 1 }, [1, 2, 3, 4, 5, 6]],
    [{ code, action: 'DescribeInvocations' }, []],
    [{ code, region: 'ap-singapore' }, [1, 2, 3, 4, 5, 6]],
    [{ code, secretId: 'other' }, []],
    [{ code, invocationId: 'inv-bbbbbbbb' }, []],
    [{ code, instanceId: 'ins-aaaaaaaa', calls: [1] }, [1]],
  ] as [FaultRule, number[]][])('with %j hits the calls %j', (rule, expected) => {
    expect(hits(new FaultSchedule([rule], 1), 6)).toEqual(expected);
  });

  it('hits about the share that was asked for, and the same calls for the same seed', () => {
    const seeded = (seed: number) => hits(new FaultSchedule([{ code, share: 0.2 }], seed), 2000);
    expect(seeded(1).length).toBeGreaterThan(320);
    expect(seeded(1).length).toBeLessThan(480);
    expect(seeded(1)).toEqual(seeded(1));
    expect(seeded(1)).not.toEqual(seeded(2));
  });

  it('counts for each rule only the calls that concern it', () => {
    const schedule = new FaultSchedule([{ code, action: 'RunCommand', calls: [2] }], 1);
    const actions = ['RunCommand', 'CancelInvocation', 'CancelInvocation', 'RunCommand'];
    expect(actions.map((action) => schedule.take(cancel({ action }))?.code)).toEqual([
      undefined,
      undefined,
      undefined,
      code,
    ]);
  });

  it('lets the first rule that hits decide', () => {
    const schedule = new FaultSchedule([{ code, calls: [2] }, { http: 502 }], 1);
    expect([1, 2, 3].map(() => schedule.take(cancel())?.code)).toEqual([undefined, code, undefined]);
  });

  it('can be told what goes wrong next, always, and no more', () => {
    const schedule = new FaultSchedule([], 1);
    schedule.next('CancelInvocation', { code: 'First' });
    schedule.next('CancelInvocation', { code: 'Second' });
    schedule.next('RunCommand', { code: 'Other' });
    schedule.always('CancelInvocation', { code: 'Always' });
    const taken = () => schedule.take(cancel())?.code;
    expect([taken(), taken(), taken(), taken()]).toEqual(['First', 'Second', 'Always', 'Always']);
    schedule.clear();
    expect([taken(), schedule.take(cancel({ action: 'RunCommand' }))]).toEqual([undefined, undefined]);
  });

  it.each([
    [{}],
    [{ code, http: 502 }],
    [{ http: 99 }],
    [{ code, share: 2 }],
    [{ code, calls: [0] }],
    [{ code, sahre: 0.5 }],
  ])('refuses the rule %j', (rule) => {
    expect(() => new FaultSchedule([rule as FaultRule], 1)).toThrow();
  });
});
