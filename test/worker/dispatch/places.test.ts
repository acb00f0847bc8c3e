import { describe, expect, it } from 'vitest';
import { Places } from '../../../src/worker/dispatch/places.js';

const normal = 1;
const low = 2;

function makePlaces(): Places {
  return new Places({ most: 100, callsPerSecond: 20 });
}

/** Takes places until there is none, and says how many it got. */
function takeAll(places: Places, accessPoint: string, rank = normal): number {
  let taken = 0;
  while (taken < 200 && places.take(accessPoint, rank) === 0) taken += 1;
  return taken;
}

describe('the places of a worker', () => {
  it('are half of them for one access point alone', () => {
    expect(takeAll(makePlaces(), 'a')).toBe(50);
  });

  it('are left over for every further one, however many are in trouble', () => {
    const places = makePlaces();
    const taken = ['a', 'b', 'c', 'd', 'e'].map((accessPoint) => takeAll(places, accessPoint));
    expect(Math.min(...taken)).toBeGreaterThan(0);
    expect(taken.reduce((sum, count) => sum + count, 0)).toBeLessThan(100);
  });

  it('are free again when they are left', () => {
    const places = makePlaces();
    takeAll(places, 'a');
    for (let left = 0; left < 50; left++) places.leave('a', normal);
    expect(takeAll(places, 'b')).toBe(50);
  });

  it('are there for more urgent jobs of an access point whose others have all they may', () => {
    const places = makePlaces();
    takeAll(places, 'a', low);
    expect(places.take('a', low)).toBeGreaterThan(0);
    expect(places.take('a', normal)).toBe(0);
  });

  it('are asked for again one after the other, as fast as calls could go', () => {
    const places = makePlaces();
    takeAll(places, 'a'); // the last one has been sent away
    const away = [1, 2, 3].map(() => places.take('a', normal));
    const [first = 0, second = 0, third = 0] = away;
    expect(first).toBeGreaterThan(1_000);
    expect(second - first).toBeGreaterThan(30);
    expect(third - second).toBeLessThan(70);
  });

  it('are at least one, even for a worker that holds one job', () => {
    const places = new Places({ most: 1, callsPerSecond: 20 });
    expect(places.take('a', normal)).toBe(0);
    places.leave('a', normal);
    expect(places.take('b', normal)).toBe(0);
  });
});
