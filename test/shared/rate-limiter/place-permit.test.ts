import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { horizonMs, toleranceMs, windowMs } from '../../../src/shared/rate-limiter/window.js';
import { mostWithin, type Placed, PlacingScene } from '../../support/placing-scene.js';
import { connectToTestRedis, freshPrefix, removeKeysOf } from '../../support/test-prefix.js';

const redis = connectToTestRedis();
const start = 1_800_000_000_000;
let prefix: string;
let scene: PlacingScene;

beforeEach(() => {
  prefix = freshPrefix();
  scene = new PlacingScene(redis, prefix);
});
afterAll(() => redis.disconnect());

/** Permits one after the other, each used when it is due. */
async function useInTurn(count: number, options: { isFull?: boolean } = {}): Promise<number[]> {
  const times: number[] = [];
  let now = start;
  for (let done = 0; done < count; done++) {
    const placed = await scene.placeGranted(now, options);
    now = Math.max(now, placed.planned);
    await scene.noteSent(placed, now);
    times.push(now - start);
  }
  return times;
}

describe('the place of a permit', () => {
  it('is soon after the last while the window has room: twenty within a third of a second', async () => {
    await scene.begin(start);
    const times = await useInTurn(20);
    expect(times[0]).toBe(0);
    expect(times.at(-1)).toBeLessThan(350);
  });

  it('is a window after the twentieth before, when that is full, and evens out', async () => {
    await scene.begin(start);
    const times = await useInTurn(80);
    expect(mostWithin(times, windowMs)).toBe(20);
    expect(times[60]).toBeLessThan(3 * windowMs + 10); // nothing of the rate is lost to evenness
    const gapsFrom = (first: number) =>
      times.slice(first).map((time, index) => time - (times[first - 1 + index] ?? 0));
    expect(Math.max(...gapsFrom(21))).toBeLessThan(250);
    expect(Math.max(...gapsFrom(60))).toBeLessThan(100);
  });

  it('keeps the full interval for calls that more ids can join', async () => {
    await scene.begin(start);
    expect(await useInTurn(4, { isFull: false })).toEqual([0, 52, 104, 156]);
  });

  it('counts a permit whose call is not known to have left as used as late as it may be', async () => {
    await scene.begin(start);
    for (let count = 0; count < 20; count++) await scene.placeGranted(start + 1_000);
    const next = await scene.placeGranted(start + 1_000);
    expect(next.planned).toBeGreaterThanOrEqual(start + 1_000 + toleranceMs + windowMs);
  });

  it('counts a call that left later than the tolerance from when it left', async () => {
    await scene.begin(start);
    const late = await scene.place(start);
    await scene.noteSent(late, start + 5_000);
    for (let count = 0; count < 19; count++) {
      const placed = await scene.placeGranted(start + 5_000);
      await scene.noteSent(placed, placed.planned);
    }
    const next = await scene.placeGranted(start + 5_400);
    expect(next.planned).toBeGreaterThanOrEqual(start + 5_000 + windowMs);
  });

  it('is free again when the permit is given back', async () => {
    await scene.begin(start);
    const [one, two] = [await scene.place(start), await scene.place(start, { isFull: false })];
    await scene.giveBack(two);
    const again = await scene.place(start, { isFull: false });
    expect([two.planned, again.planned]).toEqual([start + 52, start + 52]);
    await scene.giveBack(again);
    await scene.giveBack(one);
    expect((await scene.place(start, { isFull: false })).planned).toBe(start);
  });

  it('keeps to a live limit from the next permit on, but never to one above the setting', async () => {
    await scene.begin(start);
    await redis.hset(scene.plan.limitKey, 'callsPerSecond', 5);
    const times = await useInTurn(11);
    expect(mostWithin(times, windowMs)).toBe(5);
    expect((await scene.place(start + 10_000)).intervalMs).toBe(windowMs / 5);
    for (const nonsense of ['1000', 'x', '0', '-3']) {
      await redis.hset(scene.plan.limitKey, 'callsPerSecond', nonsense);
      expect((await scene.placeGranted(start + 10_000)).intervalMs).toBeGreaterThanOrEqual(windowMs / 20);
    }
  });

  it('is never further ahead than the horizon, and not for more than fifteen permits at a time', async () => {
    await scene.begin(start);
    let ahead = 0;
    for (let count = 0; count < 30; count++) {
      const { granted, planned } = await scene.place(start, { isFull: count % 2 === 0 });
      if (granted && planned > start) ahead++;
      if (granted) expect(planned).toBeLessThanOrEqual(start + horizonMs);
      else expect(planned).toBeGreaterThan(start);
    }
    expect(ahead).toBeGreaterThan(0);
    expect(ahead).toBeLessThanOrEqual(15);
  });
});

describe('the place of a permit after a loss of the log', () => {
  it('is a window after the loss, and for a quarter of the calls only until what was outstanding must be over', async () => {
    await scene.lose();
    const times = await useInTurn(6);
    expect(times[0]).toBe(windowMs);
    expect(times[4]).toBeLessThan(windowMs + horizonMs + toleranceMs);
    expect(times[5]).toBeGreaterThanOrEqual(windowMs + horizonMs + toleranceMs);
  });

  it('does not believe a log from the future: the clock was set back', async () => {
    await scene.begin(start);
    await scene.noteSent(await scene.place(start), start + 3_600_000);
    expect((await scene.placeGranted(start)).planned).toBe(start + windowMs);
    await redis.zadd(scene.plan.logKey, -(start + 3_600_000), 'since');
    expect((await scene.placeGranted(start)).planned).toBe(start + windowMs);
  });

  it('does not believe a last permit from the future', async () => {
    await scene.begin(start);
    await redis.hset(scene.plan.settingsKey, 'nextRequest', start + 3_600_000);
    expect((await scene.place(start)).planned).toBe(start);
  });
});

interface InUse {
  readonly placed: Placed;
  readonly leavesAt: number;
}

describe('any mixture of permits used, late, given back, forgotten and lost', () => {
  const step = fc.record({
    waitMs: fc.integer({ min: 0, max: 50 }),
    what: fc.constantFrom('ask', 'ask', 'ask', 'ask', 'ask', 'ask', 'give back', 'lose', 'silence'),
    lateMs: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: toleranceMs })),
    isFull: fc.boolean(),
    isNoted: fc.boolean(),
  });

  it('never puts more than the limit into a window', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 100, maxLength: 250 }), async (steps) => {
        await removeKeysOf(redis, `b_${prefix}`);
        await scene.begin(start);
        let now = start;
        let isLosing = false;
        let inUse: InUse[] = [];
        const departures: number[] = [];
        const advance = async (to: number) => {
          for (const { placed, leavesAt } of inUse.filter((each) => each.leavesAt <= to)) {
            departures.push(leavesAt);
            await scene.noteSent(placed, leavesAt);
          }
          inUse = inUse.filter((each) => each.leavesAt > to);
          now = to;
        };
        for (const { waitMs, what, lateMs, isFull, isNoted } of steps) {
          await advance(now + waitMs);
          if (what === 'silence') await advance(now + 10 * waitMs);
          if (what === 'lose' && !isLosing) {
            await scene.lose();
            isLosing = true; // once in each run: what the cool-down is for is one loss at a time
          }
          const last = inUse.at(-1);
          if (what === 'give back' && last !== undefined) {
            inUse.pop();
            await scene.giveBack(last.placed);
          }
          if (what !== 'ask') continue;
          const placed = await scene.place(now, { isFull });
          if (!placed.granted) continue;
          const leavesAt = placed.planned + lateMs;
          if (isNoted) inUse.push({ placed, leavesAt });
          else departures.push(leavesAt); // its process died, or its note was lost
        }
        await advance(now + 10_000);
        expect(mostWithin(departures, windowMs)).toBeLessThanOrEqual(20);
      }),
      { numRuns: 60 },
    );
  });
});
