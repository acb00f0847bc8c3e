import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redisKeys } from '../../src/shared/redis-keys.js';
import { ServerScene, secrets } from '../support/server-scene.js';

describe('/v1/limit', () => {
  let scene: ServerScene;

  beforeAll(async () => {
    scene = await ServerScene.start();
  });
  afterAll(async () => {
    await scene.close();
  });

  it('tells, sets and resets the calls a second of all workers, and keeps an audit', async () => {
    const before = await scene.call('GET', '/v1/limit', { token: secrets.read });
    expect(before.body).toEqual({ callsPerSecond: 20, setting: 20, live: null });
    const body = { callsPerSecond: 5, reason: 'a test' };
    const set = await scene.call('PUT', '/v1/limit', { token: secrets.operate, body });
    expect([set.status, set.body]).toEqual([
      200,
      { callsPerSecond: 5, setting: 20, live: { ...body, by: 'ann', since: expect.any(Number) } },
    ]);
    const overview = await scene.call('GET', '/v1/overview', { token: secrets.read });
    expect(overview.body.liveLimit).toMatchObject(body);
    const reset = await scene.call('DELETE', '/v1/limit', { token: secrets.operate });
    expect(reset.body).toEqual({ callsPerSecond: 20, setting: 20, live: null });
    const entries = await scene.redis.xrange(redisKeys(scene.prefix).audit, '-', '+');
    const notes = entries.map(([, [, note = '']]) => JSON.parse(note));
    expect(notes).toMatchObject([
      { action: 'set-limit', details: body, by: 'ann', role: 'operate' },
      { action: 'reset-limit', by: 'ann', role: 'operate' },
    ]);
  });

  it('takes no limit above the setting, and nothing that is no whole number', async () => {
    for (const callsPerSecond of [21, 0, 2.5, '5']) {
      const answer = await scene.call('PUT', '/v1/limit', {
        token: secrets.operate,
        body: { callsPerSecond },
      });
      expect([answer.status, answer.body.code]).toEqual([400, 'INVALID_REQUEST']);
      expect(answer.body.problems[0].path).toBe('callsPerSecond');
    }
  });

  it('is changed by operators only', async () => {
    for (const token of [secrets.read, secrets.enqueue]) {
      const body = { callsPerSecond: 5 };
      expect((await scene.call('PUT', '/v1/limit', { token, body })).status).toBe(403);
      expect((await scene.call('DELETE', '/v1/limit', { token })).status).toBe(403);
    }
  });
});
