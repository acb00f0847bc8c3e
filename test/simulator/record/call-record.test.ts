import { describe, expect, it } from 'vitest';
import { CallRecord } from '../../../src/simulator/record/call-record.js';
import type { CallFacts } from '../../../src/simulator/record/recorded-call.js';

function cancel(facts: Partial<CallFacts> = {}): CallFacts {
  return {
    action: 'CancelInvocation',
    region: 'ap-singapore',
    secretId: 'AKID',
    invocationId: 'inv-aaaaaaaa',
    instanceIds: ['ins-aaaaaaaa', 'ins-bbbbbbbb'],
    ...facts,
  };
}

describe('the record', () => {
  it('keeps what every call asked for', () => {
    const record = new CallRecord(10);
    record.add(cancel());
    record.add(cancel({ instanceIds: undefined }));
    record.add(cancel({ instanceIds: [] }));
    const [listed, whole, empty] = record.calls();
    expect(listed).toMatchObject({
      number: 1,
      invocationId: 'inv-aaaaaaaa',
      instanceCount: 2,
      code: undefined,
    });
    expect(listed?.instanceIds).toEqual(['ins-aaaaaaaa', 'ins-bbbbbbbb']);
    expect(whole?.instanceIds).toBeUndefined();
    expect(empty?.instanceIds).toEqual([]);
    expect(new Set(record.calls().map((call) => call.cloudRequestId)).size).toBe(3);
  });

  it('tells arrivals by two clocks', () => {
    const record = new CallRecord(10);
    const before = [performance.now(), performance.timeOrigin + performance.now()];
    const call = record.add(cancel());
    expect(call.atMs).toBeGreaterThanOrEqual(before[0] ?? 0);
    expect(call.atEpochMs).toBeGreaterThanOrEqual(before[1] ?? 0);
    expect(call.atEpochMs - performance.timeOrigin).toBeCloseTo(call.atMs, 3);
  });

  it('keeps the newest calls only, but counts them all', () => {
    const record = new CallRecord(3);
    for (let number = 0; number < 8; number++) record.add(cancel());
    expect(record.calls().map((call) => call.number)).toEqual([6, 7, 8]);
    expect(record.count('CancelInvocation')).toBe(8);
  });

  it('counts by action and code', () => {
    const record = new CallRecord(10);
    for (const code of ['OK', 'OK', 'InternalError']) {
      const call = record.add(cancel());
      call.code = code;
      record.finish(call);
      record.finish(call);
    }
    record.add(cancel({ action: 'DescribeInvocations' }));
    expect(record.countByCode()).toEqual({ CancelInvocation: { OK: 2, InternalError: 1 } });
    expect([record.count(), record.count('DescribeInvocations'), record.count('RunCommand')]).toEqual([
      4, 1, 0,
    ]);
    expect(record.calls('DescribeInvocations')).toHaveLength(1);
  });

  it('measures by action', () => {
    const record = new CallRecord(10);
    for (let number = 0; number < 3; number++) record.add(cancel());
    expect(record.mostCallsInAnySecond('CancelInvocation')).toBe(3);
    expect(record.mostCallsInAnySecond('RunCommand')).toBe(0);
    expect(record.ratePerSecond('CancelInvocation')).toBeGreaterThan(0);
  });

  it('lets tests wait for calls and answers', async () => {
    const record = new CallRecord(10);
    const arrived = record.waitForCalls(2, 'CancelInvocation');
    const answered = record.waitForAnswers(1);
    record.add(cancel({ action: 'RunCommand' }));
    record.add(cancel());
    record.finish(record.add(cancel()));
    await Promise.all([arrived, answered, record.waitForCalls(3)]);
    expect(record.listenerCount('arrival') + record.listenerCount('answer')).toBe(0);
  });

  it('stops waiting when the signal says so', async () => {
    const record = new CallRecord(10);
    const abort = new AbortController();
    const waiting = record.waitForCalls(1, undefined, abort.signal);
    abort.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(record.waitForAnswers(1, undefined, abort.signal)).rejects.toThrow('enough');
  });

  it('can be cleared, and still never gives a RequestId twice', () => {
    const record = new CallRecord(10);
    const { cloudRequestId } = record.add(cancel());
    record.clear();
    expect([record.count(), record.calls(), record.actions()]).toEqual([0, [], []]);
    expect(record.add(cancel()).cloudRequestId).not.toBe(cloudRequestId);
  });
});
