import { afterEach, describe, expect, it } from 'vitest';
import { redisKeys } from '../../../src/shared/redis-keys.js';
import { CliProcess } from '../../support/cli-process.js';
import { freePort } from '../../support/free-port.js';
import { type Installation, startInstallation } from '../../support/installation.js';
import { countsOf, untilFinished } from '../../support/outcomes.js';
import { RedisProxy } from '../../support/redis-proxy.js';
import { waitUntil } from '../../support/wait-until.js';

const token = 'service-secret-7d1f9ac2e6b4';

let installation: Installation | undefined;
let proxy: RedisProxy | undefined;
const processes: CliProcess[] = [];

afterEach(async () => {
  await Promise.all(processes.splice(0).map((process) => process.kill()));
  await proxy?.stop();
  await installation?.close();
});

async function startServer(redisUrl: string, prefix: string, port: number): Promise<CliProcess> {
  const server = new CliProcess(['serve'], {
    REDIS_URL: redisUrl,
    QUEUE_PREFIX: prefix,
    TENCENTCLOUD_REGION: 'ap-singapore',
    PORT: String(port),
    AUTH_TOKENS: `service:enqueue:${token}`,
  });
  processes.push(server);
  await server.wrote('server started');
  return server;
}

function post(port: number, key: string, targets: object[]): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}/v1/cancel-requests`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify({ targets }),
  });
}

describe('a server that is killed after a request was accepted and before the answer went out', () => {
  it('leaves one request behind, which the client meets again when it repeats itself', async () => {
    installation = await startInstallation({ workers: 0 });
    const { redis, redisUrl, prefix, simulator, producer } = installation;
    const { invocationId, instanceIds } = simulator.addInvocation({ instances: 30 });
    const targets = [{ invocationId, instanceIds: [...instanceIds] }];
    proxy = await RedisProxy.start(Number(new URL(redisUrl).port));
    const port = await freePort();
    const server = await startServer(proxy.url, prefix, port);
    // So that Redis knows the scripts: nothing shall come between asking and accepting.
    await post(port, 'warm-up', [{ invocationId: 'inv-00000000', instanceIds: ['ins-00000000'] }]);
    await producer.withdraw((await producer.requests()).requests[0]?.requestId ?? '');

    proxy.delayMs = 600_000; // Redis hears everything, and nobody hears Redis
    const unanswered = post(port, 'incident-1', targets).then(
      () => 'answered',
      () => 'connection lost',
    );
    const { requests } = redisKeys(prefix);
    await waitUntil('the request is accepted', async () => (await redis.zcard(requests)) === 2);
    await server.kill();
    expect(await unanswered).toBe('connection lost');

    await startServer(redisUrl, prefix, port);
    const answers = await Promise.all([post(port, 'incident-1', targets), post(port, 'incident-1', targets)]);
    const bodies = (await Promise.all(answers.map((answer) => answer.json()))) as { requestId: string }[];
    expect(answers.map(({ status }) => status)).toEqual([202, 202]);
    expect(bodies).toEqual([
      { requestId: bodies[0]?.requestId, instances: 30, jobs: 1, duplicate: true, state: 'waiting' },
      { requestId: bodies[0]?.requestId, instances: 30, jobs: 1, duplicate: true, state: 'waiting' },
    ]);
    expect(await redis.zcard(requests)).toBe(2);
    installation.startWorker();
    const end = await untilFinished(installation, bodies[0]?.requestId ?? '');
    expect(countsOf(end)).toEqual({ terminated: 30 });
    expect(simulator.record.count('CancelInvocation')).toBe(1);
  }, 60_000);
});
