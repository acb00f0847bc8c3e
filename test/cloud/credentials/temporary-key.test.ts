import { describe, expect, it } from 'vitest';
import { type FetchedKey, TemporaryKey } from '../../../src/cloud/credentials/temporary-key.js';
import { Credential } from '../../../src/cloud/credentials.js';
import type { Clock } from '../../../src/shared/clock.js';

const minuteMs = 60_000;

/** A clock that stands still until it is moved; sleepers wake when their time has come. */
class HandClock implements Clock {
  #nowMs = 1_000_000_000;
  #sleepers: { untilMs: number; wake: () => void }[] = [];

  now(): number {
    return this.#nowMs;
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#sleepers.push({ untilMs: this.#nowMs + delayMs, wake: resolve });
      signal?.addEventListener('abort', () => reject(signal.reason));
    });
  }

  pass(delayMs: number): void {
    this.#nowMs += delayMs;
    for (const sleeper of this.#sleepers) if (sleeper.untilMs <= this.#nowMs) sleeper.wake();
  }
}

/** An origin of keys that counts what it was asked and can be told what to answer. */
function createOrigin(clock: Clock, lifeMs = 120 * minuteMs) {
  const origin = {
    asked: 0,
    lifeMs,
    /** When set, a fetch waits for it. */
    gate: undefined as Promise<void> | undefined,
    failure: undefined as Error | undefined,
    fetch: async (): Promise<FetchedKey> => {
      origin.asked += 1;
      const secretId = `AKID${origin.asked}`;
      await origin.gate;
      if (origin.failure !== undefined) throw origin.failure;
      const credential = new Credential({ secretId, secretKey: 'key', token: 'token' });
      return { credential, expiresAtMs: clock.now() + origin.lifeMs };
    },
  };
  return origin;
}

function setUp(lifeMs?: number) {
  const clock = new HandClock();
  const origin = createOrigin(clock, lifeMs);
  const key = new TemporaryKey({ clock, timeoutMs: 5_000, fetch: origin.fetch });
  const idOfKey = async () => (await key.get()).secretId;
  return { clock, origin, key, idOfKey };
}

/** Lets what is already settled run to its end. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('a temporary key', () => {
  it('is fetched once for all who wait, and then kept', async () => {
    const { origin, idOfKey } = setUp();
    expect(await Promise.all([idOfKey(), idOfKey(), idOfKey()])).toEqual(['AKID1', 'AKID1', 'AKID1']);
    expect(await idOfKey()).toBe('AKID1');
    expect(origin.asked).toBe(1);
  });

  it.each([
    ['ten minutes', 120 * minuteMs, 10 * minuteMs],
    ['a fifth of its life when that is less', 15 * minuteMs, 3 * minuteMs],
  ])('is renewed ahead of its end by %s, behind the back of its users', async (_lead, lifeMs, leadMs) => {
    const { clock, origin, idOfKey } = setUp(lifeMs);
    await idOfKey();
    clock.pass(lifeMs - leadMs - 1);
    await idOfKey();
    expect(origin.asked).toBe(1);
    clock.pass(1);
    expect(await idOfKey()).toBe('AKID1');
    await settle();
    expect(await idOfKey()).toBe('AKID2');
    expect(origin.asked).toBe(2);
  });

  it('is waited for when the old one is at its end', async () => {
    const { clock, idOfKey } = setUp();
    await idOfKey();
    clock.pass(120 * minuteMs - 10_000);
    expect(await idOfKey()).toBe('AKID2');
  });

  it('goes on serving while its renewal fails, and is tried again after a pause', async () => {
    const { clock, origin, idOfKey } = setUp();
    await idOfKey();
    origin.failure = new Error('down');
    clock.pass(110 * minuteMs);
    expect(await idOfKey()).toBe('AKID1');
    await settle();
    expect(await idOfKey()).toBe('AKID1');
    expect(origin.asked).toBe(2);
    origin.failure = undefined;
    clock.pass(5_000);
    await idOfKey();
    await settle();
    expect(await idOfKey()).toBe('AKID3');
  });

  it('that could not be fetched is fetched anew for the next who asks', async () => {
    const { origin, idOfKey } = setUp();
    origin.failure = new Error('down');
    await expect(idOfKey()).rejects.toThrow('down');
    origin.failure = undefined;
    expect(await idOfKey()).toBe('AKID2');
  });

  it('that does not come in time has failed, and the wait is over', async () => {
    const { clock, origin, idOfKey } = setUp();
    origin.gate = new Promise(() => {});
    const waiting = expect(idOfKey()).rejects.toThrow('no answer within 5000 ms');
    clock.pass(5_000);
    await waiting;
    origin.gate = undefined;
    expect(await idOfKey()).toBe('AKID2');
  });

  it.each([
    ['born expired', -minuteMs],
    ['with seconds to live', 10_000],
  ])('%s causes no storm of fetches', async (_what, lifeMs) => {
    const { clock, origin, idOfKey } = setUp(lifeMs);
    for (let call = 0; call < 100; call += 1) await idOfKey();
    expect(origin.asked).toBe(1);
    clock.pass(10_000);
    for (let call = 0; call < 100; call += 1) await idOfKey();
    expect(origin.asked).toBe(2);
  });

  it('that the cloud refused is replaced', async () => {
    const { key, idOfKey } = setUp();
    key.forget(await key.get());
    expect(await idOfKey()).toBe('AKID2');
  });

  it('survives the late refusal of its predecessor', async () => {
    const { key, origin, idOfKey } = setUp();
    const first = await key.get();
    key.forget(first);
    await idOfKey();
    key.forget(first);
    expect(await idOfKey()).toBe('AKID2');
    expect(origin.asked).toBe(2);
  });
});
