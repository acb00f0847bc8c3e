import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CancelQueue } from '../../src/shared/cancel-queue.js';
import { CancelQueueView } from '../../src/shared/cancel-queue-view.js';
import { JobReader, Ledger } from '../../src/shared/ledger/index.js';
import { MissingJobs } from '../../src/worker/missing-jobs.js';
import { CapturedLog } from '../support/captured-log.js';
import { connectToTestRedis, freshPrefix, removeKeysOf } from '../support/test-prefix.js';

describe('the search for jobs that the queue has lost', () => {
  const client = connectToTestRedis();
  let prefix: string;
  let ledger: Ledger;
  let queue: CancelQueue;
  let missing: MissingJobs;

  beforeEach(() => {
    prefix = freshPrefix();
    ledger = new Ledger(client, prefix);
    queue = new CancelQueue(client, prefix);
    const view = new CancelQueueView(client, prefix);
    const { logger } = new CapturedLog();
    missing = new MissingJobs({ jobReader: new JobReader(client, prefix), queue, view, logger });
  });
  afterEach(async () => {
    await queue.close();
    await removeKeysOf(client, prefix);
  });
  afterAll(() => client.disconnect());

  async function accept(requestId: string, count: number) {
    const jobs = Array.from({ length: count }, (_, position) => ({
      region: 'ap-singapore',
      invocationId: 'inv-00000001',
      instanceIds: [`ins-${String(position).padStart(8, '0')}`],
    }));
    await ledger.accept({ requestId, fingerprint: requestId, priority: 'normal', facts: {}, jobs });
    await ledger.markQueued(requestId);
    return jobs.map((job, position) => ({ ...job, position }));
  }

  it('also comes to the request behind one that takes up a whole round', async () => {
    const jobs = await accept('large', 2_000); // as many as one round looks at
    await queue.add('large', 'normal', jobs);
    await accept('lost', 1);
    for (let round = 0; round < 6; round++) await missing.requeueSome();
    expect(await queue.queue.getJob('lost.0')).toBeDefined();
  });
});
