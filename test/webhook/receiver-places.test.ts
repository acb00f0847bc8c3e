import { describe, expect, it } from 'vitest';
import { defaultPlaceLimits, ReceiverPlaces } from '../../src/worker/webhook/receiver-places.js';

const { atOnce, perCaller, perHost, failuresUntilOpen, firstPauseMs, longestPauseMs } = defaultPlaceLimits;

describe('places for receivers', () => {
  it('leave room for others, however many hosts one caller names', () => {
    const places = new ReceiverPlaces();
    const kinds = Array.from({ length: 60 }, (_, index) =>
      places.enter({ host: `dead-${index}.example`, caller: 'flooder' }),
    ).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'free')).toHaveLength(perCaller);
    expect(perCaller).toBeLessThan(atOnce / 2);
    expect(places.enter({ host: 'good.example', caller: 'other' })).toEqual({ kind: 'free' });
  });

  it('are few for one host, whoever asks for it', () => {
    const places = new ReceiverPlaces();
    const enter = (caller: string) => places.enter({ host: 'slow.example', caller }).kind;
    expect(['ann', 'bob', 'cho'].map(enter)).toEqual([...Array(perHost).fill('free'), 'later']);
    places.leave({ host: 'slow.example', caller: 'ann' }, true);
    expect(enter('cho')).toBe('free');
  });

  it('are closed to a host that keeps failing, longer each time, and opened by one success', () => {
    let now = 0;
    const places = new ReceiverPlaces(defaultPlaceLimits, () => now);
    const delivery = { host: 'dead.example', caller: 'ann' };
    const fail = () => {
      expect(places.enter(delivery).kind).toBe('free');
      places.leave(delivery, false);
    };
    for (let failures = 0; failures < failuresUntilOpen; failures += 1) fail();
    const pauses: number[] = [];
    for (let round = 0; round < 10; round += 1) {
      const place = places.enter(delivery);
      if (place.kind === 'free') throw new Error('it is open');
      let step = 0;
      while (places.enter(delivery).kind === 'later') {
        now += firstPauseMs;
        step += firstPauseMs;
      }
      // That was the one who may knock; a second one must wait for what becomes of it.
      expect(places.enter(delivery).kind).toBe('later');
      places.leave(delivery, false);
      pauses.push(step);
    }
    expect(pauses[1]).toBeGreaterThan(pauses[0] ?? 0);
    expect(Math.max(...pauses)).toBe(longestPauseMs);
    now += longestPauseMs;
    expect(places.enter(delivery).kind).toBe('free');
    places.leave(delivery, true);
    expect([places.enter(delivery).kind, places.enter(delivery).kind]).toEqual(['free', 'free']);
  });

  it('do not fill the memory with hosts that were never heard of again', () => {
    const places = new ReceiverPlaces();
    for (let index = 0; index < 50_000; index += 1) {
      const delivery = { host: `dead-${index}.example`, caller: 'ann' };
      expect(places.enter(delivery).kind).toBe('free');
      places.leave(delivery, false);
    }
  });
});
