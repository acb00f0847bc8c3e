import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ServerClock } from '../../../src/shared/rate-limiter/server-clock.js';

const offset = 1_700_000_000_000;

describe('ServerClock', () => {
  it('knows the time to a few milliseconds although every round trip takes another time', () => {
    const delay = fc.double({ min: 0, max: 200, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(delay, delay), { minLength: 100, maxLength: 100 }), (delays) => {
        const clock = new ServerClock();
        let now = 0;
        for (const [there, back] of [...delays, [1, 150] as const, [150, 2] as const]) {
          const sentAt = now;
          expect(
            clock.add({ sentAt, serverTime: offset + sentAt + there, receivedAt: sentAt + there + back }),
          ).toBe(true);
          now += 50;
        }
        expect(Math.abs(clock.toLocal(offset + now) - now)).toBeLessThan(5);
        expect(clock.uncertaintyMs).toBeLessThan(5);
      }),
    );
  });

  it('is never off by more than it says', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(300), fc.nat(300)), { minLength: 1, maxLength: 20 }), (delays) => {
        const clock = new ServerClock();
        for (const [index, [there, back]] of delays.entries()) {
          const sentAt = index * 10;
          clock.add({ sentAt, serverTime: offset + sentAt + there, receivedAt: sentAt + there + back });
        }
        expect(Math.abs(clock.toLocal(offset))).toBeLessThanOrEqual(clock.uncertaintyMs + 1e-3);
      }),
    );
  });

  it.each([5_000, -5_000])(
    'notices that the server clock jumped by %d ms, and trusts the new time',
    (jump) => {
      const clock = new ServerClock();
      clock.add({ sentAt: 0, serverTime: offset + 1, receivedAt: 2 });
      expect(clock.add({ sentAt: 10, serverTime: offset + jump + 11, receivedAt: 12 })).toBe(false);
      expect(clock.toLocal(offset + jump + 20)).toBeCloseTo(20, 3);
    },
  );

  it('bears a clock that is slewed as fast as NTP does', () => {
    const clock = new ServerClock();
    for (let sentAt = 0; sentAt < 600_000; sentAt += 1_000) {
      const serverTime = offset + sentAt * 1.0004;
      expect(clock.add({ sentAt: sentAt - 0.1, serverTime, receivedAt: sentAt + 0.1 })).toBe(true);
    }
  });
});
