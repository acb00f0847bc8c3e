import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CancelQueue } from '../../src/shared/cancel-queue.js';
import { CancelQueueView } from '../../src/shared/cancel-queue-view.js';
import type { Priority } from '../../src/shared/schemas.js';
import { FairShares } from '../../src/worker/fair-shares.js';
import { CapturedLog } from '../support/captured-log.js';
import { connectToTestRedis, freshPrefix, removeKeysOf } from '../support/test-prefix.js';

const priorities: readonly Priority[] = ['urgent', 'normal', 'low'];

describe('fair shares of a queue that is full', () => {
  const client = connectToTestRedis();
  let prefix: string;
  let queue: CancelQueue;
  let shares: FairShares;

  beforeEach(() => {
    prefix = freshPrefix();
    queue = new CancelQueue(client, prefix);
    shares = new FairShares(queue, new CancelQueueView(client, prefix), new CapturedLog().logger);
  });
  afterEach(async () => {
    await queue.close();
    await removeKeysOf(client, prefix);
  });
  afterAll(() => client.disconnect());

  const add = (priority: Priority, count: number) =>
    queue.add(
      Array.from({ length: count }, (_, index) => ({
        region: `ap-${priority}`,
        invocationId: 'inv-00000001',
        generation: index + 1,
        rank: priorities.indexOf(priority),
        dueAtMs: 0,
      })),
    );
  /** How many jobs of which request are among the first. */
  const among = async (first: number) => {
    const names = (await queue.waitingJobIds(0, first)).map(
      (jobId) => jobId.split('.')[0]?.slice('ap-'.length) ?? '',
    );
    return names.reduce<Record<string, number>>(
      (counts, name) => Object.assign(counts, { [name]: (counts[name] ?? 0) + 1 }),
      {},
    );
  };

  it.for<[string, Partial<Record<Priority, number>>, Record<string, number>]>([
    ['normal and low ones behind urgent ones', { urgent: 30, normal: 30, low: 30 }, { normal: 6, low: 3 }],
    ['low ones behind normal ones, though nothing is urgent', { normal: 30, low: 30 }, { low: 3 }],
    ['low ones behind urgent ones', { urgent: 30, low: 30 }, { low: 3 }],
  ])('go to %s', async ([, waiting, expected]) => {
    for (const [priority, count] of Object.entries(waiting)) await add(priority as Priority, count);
    await shares.moveSome();
    const moved = Object.values(expected).reduce((sum, count) => sum + count);
    expect(await among(moved)).toEqual(expected);
    await shares.moveSome(); // no more until those are done
    const first = Object.keys(waiting)[0] ?? '';
    expect(await among(moved + 5)).toEqual({ ...expected, [first]: 5 });
  });

  it('are nobody’s business while all that waits is equal', async () => {
    await add('low', 10);
    const before = await queue.waitingJobIds(0, 10);
    await shares.moveSome();
    expect(await queue.waitingJobIds(0, 10)).toEqual(before);
  });
});
