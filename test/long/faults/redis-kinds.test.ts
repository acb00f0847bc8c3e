import { Redis } from 'ioredis';
import { describe, expect } from 'vitest';
import { ClusterGroup } from '../../support/cluster-group.js';
import { it } from '../../support/fault-test.js';
import { pass } from '../../support/pass-time.js';
import { PrivateRedis } from '../../support/private-redis.js';
import { SentinelGroup } from '../../support/sentinel-group.js';
import { waitUntil } from '../../support/wait-until.js';

async function untilRole(role: 'master' | 'slave', { url }: PrivateRedis): Promise<void> {
  const client = new Redis(url);
  client.on('error', () => {});
  await waitUntil(`it is ${role}`, async () => ((await client.role()) as unknown[])[0] === role);
  client.disconnect();
}

describe.concurrent('a group of Redis with sentinels', () => {
  it.for(['killed', 'stopped for 8 s', 'told to change places'])(
    'whose master is %s goes on with the replica',
    async (what, { scene }) => {
      const store = await SentinelGroup.start();
      const it = await scene({ store });
      await it.ask({ invocations: 150 });
      await it.calls(20);
      await it.disrupt('failover', async () => {
        if (what === 'killed') await store.master.kill();
        else if (what === 'told to change places') await store.switchOver();
        else {
          process.kill(store.master.pid, 'SIGSTOP');
          await pass(8_000);
          process.kill(store.master.pid, 'SIGCONT');
        }
        await untilRole('master', store.replica);
        // What it acknowledges until the sentinels have told it that it is no master any more is lost.
        if (what !== 'killed') await untilRole('slave', store.master);
        await waitUntil('requests are taken again', () => it.ask({ invocations: 40 }).catch(() => undefined));
      });
      const { outcomes } = await it.verify({ fault: `Sentinel: master ${what}` });
      expect(outcomes).toEqual({ terminated: 950 });
    },
  );
});

describe.concurrent('a Redis Cluster of three masters', () => {
  it('does the work, also when the master that holds the data is killed and restarted', async ({ scene }) => {
    const store = await ClusterGroup.start();
    const it = await scene({ store });
    await it.ask({ invocations: 100 });
    await it.calls(20);
    const node = await store.nodeOf(`${it.prefix}:x`);
    await it.disrupt('our master is away', async () => {
      await node.kill();
      await pass(1_000);
      await node.restart();
      await waitUntil('requests are taken again', () => it.ask({ invocations: 40 }).catch(() => undefined));
    });
    const { outcomes } = await it.verify({ fault: 'Cluster: the master with our data killed and restarted' });
    expect(outcomes).toEqual({ terminated: 700 });
  });

  it('does not mind the loss of a master that holds nothing of ours', async ({ scene }) => {
    const store = await ClusterGroup.start();
    const it = await scene({ store });
    await it.ask({ invocations: 100 });
    await it.calls(20);
    const ours = await store.nodeOf(`${it.prefix}:x`);
    await it.disrupt('another master is gone', async () => {
      await store.nodes.find((node) => node !== ours)?.kill();
      await it.calls(20);
    });
    const { outcomes } = await it.verify({ fault: 'Cluster: another master killed for good' });
    expect(outcomes).toEqual({ terminated: 500 });
  });
});

describe.concurrent('a Redis that gives little', () => {
  it('needs no more rights than docs/guarantees.md names, and a password may be odd', async ({ scene }) => {
    const server = await PrivateRedis.start();
    const admin = new Redis(server.url);
    const rights = ['~{faults}:*', '~b_{faults}:*', '&*', '+@all', '-@dangerous', '-@admin', '+info'];
    await admin.call('ACL', 'SETUSER', 'cancel', 'on', '>p@ss:w/rd?', ...rights);
    admin.disconnect();
    const login = `cancel:${encodeURIComponent('p@ss:w/rd?')}`;
    const url = server.url.replace('//', `//${login}@`);
    const it = await scene({ store: { url, stop: () => server.stop() } });
    const request = it.plan({ invocations: 60 });
    const [first, ...others] = request.targets;
    if (first === undefined) throw new Error('there are targets');
    const targets = [{ ...first, instanceIds: [...(first.instanceIds ?? []), 'ins-stranger1'] }, ...others];
    await it.enqueue({ targets });
    const { outcomes, repeats } = await it.verify({ fault: 'Redis user with the least rights' });
    expect([outcomes, repeats]).toEqual([{ terminated: 300, 'dead-lettered': 1 }, 5]);
    expect(it.workers.flatMap((worker) => worker.saying('trouble'))).toEqual([]);
  });

  it('being a replica refuses requests and has workers wait, until it is made a master', async ({
    scene,
  }) => {
    const master = await PrivateRedis.start();
    const it = await scene();
    await it.ask({ invocations: 60 });
    await it.calls(10);
    await it.disrupt('read-only', async () => {
      await master.kill(); // a replica of nobody who answers keeps its data and takes no writes
      await it.redis.replicaof('127.0.0.1', master.port);
      await expect(it.producer.enqueue(it.plan({ invocations: 1 }))).rejects.toMatchObject({
        code: 'REDIS_REFUSED',
      });
      await pass(2_000);
      await it.redis.replicaof('NO', 'ONE');
    });
    const { outcomes } = await it.verify({ fault: 'Redis is a read-only replica for 2 s' });
    expect(outcomes).toEqual({ terminated: 300 });
    await master.stop();
  });
});
