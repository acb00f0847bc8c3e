import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findBuildProblem } from '../../support/built-dist.js';
import { CliProcess } from '../../support/cli-process.js';
import { spawnBound } from '../../support/die-with-parent.js';
import { freePort } from '../../support/free-port.js';
import { findRedisServer, PrivateRedis } from '../../support/private-redis.js';

const certificate = resolve('test/support/misbehaving-server-cert.pem');
const tlsDirectives: [string, string][] = [
  ['tls-cert-file', certificate],
  ['tls-key-file', resolve('test/support/misbehaving-server-key.pem')],
  ['tls-ca-cert-file', certificate],
  ['tls-auth-clients', 'no'],
];

let problem: string | undefined;
const servers: PrivateRedis[] = [];
const directory = mkdtempSync(join(tmpdir(), 'tat-cancel-sentinel-'));
let sentinel: ChildProcess | undefined;

beforeAll(() => {
  problem = findBuildProblem();
});

afterAll(async () => {
  if (sentinel?.exitCode === null) {
    const gone = once(sentinel, 'exit');
    sentinel.kill('SIGKILL');
    await gone;
  }
  await Promise.all(servers.map((server) => server.stop()));
  rmSync(directory, { recursive: true, force: true });
});

/** A Redis that also speaks TLS; resolves with that port. */
async function startServer(
  ...directives: [string, string][]
): Promise<{ server: PrivateRedis; tls: number }> {
  const tls = await freePort();
  const all: [string, string][] = [['tls-port', String(tls)], ...tlsDirectives, ...directives];
  const server = await PrivateRedis.start({ appendOnly: false, directives: all });
  servers.push(server);
  return { server, tls };
}

/** Asks for the queues over this URL; the certificate is trusted unless said otherwise. */
async function ask(url: string, trusted = true): Promise<{ exitCode: number | null; stderr: string }> {
  expect(problem).toBeUndefined();
  const cli = new CliProcess(['queues', '--json'], {
    REDIS_URL: url,
    ...(trusted ? { NODE_EXTRA_CA_CERTS: certificate } : {}),
  });
  const exitCode = await cli.exitCode();
  return { exitCode, stderr: cli.stderr };
}

describe('Redis over TLS', () => {
  it('works with a single server whose certificate is trusted, and with no other', async () => {
    const { tls } = await startServer();
    expect(await ask(`rediss://localhost:${tls}`)).toEqual({ exitCode: 0, stderr: '' });
    const refused = await ask(`rediss://localhost:${tls}`, false);
    expect(refused).toEqual({ exitCode: 3, stderr: expect.stringContaining('self-signed certificate') });
  });

  it('works with a cluster', async () => {
    const { server, tls } = await startServer(
      ['cluster-enabled', 'yes'],
      ['tls-cluster', 'yes'],
      ['cluster-announce-ip', '127.0.0.1'], // a node that is alone has not learnt its own
      ['cluster-port', String(await freePort())],
    );
    const admin = new Redis(server.url);
    await admin.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    const state = async () => String(await admin.call('CLUSTER', 'INFO'));
    await expect.poll(state, { timeout: 10_000 }).toContain('cluster_state:ok');
    admin.disconnect();
    expect(await ask(`rediss+cluster://localhost:${tls}`)).toEqual({ exitCode: 0, stderr: '' });
    const refused = await ask(`rediss+cluster://localhost:${tls}`, false);
    expect(refused.exitCode).toBe(3);
  });

  it('works with sentinels', async () => {
    const { tls } = await startServer(['tls-replication', 'yes']);
    const port = await freePort();
    const config = join(directory, 'sentinel.conf');
    writeFileSync(
      config,
      [
        'port 0',
        `tls-port ${port}`,
        ...tlsDirectives.map((directive) => directive.join(' ')),
        'tls-replication yes',
        `dir ${directory}`,
        `sentinel monitor mymaster 127.0.0.1 ${tls} 1`,
      ].join('\n'),
    );
    sentinel = spawnBound(findRedisServer() ?? '', [config, '--sentinel']);
    const url = `rediss+sentinel://localhost:${port}/mymaster`;
    await expect.poll(() => ask(url), { timeout: 20_000 }).toEqual({ exitCode: 0, stderr: '' });
    expect((await ask(url, false)).exitCode).toBe(3);
  });
});
