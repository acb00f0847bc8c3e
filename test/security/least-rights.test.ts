import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { buryRequests } from '../support/buried-requests.js';
import { CliSession } from '../support/cli-session.js';
import { type Installation, startInstallation } from '../support/installation.js';
import { PrivateRedis } from '../support/private-redis.js';
import { everyAddress, ServerScene, secrets } from '../support/server-scene.js';
import { waitUntil } from '../support/wait-until.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** The line of docs/security.md, with the prefix that tests have in place of the usual one. */
function rights(): string[] {
  const text = readFileSync('docs/security.md', 'utf8');
  const line = /^ *ACL SETUSER tat-cancel (?<rights>.*)$/m.exec(text)?.groups?.rights ?? '';
  return line.replaceAll('{tat-cancel}:', '{test-').replace(/>\S+/, '>secret').split(' ');
}

let server: PrivateRedis;
let admin: Redis;
let installation: Installation;
let url: string;
beforeAll(async () => {
  server = await PrivateRedis.start({ directives: [['appendfsync', 'always']] });
  admin = new Redis(server.url);
  url = server.url.replace('redis://', 'redis://tat:secret@');
  await admin.call('ACL', 'SETUSER', 'tat', ...rights());
  installation = await startInstallation({
    redisUrl: url,
    workers: 0,
    simulator: { callsPerSecond: 0 },
    worker: { callsPerSecond: 1_000, timings: { reconcileEveryMs: 200 } },
  });
});
afterAll(async () => {
  await installation.close();
  admin.disconnect();
  await server.stop();
});

describe('the rights that the documents give a Redis user', () => {
  it('suffice for all that is done', async () => {
    const { simulator, producer, prefix, redis } = installation;
    installation.startWorker();
    const { invocationId, instanceIds } = simulator.addInvocation({ instances: 3 });
    const { requestId } = await producer.enqueue({
      targets: [{ invocationId, instanceIds: [...instanceIds, 'ins-strange1'] }],
    });
    await waitUntil('it ends', async () => (await producer.status(requestId))?.state === 'finished');
    await buryRequests(redis, { prefix, requests: 3 });
    const session = new CliSession(prefix);
    const environment = {
      REDIS_URL: url,
      TAT_ENDPOINT: simulator.url,
      TENCENTCLOUD_SECRET_ID: 'AKIDSIMULATOR',
      TENCENTCLOUD_SECRET_KEY: 'simulator-secret-key',
    };
    for (const args of [
      ['requests'],
      ['status', requestId],
      ['instances', requestId],
      ['queues'],
      ['doctor'],
      ['pause'],
      ['resume'],
      ['cancel', invocationId],
      ['dead-letters', 'list'],
      ['dead-letters', 'list', '--group'],
      ['dead-letters', 'redrive', '--request', 'req-dead-0', '--yes'],
      ['dead-letters', 'discard', '--request', 'req-dead-1', '--reason', 'x', '--yes'],
      ['withdraw', 'req-dead-2'],
      ['cancel', '--command', 'cmd-1a2b3c4d', '--dry-run'],
    ]) {
      const { exitCode, stderr } = await session.run(args, { environment });
      expect([args, exitCode, stderr]).toEqual([
        args,
        expect.any(Number),
        expect.not.stringContaining('NOPERM'),
      ]);
    }
    const scene = await ServerScene.start({ prefix, redisUrl: url });
    for (const { method, path } of everyAddress(scene)) {
      if (method !== 'GET' || path.endsWith('/events')) continue;
      const { status } = await scene.call(method, path, { token: secrets.operate });
      expect([path, status]).toEqual([path, expect.toSatisfy((code) => code < 500)]);
    }
    await scene.close();
    // What it is refused, the doctor does without.
    const log = (await admin.call('ACL', 'LOG')) as unknown[][];
    const objects = log.map((entry) => entry[entry.indexOf('object') + 1]);
    expect(objects.filter((object) => object !== 'config|get')).toEqual([]);
  });

  it('reach neither other keys nor the server itself', async () => {
    const user = new Redis(url);
    for (const command of [
      ['GET', 'other'],
      ['SET', 'other', '1'],
      ['EVAL', "return redis.call('GET', 'other')", '0'],
      ['FLUSHALL'],
      ['CONFIG', 'GET', '*'],
      ['KEYS', '*'],
      ['DEBUG', 'SLEEP', '0'],
      ['SHUTDOWN'],
      ['ACL', 'LIST'],
      ['REPLICAOF', 'NO', 'ONE'],
      ['MODULE', 'LIST'],
      ['MONITOR'],
      ['SUBSCRIBE', 'other'],
    ]) {
      const [name = '', ...rest] = command;
      await expect(user.call(name, ...rest)).rejects.toThrow(/NOPERM|No permissions|can't access/);
    }
    user.disconnect();
  });
});
