import { describe, expect, it } from 'vitest';
import type { CallOptions, CallResult } from '../../src/cloud/tat-client.js';
import { createFailure } from '../../src/shared/failure-table.js';
import { sendInTime } from '../../src/worker/send-in-time.js';
import { HandLimiter } from '../support/hand-limiter.js';

const done: CallResult<undefined> = { ok: true, cloudRequestId: 'cloud-1', value: undefined };
const missed: CallResult<undefined> = { ok: false, failure: createFailure('SlotMissed', 'too late') };

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

describe('a call that is too late for its slot', () => {
  it('takes another one, and leaves once', async () => {
    const { seen, send } = slowClient();
    const limiter = new HandLimiter();
    const told: string[] = [];
    const slots = [false, false, true].map((mayLeave) => ({
      isUsable: () => true,
      mayLeave: () => mayLeave,
      noteSent: () => told.push(`left with a slot that was ${mayLeave ? 'in time' : 'late'}`),
    }));
    limiter.take = async () => slots.shift() ?? Promise.reject(new Error('no slot is left'));
    expect(await sendInTime(limiter, send)).toEqual(done);
    expect([seen, told]).toEqual([{ tried: 3, sent: 1 }, ['left with a slot that was in time']]);
  });

  it('leaves late after ten misses, for a process that is always too slow has to get through', async () => {
    const { seen, send } = slowClient();
    const limiter = new HandLimiter();
    let told = 0;
    limiter.take = async () => ({ isUsable: () => true, mayLeave: () => false, noteSent: () => told++ });
    expect(await sendInTime(limiter, send)).toEqual(done);
    expect([seen, told]).toEqual([{ tried: 11, sent: 1 }, 1]);
  });
});
