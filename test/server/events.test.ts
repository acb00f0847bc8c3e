import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EventReader } from '../support/event-reader.js';
import { type Installation, startInstallation } from '../support/installation.js';
import { ServerScene, secrets } from '../support/server-scene.js';

let installation: Installation;
let scene: ServerScene;
beforeAll(async () => {
  installation = await startInstallation({ workers: 0 });
  scene = await ServerScene.start({ prefix: installation.prefix });
});
afterAll(async () => {
  await scene.close();
  await installation.close();
});

const overviewPath = '/v1/overview/events';

function open(path: string, lastEventId?: string): Promise<EventReader> {
  return EventReader.open(scene.url + path, {
    authorization: `Bearer ${secrets.read}`,
    ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
  });
}

interface OverviewNews {
  readonly at: string;
  readonly second: readonly { second: number }[];
  readonly history?: unknown;
}

describe('news of the installation', () => {
  it('come every second, with each second of calls once', async () => {
    const reader = await open(overviewPath);
    const seconds: number[] = [];
    for (let count = 0; count < 4; count++) {
      const { event, id, data } = await reader.next<OverviewNews>();
      expect(event).toBe('overview');
      expect(data).toMatchObject({ waiting: { normal: { jobs: 0 } }, workers: [] });
      expect(data.history).toBeUndefined();
      seconds.push(...data.second.map(({ second }) => second));
      expect(Number(id)).toBe(seconds.at(-1));
    }
    reader.close();
    const first = seconds[0] ?? 0;
    expect(seconds).toEqual(seconds.map((_second, index) => first + index));
    expect(seconds.length).toBeGreaterThanOrEqual(4);
  });

  it('go on where a lost connection had got to', async () => {
    const before = await open(overviewPath);
    const { id = '' } = await before.next<OverviewNews>();
    before.close();
    const away = Number(id) - 20;
    const after = await open(overviewPath, String(away));
    const { data } = await after.next<OverviewNews>();
    after.close();
    expect(data.second[0]?.second).toBe(away + 1);
    expect(data.second.length).toBeGreaterThanOrEqual(20);
  });

  it('end in good order when the server goes down', async () => {
    const other = await ServerScene.start();
    const reader = await EventReader.open(other.url + overviewPath, {
      authorization: `Bearer ${secrets.read}`,
    });
    await reader.next();
    const startedAt = performance.now();
    await other.close();
    await expect(reader.rest()).resolves.toEqual(expect.any(Array));
    expect(performance.now() - startedAt).toBeLessThan(1_500);
  });
});

describe('streams', () => {
  it('are not cut off by the time that other answers may take', () => {
    const limits = scene.routes
      .filter(({ url, method }) => url.endsWith('/events') && method === 'GET')
      .map(({ url, handlerTimeout = 0 }) => [url, handlerTimeout / 3_600_000]);
    expect(limits).toEqual([
      ['/v1/overview/events', 24],
      ['/v1/cancel-requests/:id/events', 24],
    ]);
  });
});

describe('asking for the head of a stream', () => {
  it('opens none', async () => {
    const answer = await scene.call('HEAD', overviewPath, { token: secrets.read });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET']);
  });
});

describe('news of a request', () => {
  it('tell every change and end when it is settled', async () => {
    const { invocationId, instanceIds } = installation.simulator.addInvocation({ instances: 20 });
    const { requestId } = await installation.producer.enqueue({
      targets: [{ invocationId, instanceIds: [...instanceIds] }],
    });
    const path = `/v1/cancel-requests/${requestId}/events`;
    const reader = await open(path);
    const first = await reader.next<{ state: string; counts: Record<string, number> }>();
    expect(first).toMatchObject({ event: 'progress', data: { state: 'waiting', counts: { waiting: 20 } } });

    const again = await open(path, first.id);
    installation.startWorker();
    const news = [first, ...(await reader.rest<typeof first.data>())];
    const last = news.at(-1);
    expect(last).toMatchObject({ event: 'end', data: { state: 'finished', counts: { waiting: 0 } } });
    const ids = news.slice(0, -1).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);

    // Whoever had the first one is told only what came after it.
    const rest = await again.rest();
    expect(rest.map(({ id }) => id)).not.toContain(first.id);
    expect(rest.at(-1)).toMatchObject({ event: 'end', id: last?.id });

    const late = await open(path, last?.id);
    expect((await late.rest()).map(({ event }) => event)).toEqual(['end']);
  });
});
