import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { CliProcess } from '../support/cli-process.js';
import { EventReader } from '../support/event-reader.js';
import { freePort } from '../support/free-port.js';
import { connectToTestRedis, freshPrefix, removeKeysOf } from '../support/test-prefix.js';
import { waitUntil } from '../support/wait-until.js';

const prefix = freshPrefix();
const secret = 'operator-secret-7d1f9ac2e6b4';
const processes: CliProcess[] = [];

afterEach(async () => {
  await Promise.all(processes.splice(0).map((process) => process.kill()));
  const redis = connectToTestRedis();
  await removeKeysOf(redis, prefix);
  redis.disconnect();
});

function start(args: string[], environment: Record<string, string> = {}): CliProcess {
  const process = new CliProcess(args, {
    REDIS_URL: inject('redisUrl'),
    QUEUE_PREFIX: prefix,
    ...environment,
  });
  processes.push(process);
  return process;
}

describe('tat-cancel serve', () => {
  it('does not listen for others without tokens, and says what to do', async () => {
    const server = start(['serve', '--host', '0.0.0.0']);
    expect(await server.exitCode()).toBe(2);
    expect(server.stderr).toMatch(/AUTH_TOKENS: is missing: with HOST=0\.0\.0\.0 others could stop commands/);
  });

  it('shows no secret when tokens are malformed', async () => {
    const server = start(['serve'], { AUTH_TOKENS: `ann:king:${secret}` });
    expect(await server.exitCode()).toBe(2);
    expect(server.stderr).toContain('entry 1 (ann) has a role that is none of read, enqueue, operate');
    expect(server.stderr).not.toContain(secret);
  });

  it('says that its port is taken', async () => {
    const port = String(await freePort());
    await start(['serve', '--port', port]).wrote('server started');
    const second = start(['serve', '--port', port]);
    expect(await second.exitCode()).toBe(2);
    expect(second.stderr).toMatch(/port .* is taken: choose others/i);
  });

  it('ends with 0 on SIGTERM, with readers of streams still there', async () => {
    const port = await freePort();
    const server = start(['serve', '--port', String(port)], { AUTH_TOKENS: `ann:operate:${secret}` });
    await server.wrote('server started');
    const reader = await EventReader.open(`http://127.0.0.1:${port}/v1/overview/events`, {
      authorization: `Bearer ${secret}`,
    });
    await reader.next();
    server.signal('SIGTERM');
    expect(await server.exitCode()).toBe(0);
    await reader.rest();
    expect(server.stderr).toContain('server stopped');
    expect(server.stderr).not.toContain(secret);
  });
});

describe('tat-cancel serve, told to stop', () => {
  it('does not wait for connections that were opened ahead and never used', async () => {
    const port = await freePort();
    const server = start(['serve', '--port', String(port)], { SHUTDOWN_GRACE_MS: '60000' });
    await server.wrote('server started');
    const spare = connect(port, '127.0.0.1');
    await once(spare, 'connect');
    await fetch(`http://127.0.0.1:${port}/livez`); // answered later than the other was taken in
    const ended = once(spare, 'close');
    server.signal('SIGTERM');
    expect(await server.exitCode()).toBe(0);
    await ended;
  });
});

describe('tat-cancel worker', () => {
  it('has its metrics on METRICS_PORT', async () => {
    const port = await freePort();
    const worker = start(['worker'], {
      METRICS_PORT: String(port),
      TAT_ENDPOINT: 'http://127.0.0.1:9',
      TENCENTCLOUD_SECRET_ID: 'AKIDSIMULATOR',
      TENCENTCLOUD_SECRET_KEY: 'simulator-secret-key',
    });
    await worker.wrote('worker started');
    const text = await waitUntil('the worker has metrics', async () =>
      (await fetch(`http://127.0.0.1:${port}/metrics`)).text(),
    );
    expect(text).toMatch(/tat_cancel_build_info\{version="[^"]+",node="[^"]+",role="worker"\} 1/);
    expect(text).toContain('nodejs_eventloop_lag_p99_seconds');
    worker.signal('SIGTERM');
    expect(await worker.exitCode()).toBe(0);
  });
});
