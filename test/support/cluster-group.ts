import { Redis } from 'ioredis';
import { freePort } from './free-port.js';
import { PrivateRedis } from './private-redis.js';
import { waitUntil } from './wait-until.js';

const slots = 16_384;

/** A Redis Cluster of three masters without replicas. */
export class ClusterGroup {
  private constructor(readonly nodes: readonly PrivateRedis[]) {}

  static async start(): Promise<ClusterGroup> {
    const nodes = await Promise.all(
      Array.from({ length: 3 }, async () =>
        PrivateRedis.start({
          directives: [
            ['cluster-enabled', 'yes'],
            ['cluster-announce-ip', '127.0.0.1'],
            ['cluster-port', String(await freePort())],
            ['cluster-node-timeout', '2000'],
            ['cluster-require-full-coverage', 'no'],
          ],
        }),
      ),
    );
    const group = new ClusterGroup(nodes);
    await group.#join();
    return group;
  }

  get url(): string {
    return `redis+cluster://${this.nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`;
  }

  /** The master that holds a key. */
  async nodeOf(key: string): Promise<PrivateRedis> {
    const [any] = this.nodes;
    const client = new Redis(any?.url ?? '');
    const slot = await client.cluster('KEYSLOT', key);
    client.disconnect();
    const node = this.nodes[Math.floor((slot * this.nodes.length) / slots)];
    if (node === undefined) throw new Error('every slot has a node');
    return node;
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }

  async #join(): Promise<void> {
    const clients = this.nodes.map(({ url }) => new Redis(url));
    const count = clients.length;
    for (const [index, client] of clients.entries()) {
      const from = Math.ceil((index * slots) / count);
      await client.cluster('ADDSLOTSRANGE', from, Math.ceil(((index + 1) * slots) / count) - 1);
      for (const { port } of this.nodes) {
        const info = new Redis(`redis://127.0.0.1:${port}`);
        const [, busPort = ''] = ((await info.config('GET', 'cluster-port')) as string[]) ?? [];
        info.disconnect();
        await client.call('CLUSTER', 'MEET', '127.0.0.1', String(port), busPort);
      }
    }
    await waitUntil('the cluster is whole', async () => {
      const infos = await Promise.all(clients.map((client) => client.cluster('INFO')));
      return infos.every(
        (info) => String(info).includes('cluster_state:ok') && String(info).includes('cluster_known_nodes:3'),
      );
    });
    for (const client of clients) client.disconnect();
  }
}
