import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TicketSlot } from '../../../src/worker/call-limiter/ticket-slot.js';

describe('TicketSlot', () => {
  const lost = new AbortController();
  const timing = { epoch: 0, noteLateness: vi.fn() };
  const postpone = vi.fn();

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    timing.epoch = 0;
    postpone.mockClear();
    timing.noteLateness.mockClear();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const slotDueNow = (graceMs = 0) => {
    const ticket = {
      granted: true,
      dueAt: performance.now(),
      dueAtByWall: Date.now(),
      spacingMs: 52,
      graceMs,
      othersSpacingMs: 52,
      idleMs: 0,
      postponedMs: 0,
      aheadMs: 0,
      epoch: 0,
    };
    return new TicketSlot(ticket, { lost: lost.signal, timing, postpone });
  };

  it('may be used until 25 ms after it was due', () => {
    const slot = slotDueNow();
    vi.advanceTimersByTime(25);
    expect(slot.isUsable()).toBe(true);
    vi.advanceTimersByTime(1);
    expect(slot.isUsable()).toBe(false);
  });

  it('may be used later by as much as the process keeps more distance', () => {
    const slot = slotDueNow(100);
    vi.advanceTimersByTime(125);
    expect(slot.isUsable()).toBe(true);
    vi.advanceTimersByTime(1);
    expect(slot.isUsable()).toBe(false);
  });

  it('is late when the machine slept, although the monotonic clock did not notice', () => {
    const slot = slotDueNow();
    vi.setSystemTime(Date.now() + 60_000);
    expect(slot.isUsable()).toBe(false);
  });

  it('is late when time passed, although the wall clock was set back', () => {
    const slot = slotDueNow();
    vi.advanceTimersByTime(1_000);
    vi.setSystemTime(Date.now() - 60_000);
    expect(slot.isUsable()).toBe(false);
  });

  it('tells once how late the process was with it: at the last moment, not when its taker had other things to do', () => {
    const [used, missed] = [slotDueNow(), slotDueNow()];
    vi.advanceTimersByTime(10);
    expect([used.isUsable(), used.mayLeave()]).toEqual([true, true]);
    vi.advanceTimersByTime(30);
    expect([used.mayLeave(), missed.isUsable()]).toEqual([false, false]);
    expect(timing.noteLateness.mock.calls).toEqual([[10]]);
  });

  it('puts the schedule off by what the call left too late, once', () => {
    const slot = slotDueNow();
    vi.advanceTimersByTime(105);
    slot.noteSent();
    slot.noteSent();
    expect(postpone.mock.calls).toEqual([[expect.objectContaining({ spacingMs: 52 }), 80]]);
  });

  it('leaves the schedule alone when the call left in time', () => {
    const slot = slotDueNow(100);
    vi.advanceTimersByTime(125);
    slot.noteSent();
    expect(postpone).not.toHaveBeenCalled();
  });

  it('is void once a clock jumped, for it is timed by the old one', () => {
    const slot = slotDueNow();
    timing.epoch++;
    expect(slot.isUsable()).toBe(false);
  });

  it('is void once the connection is lost that it was reserved over', () => {
    const slot = slotDueNow();
    lost.abort();
    expect(slot.isUsable()).toBe(false);
  });
});
