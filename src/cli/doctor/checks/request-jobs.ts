import { CancelQueueView } from '../../../shared/cancel-queue-view.js';
import { JobReader, PoolLedger } from '../../../shared/ledger/index.js';
import { poolJobIdOf } from '../../../shared/pool-job.js';
import { type Check, fault, ok } from '../check.js';
import type { DoctorScene } from '../doctor-scene.js';
import { findLasting, nameSome } from '../lasting.js';

const requestsLooked = 50;
const jobsLooked = 2_000;
const queuedAfterMs = 30_000;

/** Work that the ledger counts on and that nothing in the queue stands for. */
export const requestJobs: Check = {
  name: 'requests',
  needs: 'redis',
  run: async (scene) => {
    const reader = new JobReader(scene.client, scene.prefix);
    const forgotten = await reader.unqueuedRequests(queuedAfterMs, requestsLooked);
    if (forgotten.length > 0) {
      return fault(
        `${nameSome(forgotten, 'request')} accepted but not in the queue`,
        'Their producer died meanwhile. A worker adds the jobs within seconds: start one, or look at the logs of those that run.',
      );
    }
    const missing = await findLasting(() => findMissing(scene));
    if (missing.length === 0) return ok('each invocation with work has its job in the queue');
    return fault(
      `${nameSome(missing, 'job')} missing from the queue`,
      'Removed by hand, or lost with Redis. A worker adds them again within seconds: start one, or look at the logs of those that run.',
    );
  },
};

async function findMissing({ client, prefix }: DoctorScene): Promise<string[]> {
  const { jobs } = await new PoolLedger(client, prefix).queued('0', jobsLooked);
  return await new CancelQueueView(client, prefix).findMissing(jobs.map(poolJobIdOf));
}
