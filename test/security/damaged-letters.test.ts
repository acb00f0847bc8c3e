import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DeadLetterProjection } from '../../src/shared/dead-letters/index.js';
import { deadLetterQueueName } from '../../src/shared/queue-names.js';
import { redisKeys } from '../../src/shared/redis-keys.js';
import { buryRequests } from '../support/buried-requests.js';
import { CliSession } from '../support/cli-session.js';
import { fullLengthOr } from '../support/full-length.js';
import { type Installation, startInstallation } from '../support/installation.js';
import { ServerScene, secrets } from '../support/server-scene.js';
import { FuzzSource } from './support/fuzz-source.js';
import { damageKey } from './support/hand-damage.js';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 60_000 });

const letters = fullLengthOr(1_000, 60);

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

describe('dead letters that somebody has changed by hand', () => {
  it('are listed as unreadable beside the others, and can be discarded', async () => {
    const fuzz = new FuzzSource('damaged letters');
    const { redis, prefix } = installation;
    await buryRequests(redis, { prefix, requests: letters });
    const projection = new DeadLetterProjection(redis, prefix);
    await projection.refresh();
    const key = redisKeys(prefix).deadLetters;
    const ids = await redis.hkeys(key);
    expect(ids).toHaveLength(letters);
    const done: string[] = [];
    for (const id of ids.slice(0, letters / 2)) {
      await redis.hset(key, id, fuzz.damage(Buffer.from((await redis.hget(key, id)) ?? '')));
      done.push(await damageKey(redis, projection.queue.toKey(id), fuzz));
    }
    await projection.close();
    const session = new CliSession(prefix);
    for (const args of [
      ['dead-letters', 'list', '--limit', '10000', '--json'],
      ['dead-letters', 'list'],
      ['dead-letters', 'list', '--group'],
      ['dead-letters', 'export', '--format', 'csv'],
      ['dead-letters', 'show', ids[0] ?? ''],
      ['queues'],
    ]) {
      const { exitCode, stderr } = await session.run(args);
      expect([args, exitCode, stderr, done.slice(0, 3)]).toEqual([
        args,
        expect.toSatisfy((code) => [0, 2, 3].includes(code)),
        expect.not.stringMatching(/unexpected:|cannot be reached/),
        expect.anything(),
      ]);
    }
    const paths = ['', '/groups', '/export', `/${ids[0]}`].map((path) => `/v1/dead-letters${path}`);
    for (const path of [
      ...paths,
      `/queues/api/queues?activeQueue=${deadLetterQueueName}&status=failed&page=1`,
      `/queues/api/queues/${deadLetterQueueName}/${ids[0]}`,
      '/metrics',
      '/v1/overview',
    ]) {
      const { status, body } = await scene.call('GET', path, { token: secrets.operate });
      if (status >= 500) expect([path, body?.code]).toEqual([path, 'DATA_DAMAGED']);
    }
    const { deadLetters } = await installation.deadLetters.list({}, { limit: 10_000 });
    const healthy = deadLetters.filter(({ error }) => error.code === 'NotConfirmed');
    expect(healthy.length).toBeGreaterThanOrEqual(letters / 2);
  });

  it('are left alone by a redrive, which still sends the others round', async () => {
    const session = new CliSession(installation.prefix);
    const unreadable = async () =>
      (await installation.deadLetters.list({ code: 'UnreadableLetter' }, { limit: 10_000 })).deadLetters
        .length;
    const before = await unreadable();
    const redriven = await session.run(['dead-letters', 'redrive', '--all', '--json']);
    expect(redriven).toMatchObject({ exitCode: expect.toSatisfy((code) => code <= 1) });
    expect(await unreadable()).toBe(before);
    const left = (await installation.deadLetters.list({ code: 'NotConfirmed' }, { limit: 10_000 }))
      .deadLetters;
    // What can be read, but names instances that its request never had, is left alone, too.
    const { unknown } = JSON.parse(redriven.stdout) as { unknown: string[] };
    expect(unknown).toEqual(expect.arrayContaining(left.map(({ id }) => id)));
    expect(left.length).toBeLessThan(letters / 4);
    await session.run(['dead-letters', 'discard', '--code', 'UnreadableLetter', '--reason', 'x']);
    expect(await unreadable()).toBe(0);
  });
});
