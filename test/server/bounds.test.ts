import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeadLetterProjection } from '../../src/shared/dead-letters/index.js';
import { redisKeys } from '../../src/shared/redis-keys.js';
import { buryRequests } from '../support/buried-requests.js';
import { EventReader } from '../support/event-reader.js';
import { everyAddress, ServerScene, secrets } from '../support/server-scene.js';

let scene: ServerScene;
beforeAll(async () => {
  scene = await ServerScene.start({ environment: { METRICS_PORT: '0' } });
  await buryRequests(scene.redis, { prefix: scene.prefix, requests: 3 });
});
afterAll(() => scene.close());

const token = secrets.read;
const events = '/v1/overview/events';

describe('one token', () => {
  it('cannot take the streams of all others', async () => {
    const open = (of: string) => EventReader.open(scene.url + events, { authorization: `Bearer ${of}` });
    const readers = await Promise.all(Array.from({ length: 100 }, () => open(token)));
    expect(readers).toHaveLength(100);
    for (let asked = 0; asked < 900; asked += 100) {
      const refused = await Promise.all(
        Array.from({ length: 100 }, () => scene.call('GET', events, { token })),
      );
      expect(new Set(refused.map(({ status, body }) => `${status} ${body.code}`))).toEqual(
        new Set(['429 RATE_LIMITED']),
      );
    }
    const others = await open(secrets.operate);
    expect(await others.next()).toMatchObject({ event: 'overview' });
  });

  it.each([
    'jobsPerPage=1000000',
    'jobsPerPage=-1',
    'jobsPerPage=1e9',
    'page=99999999999',
    'jobsPerPage=1&jobsPerPage=2',
  ])('cannot ask the board for a page without end: %s', async (query) => {
    const answer = await scene.call('GET', `/queues/api/queues?activeQueue=tat-cancel&${query}`, { token });
    expect([answer.status, answer.body.code]).toEqual([400, 'INVALID_REQUEST']);
  });
});

describe('a letter that somebody changed by hand', () => {
  it('is shown on the board as what it is, among the others', async () => {
    const projection = new DeadLetterProjection(scene.redis, scene.prefix);
    await projection.refresh();
    await scene.redis.hset(redisKeys(scene.prefix).deadLetters, 'req-dead-1.0.letter', '{"cut');
    await scene.redis.hset(projection.queue.toKey('req-dead-0.0.letter'), 'data', '{"cut');
    await projection.close();
    const path = '/queues/api/queues?activeQueue=tat-cancel-dead-letter&page=1&jobsPerPage=10';
    const { status, body } = await scene.call('GET', path, { token });
    expect(status).toBe(200);
    const { jobs } = body.queues.find(({ name }: { name: string }) => name === 'tat-cancel-dead-letter');
    const reasons = Object.fromEntries(
      jobs.map(({ id, failedReason }: { id: string; failedReason: string }) => [id, failedReason]),
    );
    expect(Object.keys(reasons).sort()).toEqual([0, 1, 2].map((number) => `req-dead-${number}.0.letter`));
    expect(reasons['req-dead-1.0.letter']).toMatch(/^UnreadableLetter: /);
  });

  it('with a moment beyond all dates is unreadable, and not the end of whoever reads it', async () => {
    const key = redisKeys(scene.prefix).deadLetters;
    const lines = ((await scene.redis.hget(key, 'req-dead-2.0.letter')) ?? '').split('\n');
    const history = JSON.parse(lines[4] ?? '');
    history[0].at = 1e300;
    await scene.redis.hset(key, 'req-dead-2.0.letter', lines.with(4, JSON.stringify(history)).join('\n'));
    const { body } = await scene.call('GET', '/v1/dead-letters/req-dead-2.0.letter', { token });
    expect(body.error.code).toBe('UnreadableLetter');
  });
});

describe('readiness', () => {
  it('asks Redis once a second, however often it is asked', async () => {
    const count = async () =>
      Number(/cmdstat_info:calls=(\d+)/.exec(await scene.redis.info('commandstats'))?.[1]);
    const before = await count();
    const answers = await Promise.all(Array.from({ length: 300 }, () => scene.call('GET', '/readyz')));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect((await count()) - before).toBeLessThan(150);
  });
});

describe('the port of the metrics', () => {
  it('answers no web site whose name was pointed to this machine', async () => {
    const { server } = scene;
    const port = scene.metricsPort;
    expect(server).toBeDefined();
    const { request } = await import('node:http');
    const statusFor = (host: string) =>
      new Promise((resolve) => {
        request({ port, host: '127.0.0.1', path: '/metrics', headers: { host } }, (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        }).end();
      });
    expect(await statusFor('evil.example')).toBe(421);
    expect(await statusFor(`127.0.0.1:${port}`)).toBe(200);
    expect(await statusFor('localhost')).toBe(200);
  });
});

describe('answers', () => {
  it('are kept by no cache on the way', async () => {
    const reading = everyAddress(scene).filter(
      ({ method, route }) =>
        method === 'GET' &&
        /^\/(?:v1|openapi|metrics|livez|readyz|queues\/api)/.test(route) &&
        !route.endsWith('/events'),
    );
    for (const { method, path } of reading) {
      const answer = await scene.call(method, path, { token });
      expect([path, answer.headers.get('cache-control')]).toEqual([path, 'no-store']);
    }
  });
});
