import { CancelQueueView } from '../../../shared/cancel-queue-view.js';
import { jobIdOf } from '../../../shared/job-ref.js';
import { isUnfinished, JobReader } from '../../../shared/ledger/index.js';
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
    const missing = await findLasting(() => findMissing(scene, reader));
    if (missing.length === 0) return ok('the oldest unsettled ones have all their jobs in the queue');
    return fault(
      `${nameSome(missing, 'job')} missing from the queue`,
      'Removed by hand, or lost with Redis. A worker adds them again within seconds: start one, or look at the logs of those that run.',
    );
  },
};

async function findMissing({ client, prefix }: DoctorScene, reader: JobReader): Promise<string[]> {
  const expected: string[] = [];
  for (const requestId of await reader.openRequests(0, requestsLooked)) {
    if (expected.length >= jobsLooked) break;
    // Jobs that are still being added are not missing.
    if (await reader.isUnqueued(requestId)) continue;
    const jobs = (await reader.outline(requestId))?.jobs ?? 0;
    const looked = await reader.jobs(requestId, 0, Math.min(jobs, jobsLooked - expected.length));
    for (const job of looked) {
      if (isUnfinished(job)) expected.push(jobIdOf({ requestId, position: job.position }, job.round));
    }
  }
  return await new CancelQueueView(client, prefix).findMissing(expected);
}
