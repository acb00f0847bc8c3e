import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { CancelProducer } from '../../src/producer/index.js';
import { redisKeys } from '../../src/shared/redis-keys.js';
import { freePort } from '../support/free-port.js';
import { PrivateRedis } from '../support/private-redis.js';
import { connectToTestRedis } from '../support/test-prefix.js';
import { waitUntil } from '../support/wait-until.js';

const request = {
  targets: [{ invocationId: 'inv-00000001', instanceIds: ['ins-00000001'] }],
  region: 'ap-singapore',
};
const helpful = {
  code: 'REDIS_UNAVAILABLE',
  message: expect.stringMatching(/cannot be reached.*Check that it runs/),
};
/** What may have got through is safe to repeat; an answer that did not come is just asked for again. */
const repeatable = { ...helpful, message: expect.stringMatching(/Check that it runs.*repeat the request/) };
const plain = { ...helpful, message: expect.not.stringContaining('repeat') };

const cleanUps: (() => Promise<unknown> | unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function startRedis(): Promise<PrivateRedis> {
  const redis = await PrivateRedis.start();
  cleanUps.push(() => redis.stop());
  return redis;
}

async function connect(redisUrl: string, timeoutMs?: number): Promise<CancelProducer> {
  const producer = await CancelProducer.connect({
    redisUrl,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
  cleanUps.push(() => producer.close());
  return producer;
}

/** How long it took to settle, in ms. */
async function timed(work: Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work;
  return performance.now() - startedAt;
}

describe('while Redis is away', () => {
  it('connecting fails within five seconds and says what to do', async () => {
    const redisUrl = `redis://user:hunter2@127.0.0.1:${await freePort()}`;
    const refused = expect(connect(redisUrl)).rejects.toMatchObject(helpful);
    expect(await timed(refused)).toBeLessThan(5_000);
    await expect(connect(redisUrl)).rejects.toThrow(/^(?!.*hunter2)/s);
  });

  it('connecting does not wait for a server that says nothing', async () => {
    const silent = createServer((socket: Socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    cleanUps.push(() => silent.close());
    const { port } = silent.address() as AddressInfo;
    const refused = expect(connect(`redis://127.0.0.1:${port}`, 400)).rejects.toMatchObject(helpful);
    expect(await timed(refused)).toBeLessThan(1_500);
  });

  it('every method rejects within five seconds, and works again when Redis is back', async () => {
    const redis = await startRedis();
    const producer = await connect(redis.url);
    const { requestId } = await producer.enqueue(request);
    await redis.kill();
    const refused = Promise.all([
      expect(producer.enqueue(request)).rejects.toMatchObject(repeatable),
      expect(producer.status(requestId)).rejects.toMatchObject(plain),
    ]);
    expect(await timed(refused)).toBeLessThan(5_000);
    const waiting = producer.waitUntilFinished(requestId, { signal: AbortSignal.timeout(1_500) });
    await expect(waiting).rejects.toMatchObject({ name: 'TimeoutError' });
    await redis.restart();
    const status = await waitUntil('the producer is connected again', () =>
      producer.status(requestId).catch(() => undefined),
    );
    expect(status.counts.waiting).toBe(1);
    await expect(producer.enqueue(request)).resolves.toMatchObject({ duplicate: false });
  });

  it('closing does not hang', async () => {
    const redis = await startRedis();
    const producer = await connect(redis.url);
    await redis.kill();
    expect(await timed(producer.close())).toBeLessThan(2_000);
  });
});

describe('while Redis is frozen', () => {
  it('a request is refused in time, and repeating it with its key carries it out once', async () => {
    const redis = await startRedis();
    const producer = await connect(redis.url, 400);
    const keyed = { ...request, idempotencyKey: 'incident-7' };
    process.kill(redis.pid, 'SIGSTOP');
    const refused = expect(producer.enqueue(keyed)).rejects.toMatchObject(repeatable);
    expect(await timed(refused)).toBeLessThan(1_500);
    process.kill(redis.pid, 'SIGCONT');
    const { requestId } = await waitUntil('Redis has thawed', () =>
      producer.enqueue(keyed).catch(() => undefined),
    );
    const client = connectToTestRedis(redis.url);
    cleanUps.push(() => client.disconnect());
    expect(await client.zrange(redisKeys().requests, '0', '-1')).toEqual([requestId]);
  });
});

describe('while Redis refuses to write', () => {
  it('a request is refused with what Redis says', async () => {
    const redis = await startRedis();
    const producer = await connect(redis.url);
    const client = connectToTestRedis(redis.url);
    cleanUps.push(() => client.disconnect());
    await client.config('SET', 'maxmemory', '1');
    await expect(producer.enqueue(request)).rejects.toMatchObject({
      code: 'REDIS_REFUSED',
      message: expect.stringMatching(/refuses: OOM.*Mend Redis. Then repeat/),
    });
    expect(await client.zcard(redisKeys().requests)).toBe(0);
    await client.config('SET', 'maxmemory', '0');
    await expect(producer.enqueue(request)).resolves.toMatchObject({ duplicate: false });
  });
});
