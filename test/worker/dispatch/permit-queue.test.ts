import { describe, expect, it } from 'vitest';
import type { Permit } from '../../../src/shared/rate-limiter/index.js';
import { PermitQueue, type PermitRequest } from '../../../src/worker/dispatch/permit-queue.js';

const neverAborted = new AbortController().signal;

/** A limiter that gives permits when told to. */
class LimiterByHand {
  readonly #askers: ((permit: Permit) => void)[] = [];
  givenBack = 0;

  async acquire(): Promise<Permit> {
    return await new Promise((resolve) => this.#askers.push(resolve));
  }

  get asked(): number {
    return this.#askers.length;
  }

  async give(permits = 1): Promise<void> {
    for (let given = 0; given < permits; given++) {
      this.#askers.shift()?.({
        whenDue: async () => {},
        mayLeave: () => true,
        noteSent: () => {},
        giveBack: () => {
          this.givenBack += 1;
        },
      });
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

function setUp(mostInFlight = 100) {
  const limiter = new LimiterByHand();
  const queue = new PermitQueue(limiter, mostInFlight);
  const order: string[] = [];
  const wait = (name: string, changes: Partial<PermitRequest> = {}) => {
    const request = { rank: 1, signal: neverAborted, isFull: true, aheadMs: 0, ...changes };
    return queue.acquire(request).then((permit) => {
      order.push(name);
      return permit;
    });
  };
  return { limiter, queue, order, wait };
}

describe('who gets a permit', () => {
  it('is the most urgent, and among equals the one that has waited longest', async () => {
    const { limiter, order, wait } = setUp();
    for (const [name, rank] of [
      ['low', 2],
      ['a', 1],
      ['urgent', 0],
      ['b', 1],
    ] as const)
      void wait(name, { rank });
    await limiter.give(4);
    expect(order).toEqual(['urgent', 'a', 'b', 'low']);
  });

  it('is one that goes last only when there is no other', async () => {
    const { limiter, order, wait } = setUp();
    let isRefused = false;
    void wait('refused meanwhile', { rank: 0, goesLast: () => isRefused });
    void wait('a', { rank: 2 });
    void wait('b', { rank: 1 });
    isRefused = true;
    await limiter.give(3);
    expect(order).toEqual(['b', 'a', 'refused meanwhile']);
  });

  it('is one that goes last now and then, however many others come', async () => {
    const { limiter, order, wait } = setUp();
    void wait('last', { goesLast: () => true });
    for (let other = 0; other < 40; other++) void wait(`other ${other}`);
    await limiter.give(20);
    expect(order).toContain('last');
    expect(order.indexOf('last')).toBeGreaterThan(10);
  });

  it('is nobody while as many calls as may be are without an answer', async () => {
    const { limiter, queue, order, wait } = setUp(2);
    for (const name of ['a', 'b', 'c']) void wait(name);
    expect(limiter.asked).toBe(2);
    await limiter.give(2);
    expect([order, limiter.asked]).toEqual([['a', 'b'], 0]);
    queue.noteAnswered();
    await limiter.give(1);
    expect(order).toEqual(['a', 'b', 'c']);
  });
});
