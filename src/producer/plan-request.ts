import { createHash, createHmac, randomUUID } from 'node:crypto';
import { EnqueueError, type Problem } from '../shared/errors.js';
import type { PlannedJob, PlannedRequest } from '../shared/ledger/index.js';
import { type CancelRequest, defaultMaxInstancesPerRequest, idsPerCall } from '../shared/schemas.js';
import { checkRequest, fieldsOf } from './check-request.js';
import { atOnce, inTurns, type Steps } from './in-steps.js';

/** Between two turns of others. */
const targetsPerStep = 500;

export interface PlanOptions {
  /** For targets and requests that name no region. */
  readonly defaultRegion?: string;
  /** More instances than this in one request are refused; default 100,000. */
  readonly maxInstances?: number;
  /** Whose idempotency key it is. The same key of another owner is another key. */
  readonly keyOwner?: string | undefined;
}

/**
 * Checks a request and splits it into jobs of at most 100 instances. Targets of the same invocation are put together,
 * doubled ids folded, and a whole invocation takes in the lists that it covers.
 * @throws {EnqueueError} `INVALID_REQUEST`, with every problem and where it is.
 */
export function planRequest(input: unknown, options: PlanOptions = {}): PlannedRequest {
  return atOnce(planInSteps(input, options));
}

/** The same; a large request takes a good part of a second, in which others get their turn. */
export async function planRequestInTurns(input: unknown, options: PlanOptions = {}): Promise<PlannedRequest> {
  return await inTurns(planInSteps(input, options));
}

function* planInSteps(input: unknown, options: PlanOptions): Steps<PlannedRequest> {
  const most = options.maxInstances ?? defaultMaxInstancesPerRequest;
  refuseFlood(input, most);
  const checked = yield* checkRequest(input, options.defaultRegion);
  if (checked.problems !== undefined) throw invalid(checked.problems);
  const { request } = checked;
  const targets = yield* collectTargets(request, options.defaultRegion);
  const jobs: PlannedJob[] = [];
  for (const [index, target] of targets.entries()) {
    if (index % targetsPerStep === 0) yield;
    for (const job of splitIntoJobs(target)) jobs.push(job);
  }
  const total = jobs.reduce((sum, job) => sum + (job.instanceIds?.length ?? 1), 0);
  if (total > most) throw tooLarge(total, most);
  const priority = request.priority ?? 'normal';
  return {
    requestId: requestIdFor(request.idempotencyKey, options.keyOwner),
    fingerprint: yield* fingerprintOf(request, targets),
    priority,
    facts: {
      priority,
      confirm: request.confirm === false ? '0' : '1',
      ...(request.reason === undefined ? {} : { reason: request.reason }),
      ...(request.requestedBy === undefined ? {} : { requestedBy: request.requestedBy }),
      ...(request.label === undefined ? {} : { label: request.label }),
      ...(request.webhook === undefined ? {} : { webhook: request.webhook }),
      ...(request.idempotencyKey === undefined ? {} : { idempotencyKey: request.idempotencyKey }),
    },
    jobs,
  };
}

/**
 * Looking at every one of millions of ids, and naming all that is wrong with them, would keep everybody else in this
 * process waiting. Doubled ids are folded later, so there may be some more than in the end.
 */
function refuseFlood(input: unknown, most: number): void {
  const { targets } = fieldsOf(input);
  if (!Array.isArray(targets)) return;
  let named = 0;
  for (const target of targets) {
    const { instanceIds } = fieldsOf(target);
    named += Array.isArray(instanceIds) ? Math.max(1, instanceIds.length) : 1;
  }
  if (named > 2 * most) throw tooLarge(named, most);
}

function tooLarge(total: number, most: number): EnqueueError {
  const message = `holds ${total} instances, more than the ${most} that one request may hold: split it up`;
  return invalid([{ path: 'targets', message }]);
}

interface CollectedTarget {
  readonly region: string;
  readonly invocationId: string;
  whole: boolean;
  readonly instanceIds: Set<string>;
}

function* collectTargets(request: CancelRequest, defaultRegion = ''): Steps<CollectedTarget[]> {
  const collected = new Map<string, CollectedTarget>();
  for (const [index, { invocationId, instanceIds, ...target }] of request.targets.entries()) {
    if (index % targetsPerStep === 0) yield;
    const region = target.region ?? request.region ?? defaultRegion;
    const key = `${region}|${invocationId}`;
    const known = collected.get(key);
    const entry = known ?? { region, invocationId, whole: false, instanceIds: new Set() };
    if (known === undefined) collected.set(key, entry);
    if (instanceIds === undefined) entry.whole = true;
    for (const id of instanceIds ?? []) entry.instanceIds.add(id);
  }
  return [...collected.values()];
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
function requestIdFor(idempotencyKey: string | undefined, owner: string | undefined): string {
  if (idempotencyKey !== undefined) {
    const hash = owner === undefined ? createHash('sha256') : createHmac('sha256', owner);
    return `key-${hash.update(idempotencyKey).digest('hex').slice(0, 32)}`;
  }
  return `req-${Date.now().toString(36)}${randomUUID().replaceAll('-', '').slice(0, 16)}`;
}

/** Of everything that decides what is done, in whatever order it is listed; who asked may differ from try to try. */
function* fingerprintOf(request: CancelRequest, targets: readonly CollectedTarget[]): Steps<string> {
  const content: string[] = [];
  for (const [index, { region, invocationId, whole, instanceIds }] of targets.entries()) {
    if (index % targetsPerStep === 0) yield;
    content.push(JSON.stringify([region, invocationId, whole ? null : [...instanceIds].sort()]));
  }
  content.sort();
  yield;
  const facts = [
    request.priority ?? 'normal',
    request.confirm ?? true,
    request.reason ?? '',
    request.label ?? '',
    // Only where there is one: what was accepted before it counted must be found again.
    ...(request.webhook === undefined ? [] : [request.webhook]),
  ];
  // The hash of JSON.stringify([facts, content]), without the whole of that text at once.
  const hash = createHash('sha256').update(`[${JSON.stringify(facts)},[`);
  for (const [index, each] of content.entries()) {
    if (index % targetsPerStep === 0) yield;
    hash.update(`${index === 0 ? '' : ','}${JSON.stringify(each)}`);
  }
  return hash.update(']]').digest('base64url');
}

function invalid(problems: readonly Problem[]): EnqueueError {
  return new EnqueueError(
    'INVALID_REQUEST',
    'The cancel request is not valid; nothing was enqueued:',
    problems,
  );
}
