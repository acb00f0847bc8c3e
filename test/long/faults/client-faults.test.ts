import { describe, expect } from 'vitest';
import { CancelProducer } from '../../../src/producer/index.js';
import type { CancelRequest } from '../../../src/shared/schemas.js';
import { CliProcess } from '../../support/cli-process.js';
import type { FaultScene } from '../../support/fault-scene.js';
import { it } from '../../support/fault-test.js';
import { freePort } from '../../support/free-port.js';
import { waitUntil } from '../../support/wait-until.js';

/** The built server on a way to Redis that can be broken. */
async function startServer(it: FaultScene, redisUrl: string) {
  const port = await freePort();
  const environment = {
    REDIS_URL: redisUrl,
    QUEUE_PREFIX: it.prefix,
    TENCENTCLOUD_REGION: 'ap-singapore',
    PORT: String(port),
  };
  const process = new CliProcess(['serve'], environment);
  const url = `http://127.0.0.1:${port}`;
  await waitUntil('the server is ready', async () => {
    return await fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  });
  const post = async (request: CancelRequest, key: string) => {
    const answer = await fetch(`${url}/v1/cancel-requests`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...request, idempotencyKey: key }),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  return { process, post };
}

async function requestsKnown({ redis, prefix }: FaultScene): Promise<string[]> {
  return await redis.zrange(`${prefix}:ledger:requests`, '0', '-1');
}

describe.concurrent('a server', () => {
  it('that is killed between the write and its answer has taken the request, once, however often it is repeated', async ({
    scene,
  }) => {
    const it = await scene({ workers: 1 });
    const proxy = await it.startProxy();
    const first = await startServer(it, proxy.url);
    const earlier = it.plan({ invocations: 1 });
    const { body: known } = await first.post(earlier, 'incident-6'); // from now on Redis knows the scripts
    it.noteAsked(String(known.requestId), earlier);
    const request = it.plan({ invocations: 10 });
    proxy.freeze('back');
    const unanswered = expect(first.post(request, 'incident-7')).rejects.toThrow();
    await waitUntil('it is written', async () => (await requestsKnown(it)).length === 2);
    await first.process.kill();
    await unanswered;
    proxy.thaw();
    const second = await startServer(it, proxy.url);
    const { status, body } = await second.post(request, 'incident-7');
    expect([status < 300, body.duplicate]).toEqual([true, true]);
    expect(await requestsKnown(it)).toEqual([known.requestId, body.requestId]);
    it.noteAsked(String(body.requestId), request);
    await second.process.kill();
    const { outcomes, repeats } = await it.verify({ fault: 'server killed between write and answer' });
    expect([outcomes, repeats]).toEqual([{ terminated: 55 }, 0]);
  });

  it('that is cut off from Redis says 503 in time, and what is repeated with its key is done once', async ({
    scene,
  }) => {
    const it = await scene({ workers: 1 });
    const proxy = await it.startProxy();
    const { process, post } = await startServer(it, proxy.url);
    const request = it.plan({ invocations: 10 });
    proxy.freeze();
    const startedAt = performance.now();
    const refused = await post(request, 'incident-8');
    expect([refused.status, performance.now() - startedAt < 15_000]).toEqual([503, true]);
    proxy.thaw();
    const { body } = await waitUntil('it is taken', async () => {
      const answer = await post(request, 'incident-8');
      return answer.status < 300 ? answer : undefined;
    });
    expect(await requestsKnown(it)).toEqual([body.requestId]);
    it.noteAsked(String(body.requestId), request);
    await process.kill();
    const { outcomes } = await it.verify({ fault: 'server cut off from Redis' });
    expect(outcomes).toEqual({ terminated: 50 });
  });

  it('that gets one key fifty times at once, again when all is done, and with other content, keeps to one request', async ({
    scene,
  }) => {
    const it = await scene({ workers: 1 });
    const { process, post } = await startServer(it, it.server.url);
    const request = it.plan({ invocations: 10 });
    const answers = await Promise.all(Array.from({ length: 50 }, () => post(request, 'incident-9')));
    const ids = new Set(answers.map(({ body }) => body.requestId));
    expect([ids.size, answers.filter(({ body }) => body.duplicate === false).length]).toEqual([1, 1]);
    const [requestId] = ids;
    it.noteAsked(String(requestId), request);
    const { outcomes, repeats } = await it.verify({ fault: 'one key fifty times at once' });
    expect([outcomes, repeats]).toEqual([{ terminated: 50 }, 0]);
    expect((await post(request, 'incident-9')).body).toMatchObject({ requestId, duplicate: true });
    expect((await post(it.plan({ invocations: 1 }), 'incident-9')).status).toBe(409);
    expect(await requestsKnown(it)).toEqual([requestId]);
    await process.kill();
  });
});

describe.concurrent('a producer', () => {
  it('whose connection is cut anywhere while it hands in a thousand jobs leaves no half request', async ({
    scene,
  }) => {
    const it = await scene({ workers: 1, callsPerSecond: 1_000, worker: { callsInFlight: 20 } });
    const proxy = await it.startProxy();
    const places = [300, 20_000, 60_000, 100_000, 200_000, 400_000];
    for (const [index, bytes] of places.entries()) {
      const producer = await CancelProducer.connect({
        redisUrl: proxy.url,
        queuePrefix: it.prefix,
        defaultRegion: 'ap-singapore',
        timeoutMs: 2_000,
      });
      const request = it.plan({
        invocations: 200,
        instances: 1,
        request: { idempotencyKey: `cut-${index}`, confirm: false },
      });
      proxy.cutAfter(bytes, 'there', index % 2 === 0 ? 'end' : 'reset');
      const first = await producer.enqueue(request).catch(({ code }) => String(code));
      if (typeof first === 'string') expect(first).toBe('REDIS_UNAVAILABLE');
      const { requestId } = await waitUntil('it is taken', () =>
        producer.enqueue(request).catch(() => undefined),
      );
      it.noteAsked(requestId, request);
      await producer.close();
    }
    expect(await requestsKnown(it)).toHaveLength(places.length);
    const { outcomes, repeats } = await it.verify({ fault: 'producer cut off in the middle of a request' });
    expect([outcomes, repeats]).toEqual([{ accepted: 200 * places.length }, 0]);
  });
});
