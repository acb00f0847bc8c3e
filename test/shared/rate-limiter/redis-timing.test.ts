import { beforeEach, describe, expect, it } from 'vitest';
import { RedisTiming } from '../../../src/shared/rate-limiter/redis-timing.js';

describe('RedisTiming', () => {
  let timing: RedisTiming;

  beforeEach(() => {
    timing = new RedisTiming();
  });

  const noteRoundTrip = (there: number, back: number) =>
    timing.note({ sentAt: 0, serverTime: 1_000_000 + there, receivedAt: there + back });

  it('asks for no lead where answers come within an eighth of what a call may be late', () => {
    for (let back = 1; back <= 45; back++) noteRoundTrip(1, back);
    expect(timing.leadMs(0)).toBe(0);
  });

  it('asks for a lead where answers take longer, and for no more than the horizon allows', () => {
    noteRoundTrip(1, 1);
    for (let time = 0; time < 100; time++) noteRoundTrip(1, 200);
    expect(timing.leadMs(0)).toBeGreaterThan(140);
    expect(timing.leadMs(0)).toBeLessThan(160);
    expect(timing.leadMs(100)).toBeGreaterThan(240);
    for (let time = 0; time < 100; time++) noteRoundTrip(1, 3_000);
    expect(timing.leadMs(0)).toBe(400);
  });

  it('has as many permits under way as fall into a reservation, and as many again', () => {
    expect(timing.permitsUnderWay(52, 0)).toBe(1);
    for (let time = 0; time < 10; time++) timing.noteReservation(2);
    expect(timing.permitsUnderWay(52, 0)).toBe(2);
    for (let time = 0; time < 100; time++) timing.noteReservation(130);
    expect(timing.permitsUnderWay(52, 0)).toBe(6);
  });

  it('notices that a clock jumped, and remembers what it showed before', () => {
    expect(noteRoundTrip(1, 1)).toBe(true);
    expect(timing.note({ sentAt: 10, serverTime: 1_005_000, receivedAt: 12 })).toBe(false);
    expect(timing.lastServerTime).toBe(1_000_001);
  });
});
