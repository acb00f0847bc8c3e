import { beforeEach, describe, expect, it } from 'vitest';
import { SlotTiming } from '../../../src/worker/call-limiter/slot-timing.js';

describe('SlotTiming', () => {
  let timing: SlotTiming;

  beforeEach(() => {
    timing = new SlotTiming();
  });

  const noteLatenesses = (latenesses: readonly number[]) => {
    for (const lateMs of latenesses) timing.noteLateness(lateMs);
  };
  const noteRoundTrip = (there: number, back: number) => {
    timing.note({ sentAt: 0, serverTime: 1_000_000 + there, receivedAt: there + back });
  };

  it('asks for no lead where answers come at once', () => {
    for (let time = 0; time < 20; time++) noteRoundTrip(0.2, 0.2);
    expect(timing.leadMs).toBe(0);
  });

  it('asks for a lead that most answers beat, and for no more than half a second', () => {
    noteRoundTrip(1, 1);
    for (let back = 1; back <= 100; back++) noteRoundTrip(1, back);
    expect(timing.leadMs).toBeGreaterThan(80);
    expect(timing.leadMs).toBeLessThan(95);
    for (let time = 0; time < 100; time++) noteRoundTrip(1, 3_000);
    expect(timing.leadMs).toBe(500);
  });

  it('asks for no grace as long as losing late slots costs less than more distance', () => {
    expect(timing.graceMs(52)).toBe(0);
    noteLatenesses([1, 2, 1, 30, 60, 2, 90, 1, 40, 2]);
    expect(timing.graceMs(52)).toBe(0);
  });

  it('asks for grace when nearly every slot comes late', () => {
    noteLatenesses([110, 60, 90, 20, 70, 100, 80, 95, 120, 50]);
    expect(timing.graceMs(52)).toBe(100);
  });
});
