import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CancelProducer } from '../../../src/producer/index.js';
import { CliProcess } from '../../support/cli-process.js';
import { FaultScene } from '../../support/fault-scene.js';
import { freePort } from '../../support/free-port.js';
import { PrivateRedis } from '../../support/private-redis.js';
import { waitUntil } from '../../support/wait-until.js';

vi.setConfig({ testTimeout: 60_000 });

const prefix = '{evicting}';
const token = '5f1c0e9a7b3d48e2a6c4f0819d2b7e35';
const reason = 'Set maxmemory-policy noeviction';
const request = {
  targets: [{ region: 'ap-singapore', invocationId: 'inv-00000001', instanceIds: ['ins-00000001'] }],
};
const processes: CliProcess[] = [];
let redis: PrivateRedis;

beforeAll(async () => {
  redis = await PrivateRedis.start({ directives: [['maxmemory-policy', 'allkeys-lru']] });
});

afterAll(async () => {
  await Promise.all(processes.map((process) => process.kill()));
  await redis.stop();
});

function start(args: readonly string[], environment: Record<string, string> = {}): CliProcess {
  const process = new CliProcess(args, {
    REDIS_URL: redis.url,
    QUEUE_PREFIX: prefix,
    TENCENTCLOUD_REGION: 'ap-singapore',
    ...environment,
  });
  processes.push(process);
  return process;
}

describe('a Redis that evicts keys', () => {
  it('is refused by the library', async () => {
    const connected = CancelProducer.connect({ redisUrl: redis.url, queuePrefix: prefix });
    await expect(connected).rejects.toMatchObject({
      code: 'REDIS_UNFIT',
      message: expect.stringContaining(reason),
    });
  });

  it('is refused by commands', async () => {
    const command = start(['cancel', 'inv-00000001', 'ins-00000001']);
    expect(await command.exitCode()).toBe(3);
    expect(command.stderr).toContain(reason);
  });

  it('is refused by workers', async () => {
    const worker = start(['worker'], {
      TENCENTCLOUD_SECRET_ID: 'AKIDSIMULATOR',
      TENCENTCLOUD_SECRET_KEY: 'simulator-secret-key',
    });
    expect(await worker.exitCode()).toBe(3);
    expect(worker.stderr).toContain(reason);
  });

  it('has a server answer 503 with what to do, and take no request', async () => {
    const port = await freePort();
    const server = start(['serve', '--port', String(port)], { AUTH_TOKENS: `ann:operate:${token}` });
    await server.wrote('server started');
    const ready = await fetch(`http://127.0.0.1:${port}/readyz`);
    expect(ready.status).toBe(503);
    const asked = await fetch(`http://127.0.0.1:${port}/v1/cancel-requests`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(request),
    });
    expect(asked.status).toBe(503);
    expect(await asked.text()).toContain(reason);
  });

  it('that becomes one while a worker runs is told by its log', async () => {
    const scene = await FaultScene.start({ workers: 1 });
    try {
      await scene.redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
      const [worker] = scene.workers;
      const said = await waitUntil('the worker says so', () => worker?.saying(reason)[0]);
      expect(said).toMatchObject({ level: 50, policy: 'allkeys-lru' });
    } finally {
      await scene.close();
    }
  });

  it('that becomes one later is told by doctor', async () => {
    const doctor = start(['doctor', '--json']);
    expect(await doctor.exitCode()).toBe(1);
    expect(doctor.stdout).toContain('allkeys-lru');
  });
});
