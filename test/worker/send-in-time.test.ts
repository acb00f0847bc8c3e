import { describe, expect, it } from 'vitest';
import type { CallOptions, CallResult } from '../../src/cloud/tat-client.js';
import { createFailure } from '../../src/shared/failure-table.js';
import { sendInTime } from '../../src/worker/send-in-time.js';
import { HandLimiter, usable } from '../support/hand-limiter.js';

const done: CallResult<undefined> = { ok: true, cloudRequestId: 'cloud-1', value: undefined };
const missed: CallResult<undefined> = { ok: false, failure: createFailure('PermitMissed', 'too late') };

/** A client that is slow to get a request out. */
function slowClient() {
  const seen = { tried: 0, sent: 0 };
  const send = async ({ mayLeave, onSent }: CallOptions) => {
    seen.tried += 1;
    if (mayLeave?.() === false) return missed;
    seen.sent += 1;
    onSent?.();
    return done;
  };
  return { seen, send };
}

describe('a call that is too late for its permit', () => {
  it('acquires another one ahead of the others, and leaves once', async () => {
    const { seen, send } = slowClient();
    const limiter = new HandLimiter();
    const told: string[] = [];
    const asked: (boolean | undefined)[] = [];
    const permits = [false, false, true].map((mayLeave) => ({
      ...usable,
      mayLeave: () => mayLeave,
      noteSent: () => told.push(`left with a permit that was ${mayLeave ? 'in time' : 'late'}`),
    }));
    limiter.acquire = async ({ isUrgent } = {}) => {
      asked.push(isUrgent);
      return permits.shift() ?? Promise.reject(new Error('no permit is left'));
    };
    expect(await sendInTime(limiter, send)).toEqual(done);
    expect([seen, told]).toEqual([{ tried: 3, sent: 1 }, ['left with a permit that was in time']]);
    expect(asked).toEqual([false, true, true]);
  });

  it('gives its permit back when it failed before it could leave', async () => {
    const limiter = new HandLimiter();
    let givenBack = 0;
    limiter.acquire = async () => ({ ...usable, giveBack: () => void givenBack++ });
    const failed = { ok: false, failure: createFailure('CredentialsUnavailable', 'no key') } as const;
    expect(await sendInTime(limiter, async () => failed)).toEqual(failed);
    expect(givenBack).toBe(1);
  });
});
