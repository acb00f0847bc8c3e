import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { spawnBound } from './die-with-parent.js';
import { freePort } from './free-port.js';
import { PrivateRedis } from './private-redis.js';
import { waitUntil } from './wait-until.js';

const downAfterMs = 2_000;

/** A master, a replica and three sentinels that replace the master when it does not answer for two seconds. */
export class SentinelGroup {
  private constructor(
    readonly master: PrivateRedis,
    readonly replica: PrivateRedis,
    private readonly sentinels: readonly ChildProcess[],
    private readonly ports: readonly number[],
    private readonly directory: string,
  ) {}

  static async start(): Promise<SentinelGroup> {
    const master = await PrivateRedis.start({ directives: [['repl-diskless-sync-delay', '0']] });
    const replica = await PrivateRedis.start();
    const client = new Redis(replica.url);
    await client.replicaof('127.0.0.1', master.port);
    // One that has not got the data yet would become a master without them.
    await waitUntil('the replica has the data', async () => (await client.role())[3] === 'connected');
    client.disconnect();
    const directory = mkdtempSync(join(tmpdir(), 'tat-cancel-sentinels-'));
    const ports = [await freePort(), await freePort(), await freePort()];
    const sentinels = ports.map((port) => {
      const file = join(directory, `${port}.conf`);
      writeFileSync(file, configuration(port, master.port));
      return spawnBound('redis-server', [file, '--sentinel']);
    });
    const group = new SentinelGroup(master, replica, sentinels, ports, directory);
    await group.#untilAgreed();
    return group;
  }

  get url(): string {
    return `redis+sentinel://${this.ports.map((port) => `127.0.0.1:${port}`).join(',')}/limiter`;
  }

  /** Asks the sentinels to let master and replica change places, both being well. */
  async switchOver(): Promise<void> {
    const client = new Redis({ port: this.ports[0] ?? 0, host: '127.0.0.1' });
    await client.call('SENTINEL', 'FAILOVER', 'limiter');
    client.disconnect();
  }

  async stop(): Promise<void> {
    for (const sentinel of this.sentinels) {
      const gone = once(sentinel, 'exit');
      sentinel.kill('SIGKILL');
      await gone;
    }
    await this.master.stop();
    await this.replica.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** A fail-over needs sentinels that know each other and the replica. */
  async #untilAgreed(): Promise<void> {
    const client = new Redis({ port: this.ports[0] ?? 0, host: '127.0.0.1', maxRetriesPerRequest: null });
    client.on('error', () => {}); // refused until the sentinel listens
    for (;;) {
      const [sentinels, replicas] = await Promise.all([
        client.call('SENTINEL', 'SENTINELS', 'limiter') as Promise<unknown[]>,
        client.call('SENTINEL', 'REPLICAS', 'limiter') as Promise<unknown[]>,
      ]);
      if (sentinels.length === 2 && replicas.length === 1) break;
      await sleep(200);
    }
    client.disconnect();
  }
}

function configuration(port: number, masterPort: number): string {
  return [
    `port ${port}`,
    'bind 127.0.0.1',
    `sentinel monitor limiter 127.0.0.1 ${masterPort} 2`,
    `sentinel down-after-milliseconds limiter ${downAfterMs}`,
    'sentinel failover-timeout limiter 5000',
  ].join('\n');
}
