import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { toleranceMs } from '../../../src/shared/rate-limiter/window.js';
import { WindowPermit } from '../../../src/shared/rate-limiter/window-permit.js';

describe('WindowPermit', () => {
  let lost: AbortController;
  const noteSent = vi.fn();
  const giveBack = vi.fn();
  const noteReady = vi.fn();

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    lost = new AbortController();
    vi.clearAllMocks();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const permitDueIn = (ms: number) => {
    const placement = {
      granted: true,
      id: 'p',
      dueAt: performance.now() + ms,
      dueAtByWall: Date.now() + ms,
      planned: 0,
      plannedBefore: 0,
      intervalMs: 52,
      othersIntervalMs: 52,
    };
    return new WindowPermit(placement, { lost: lost.signal, noteSent, giveBack, noteReady });
  };

  it('may be used until the tolerance is over, and is given back when it was not', () => {
    const permit = permitDueIn(0);
    vi.advanceTimersByTime(toleranceMs);
    expect(permit.mayLeave()).toBe(true);
    const missed = permitDueIn(0);
    vi.advanceTimersByTime(toleranceMs + 1);
    expect([missed.mayLeave(), giveBack.mock.calls.length]).toEqual([false, 1]);
  });

  it('may not be used before it is due', () => {
    const permit = permitDueIn(20);
    expect(permit.mayLeave()).toBe(false);
  });

  it('is late when the machine slept, although the monotonic clock did not notice', () => {
    const permit = permitDueIn(0);
    vi.setSystemTime(Date.now() + 60_000);
    expect(permit.mayLeave()).toBe(false);
  });

  it('is late when time passed, although the wall clock was set back', () => {
    const permit = permitDueIn(0);
    vi.advanceTimersByTime(1_000);
    vi.setSystemTime(Date.now() - 60_000);
    expect(permit.mayLeave()).toBe(false);
  });

  it('is void once the connection is lost that it was placed over', () => {
    const permit = permitDueIn(0);
    lost.abort();
    expect(permit.mayLeave()).toBe(false);
  });

  it('tells once when the call left, however late that was', () => {
    const permit = permitDueIn(0);
    expect(permit.mayLeave()).toBe(true);
    vi.advanceTimersByTime(5_000);
    permit.noteSent();
    permit.noteSent();
    expect(noteSent.mock.calls).toEqual([[expect.objectContaining({ id: 'p' }), performance.now()]]);
  });

  it('tells once how long its call took to get ready', async () => {
    const permit = permitDueIn(0);
    permit.noteHandedOut();
    vi.advanceTimersByTime(30);
    await permit.whenDue();
    await permit.whenDue();
    expect(noteReady.mock.calls).toEqual([[30]]);
  });

  it('is given back once, and never when its call may have left', () => {
    const unused = permitDueIn(0);
    unused.giveBack();
    unused.giveBack();
    expect(giveBack).toHaveBeenCalledOnce();
    expect(unused.mayLeave()).toBe(false);
    const leaving = permitDueIn(0);
    leaving.mayLeave();
    leaving.giveBack();
    expect(giveBack).toHaveBeenCalledOnce();
    expect(leaving.mayLeave()).toBe(true);
  });
});
