import type { BlockedState, BlockedStateStore } from '../shared/blocked-state.js';
import type { JobReader, PoolLedger, RequestStatus, RequestStatusReader } from '../shared/ledger/index.js';
import { proofSeconds } from '../shared/overdue-proof.js';
import { poolJobIdOf } from '../shared/pool-job.js';
import type { QueueGlance } from '../shared/queue-glance.js';
import { idsPerCall } from '../shared/schemas.js';
import type { WorkerRoster } from '../shared/worker-roster.js';

/** An invocation has at most 200 instances, and a call takes 100. */
const callsPerInvocation = 2;

/** How a request gets on, and what stands in its way. */
export interface RequestProgress extends RequestStatus {
  /**
   * Time until every instance has its outcome, from the invocations ahead in the queue and the pace in force. An upper
   * bound where those have few instances. null when it can't be told: nobody works, held, paused, settled.
   * Instances that hold out make it wrong; `countOverdueProofs` knows them.
   */
  readonly etaSeconds: number | null;
  /** Why no calls are made at all, or null. */
  readonly held: BlockedState | null;
  /** Whether somebody paused the queue by hand. */
  readonly paused: boolean;
}

export interface ProgressSources {
  readonly statuses: RequestStatusReader;
  readonly jobs: JobReader;
  readonly pools: PoolLedger;
  readonly queue: QueueGlance;
  readonly held: BlockedStateStore;
  readonly roster: WorkerRoster;
}

/** Undefined when no request with this id is known. */
export async function readProgress(
  requestId: string,
  sources: ProgressSources,
): Promise<RequestProgress | undefined> {
  const status = await sources.statuses.read(requestId);
  if (status === undefined) return undefined;
  const [held, paused] = await Promise.all([sources.held.read(), sources.queue.isPaused()]);
  const canTell = status.settledAt === undefined && held === undefined && !paused;
  const etaSeconds = canTell ? await estimateSeconds(status, sources) : null;
  return { ...status, etaSeconds, held: held ?? null, paused };
}

async function estimateSeconds(status: RequestStatus, sources: ProgressSources): Promise<number | null> {
  const workers = await sources.roster.alive();
  if (workers.length === 0) return null;
  const callsPerSecond = Math.min(...workers.map((worker) => worker.callsPerSecond));
  const calls = status.counts.waiting === 0 ? 0 : await callsUntilDone(status, sources);
  return Math.ceil(calls / callsPerSecond + (status.confirm ? proofSeconds : 0));
}

/** Calls that go out before the request's last one, that one included. */
async function callsUntilDone(
  status: RequestStatus,
  { jobs, pools, queue }: ProgressSources,
): Promise<number> {
  const ownCalls = Math.ceil(status.counts.waiting / idsPerCall);
  const [last] = await jobs.jobs(status.requestId, status.jobs - 1, status.jobs);
  const generation = last === undefined ? undefined : await pools.generationOf(last);
  if (last === undefined || generation === undefined) return ownCalls;
  const jobId = poolJobIdOf({ ...last, generation });
  const [ahead = -1, held] = await Promise.all([queue.jobsAhead(jobId), queue.activeJobs()]);
  // Workers hold jobs that wait for their call; only an urgent request overtakes those.
  const heldAhead = status.priority === 'urgent' ? 0 : held;
  return Math.max(ownCalls, (heldAhead + ahead + 1) * callsPerInvocation);
}
