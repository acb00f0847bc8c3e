// The process behind enqueueAndDie: hands a request in and ends like a crash at the point that its input names.
import { CancelProducer } from '../../src/producer/index.js';
import { CancelQueue } from '../../src/shared/cancel-queue.js';
import { Ledger, PoolLedger } from '../../src/shared/ledger/index.js';
import type { DyingProducerInput } from './dying-producer.js';

const { redisUrl, prefix, death, request } = JSON.parse(process.argv[2] ?? '') as DyingProducerInput;
const producer = await CancelProducer.connect({
  redisUrl,
  queuePrefix: prefix,
  defaultRegion: 'ap-singapore',
});

function die(): Promise<never> {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => {}); // nothing of it runs any further
}

switch (death) {
  case 'before the ledger knows':
    Ledger.prototype.accept = die;
    break;
  case 'before any job is added':
    CancelQueue.prototype.add = die;
    break;
  case 'when half the jobs are added': {
    const add = CancelQueue.prototype.add;
    CancelQueue.prototype.add = async function (this: CancelQueue, jobs) {
      await add.call(this, jobs.slice(0, Math.ceil(jobs.length / 2)));
      await die();
    };
    break;
  }
  case 'before the jobs are noted as added':
    PoolLedger.prototype.markQueued = die;
    break;
}
await producer.enqueue(request);
