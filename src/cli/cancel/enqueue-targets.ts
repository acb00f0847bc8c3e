import {
  type CancelProducer,
  type CancelRequest,
  type EnqueuedRequest,
  EnqueueError,
} from '../../producer/index.js';
import { planRequest } from '../../producer/plan-request.js';
import { defaultMaxInstancesPerRequest } from '../../shared/schemas.js';
import type { CliContext } from '../cli-context.js';
import { InterruptedError } from '../cli-errors.js';
import type { CliSettings } from '../cli-settings.js';
import { bulkPatienceMs, redisPatienceMs, withProducer } from '../open-producer.js';
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
    requests.push({ requestId, instances, jobs: jobs.length, duplicate: false, state: 'waiting' });
  }
  return tallyOf(requests);
}

/**
 * Enqueues the targets, as several requests when they are too many for one. Each is accepted whole or not at all; when a
 * later one fails, the error says how far it got, and the same command again goes on from there. `onAccepted` hears of
 * each at once.
 * @throws {EnqueueError} as the producer does
 * @throws {InterruptedError} on a signal between two requests
 */
export async function enqueueTargets(
  batch: CancelBatch,
  settings: CliSettings,
  context: CliContext,
  onAccepted: (request: EnqueuedRequest) => void = () => {},
): Promise<CancelTally> {
  const size = batch.targets.counts.instances;
  const isLarge = size > defaultMaxInstancesPerRequest;
  const interrupted = isLarge ? context.trapSignals() : undefined;
  const requests: EnqueuedRequest[] = [];
  const enqueueParts = async (producer: CancelProducer) => {
    for (const { request } of partsOf(batch)) {
      if (interrupted?.aborted) throw new InterruptedError(`Interrupted. ${progressOf(requests)}`);
      const accepted = await enqueuePart(producer, request, requests);
      requests.push(accepted);
      onAccepted(accepted);
      if (!isLarge) continue;
      const { instances } = tallyOf(requests);
      context.output.say(`${formatCount(instances)} of ${countOf(size, 'instance')} enqueued`);
    }
    return tallyOf(requests);
  };
  return await withProducer(settings, enqueueParts, isLarge ? bulkPatienceMs : redisPatienceMs);
}

async function enqueuePart(
  producer: CancelProducer,
  request: CancelRequest,
  earlier: readonly EnqueuedRequest[],
): Promise<EnqueuedRequest> {
  try {
    return await producer.enqueue(request);
  } catch (error) {
    if (!(error instanceof EnqueueError) || earlier.length === 0) throw error;
    throw new EnqueueError(error.code, `${error.message}\n${progressOf(earlier)}`, [], { cause: error });
  }
}

function progressOf(requests: readonly EnqueuedRequest[]): string {
  if (requests.length === 0) return 'Nothing was enqueued.';
  const { instances } = tallyOf(requests);
  const last = requests.at(-1)?.requestId;
  return `${countOf(requests.length, 'request')} with ${countOf(instances, 'instance')} are enqueued already, the last is ${last}. The same command finds them again and goes on.`;
}

function partsOf({ targets, facts, key }: CancelBatch) {
  return splitIntoRequests(targets.drain(), { facts, key, mostInstances: defaultMaxInstancesPerRequest });
}
