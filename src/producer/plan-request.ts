import { createHash, randomUUID } from 'node:crypto';
import { EnqueueError, type Problem } from '../shared/errors.js';
import type { PlannedJob, PlannedRequest } from '../shared/ledger/index.js';
import {
  type CancelRequest,
  cancelRequestSchema,
  defaultMaxInstancesPerRequest,
  describeIssues,
  idsPerCall,
} from '../shared/schemas.js';

export interface PlanOptions {
  /** For targets and requests that name no region. */
  readonly defaultRegion?: string;
  /** More instances than this in one request are refused; default 100,000. */
  readonly maxInstances?: number;
}

/**
 * Checks a request and splits it into jobs of at most 100 instances. Targets of the same invocation are put together,
 * doubled ids folded, and a whole invocation takes in the lists that it covers.
 * @throws {EnqueueError} `INVALID_REQUEST`, with every problem and where it is.
 */
export function planRequest(input: unknown, options: PlanOptions = {}): PlannedRequest {
  const parsed = cancelRequestSchema.safeParse(input);
  if (!parsed.success) throw invalid(describeIssues(parsed.error));
  const request = parsed.data;
  const instancesOf = collectTargets(request, options.defaultRegion);
  const jobs = [...instancesOf.values()].flatMap(splitIntoJobs);
  const most = options.maxInstances ?? defaultMaxInstancesPerRequest;
  const total = jobs.reduce((sum, job) => sum + (job.instanceIds?.length ?? 1), 0);
  if (total > most) {
    const message = `holds ${total} instances, more than the ${most} that one request may hold: split it up`;
    throw invalid([{ path: 'targets', message }]);
  }
  const priority = request.priority ?? 'normal';
  return {
    requestId: requestIdFor(request.idempotencyKey),
    fingerprint: fingerprintOf(request, jobs),
    priority,
    facts: {
      priority,
      confirm: request.confirm === false ? '0' : '1',
      ...(request.reason === undefined ? {} : { reason: request.reason }),
      ...(request.requestedBy === undefined ? {} : { requestedBy: request.requestedBy }),
      ...(request.label === undefined ? {} : { label: request.label }),
      ...(request.idempotencyKey === undefined ? {} : { idempotencyKey: request.idempotencyKey }),
    },
    jobs,
  };
}

interface CollectedTarget {
  readonly region: string;
  readonly invocationId: string;
  whole: boolean;
  readonly instanceIds: Set<string>;
}

function collectTargets(request: CancelRequest, defaultRegion?: string): Map<string, CollectedTarget> {
  const problems: Problem[] = [];
  const collected = new Map<string, CollectedTarget>();
  for (const [index, target] of request.targets.entries()) {
    const region = target.region ?? request.region ?? defaultRegion;
    if (region === undefined) {
      problems.push({
        path: `targets[${index}].region`,
        message: 'is missing, and there is no default region',
      });
      continue;
    }
    const key = `${region}|${target.invocationId}`;
    const known = collected.get(key);
    const entry = known ?? {
      region,
      invocationId: target.invocationId,
      whole: false,
      instanceIds: new Set(),
    };
    if (known === undefined) collected.set(key, entry);
    if (target.instanceIds === undefined) entry.whole = true;
    for (const id of target.instanceIds ?? []) entry.instanceIds.add(id);
  }
  if (problems.length > 0) throw invalid(problems);
  return collected;
}

function splitIntoJobs({ region, invocationId, whole, instanceIds }: CollectedTarget): PlannedJob[] {
  if (whole) return [{ region, invocationId }];
  const ids = [...instanceIds];
  const jobs: PlannedJob[] = [];
  for (let from = 0; from < ids.length; from += idsPerCall) {
    jobs.push({ region, invocationId, instanceIds: ids.slice(from, from + idsPerCall) });
  }
  return jobs;
}

/** Derived from the idempotency key, so that the same key always meets the same request; else unique. */
function requestIdFor(idempotencyKey: string | undefined): string {
  if (idempotencyKey !== undefined) {
    return `key-${createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 32)}`;
  }
  return `req-${Date.now().toString(36)}${randomUUID().replaceAll('-', '').slice(0, 16)}`;
}

/** Of everything that decides what is done; who asked may differ from try to try. */
function fingerprintOf(request: CancelRequest, jobs: readonly PlannedJob[]): string {
  const content = jobs
    .map(({ region, invocationId, instanceIds }) => [
      region,
      invocationId,
      instanceIds === undefined ? null : [...instanceIds].sort(),
    ])
    .map((job) => JSON.stringify(job))
    .sort();
  const facts = [
    request.priority ?? 'normal',
    request.confirm ?? true,
    request.reason ?? '',
    request.label ?? '',
  ];
  return createHash('sha256')
    .update(JSON.stringify([facts, content]))
    .digest('base64url');
}

function invalid(problems: readonly Problem[]): EnqueueError {
  return new EnqueueError(
    'INVALID_REQUEST',
    'The cancel request is not valid; nothing was enqueued:',
    problems,
  );
}
