import { describe, expect, it } from 'vitest';
import { CloudCaller } from '../../../src/cli/find/cloud-caller.js';
import type { CallOptions, CallResult, TatClient } from '../../../src/cloud/tat-client.js';
import { systemClock } from '../../../src/shared/clock.js';
import { createFailure } from '../../../src/shared/failure-table.js';
import { HandLimiter, usable } from '../../support/hand-limiter.js';

describe('a call of the command line', () => {
  it('leaves in time for its permit or acquires another one, and tells the limiter when it has left', async () => {
    const limiter = new HandLimiter();
    const left: string[] = [];
    const permits = ['late', 'in time'].map((name) => ({
      ...usable,
      mayLeave: () => name === 'in time',
      noteSent: () => left.push(name),
    }));
    limiter.acquire = async () => permits.shift() ?? Promise.reject(new Error('no permit is left'));
    const cloud = new CloudCaller({
      ...{ client: {} as TatClient, clock: systemClock, redisUrl: 'redis://127.0.0.1:6379' },
      limiters: { of: () => limiter },
    });
    const send = async (_client: TatClient, options: CallOptions): Promise<CallResult<string>> => {
      if (options.mayLeave?.() === false)
        return { ok: false, failure: createFailure('PermitMissed', 'late') };
      options.onSent?.();
      return { ok: true, cloudRequestId: 'cloud-1', value: 'answer' };
    };
    expect(await cloud.call('DescribeInvocations', 'ap-tokyo', send)).toBe('answer');
    expect([left, cloud.calls]).toEqual([['in time'], 1]);
  });
});
