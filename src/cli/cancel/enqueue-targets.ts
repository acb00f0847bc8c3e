import { CancelProducer, type EnqueuedRequest, EnqueueError } from '../../producer/index.js';
import { planRequest } from '../../producer/plan-request.js';
import { defaultMaxInstancesPerRequest } from '../../shared/schemas.js';
import type { CliContext } from '../cli-context.js';
import { InterruptedError } from '../cli-errors.js';
import type { CliSettings } from '../cli-settings.js';
import { redisPatienceMs } from '../redis-access.js';
import { type RequestFacts, splitIntoRequests } from '../targets/split-into-requests.js';
import type { TargetCollection } from '../targets/target-collection.js';
import { countOf, formatCount } from '../text-format.js';
import { type CancelTally, tallyOf } from './cancel-tally.js';

export interface CancelBatch {
  readonly targets: TargetCollection;
  readonly facts: RequestFacts;
  readonly key: string | undefined;
}

/** What `enqueueTargets` would do. Asks nobody. */
export function planTargets(batch: CancelBatch, { region }: Pick<CliSettings, 'region'>): CancelTally {
  const requests: EnqueuedRequest[] = [];
  for (const { request } of partsOf(batch)) {
    const { requestId, jobs } = planRequest(request, region === undefined ? {} : { defaultRegion: region });
    const instances = jobs.reduce((sum, job) => sum + (job.instanceIds?.length ?? 1), 0);
    requests.push({ requestId, instances, jobs: jobs.length, duplicate: false });
  }
  return tallyOf(requests);
}

/**
 * Enqueues the targets, as several requests when they are too many for one. Each is accepted whole or not at all; when a
 * later one fails, the error says how far it got, and the same command again goes on from there.
 * @throws {EnqueueError} as the producer does
 * @throws {InterruptedError} on a signal between two requests
 */
export async function enqueueTargets(
  batch: CancelBatch,
  settings: CliSettings,
  context: CliContext,
): Promise<CancelTally> {
  const size = batch.targets.size;
  const isLarge = size > defaultMaxInstancesPerRequest;
  const interrupted = isLarge ? context.trapSignals() : undefined;
  const producer = await connect(settings);
  const requests: EnqueuedRequest[] = [];
  try {
    for (const { request } of partsOf(batch)) {
      if (interrupted?.aborted) throw new InterruptedError(`Interrupted. ${progressOf(requests)}`);
      requests.push(await producer.enqueue(request));
      if (isLarge) {
        const { instances } = tallyOf(requests);
        context.output.say(`${formatCount(instances)} of ${countOf(size, 'instance')} enqueued`);
      }
    }
    return tallyOf(requests);
  } catch (error) {
    if (!(error instanceof EnqueueError) || requests.length === 0) throw error;
    throw new EnqueueError(error.code, `${error.message}\n${progressOf(requests)}`, [], { cause: error });
  } finally {
    await producer.close();
  }
}

function progressOf(requests: readonly EnqueuedRequest[]): string {
  const { instances } = tallyOf(requests);
  const last = requests.at(-1)?.requestId;
  return requests.length === 0
    ? 'Nothing was enqueued.'
    : `${countOf(requests.length, 'request')} with ${countOf(instances, 'instance')} are enqueued (the last is ${last}). Run the same command again to go on: what is enqueued already is recognised.`;
}

function partsOf({ targets, facts, key }: CancelBatch) {
  return splitIntoRequests(targets.targets(), { facts, key, mostInstances: defaultMaxInstancesPerRequest });
}

async function connect(settings: CliSettings): Promise<CancelProducer> {
  return await CancelProducer.connect({
    redisUrl: settings.redisUrl,
    queuePrefix: settings.queuePrefix,
    timeoutMs: redisPatienceMs,
    ...(settings.region === undefined ? {} : { defaultRegion: settings.region }),
  });
}
