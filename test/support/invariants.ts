import type { InstanceRecord } from '../../src/producer/index.js';
import type { DeadLetterStore } from '../../src/shared/dead-letters/index.js';
import { InstanceReader, instanceStates, RequestStatusReader } from '../../src/shared/ledger/index.js';
import { cancelQueueName } from '../../src/shared/queue-names.js';
import type { RedisClient } from '../../src/shared/redis-connection.js';
import type { CancelRequest } from '../../src/shared/schemas.js';
import type { RecordedCall, Simulator } from '../../src/simulator/index.js';
import { mostWithin, starvedMs } from './calls-in-a-window.js';
import type { EventLoopLag } from './event-loop-lag.js';
import { truthsFor } from './request-truth.js';

/** A request that was answered with "accepted". */
export interface AskedRequest {
  readonly requestId: string;
  readonly request: CancelRequest;
  /** By `performance.now()`. */
  readonly atMs: number;
  /** Redis has lost it, so nothing is promised any more. */
  isLost?: boolean;
}

/** Something that may have cost a worker the news of a call. By `performance.now()`. */
export interface Disruption {
  readonly what: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** A worker said that a call of it failed: it got no answer in time, or none that it could use. */
export interface FailedCall {
  readonly invocationId: string;
  /** By `performance.now()`. */
  readonly atMs: number;
}

/** Everything that the checker looks at. */
export interface Evidence {
  readonly prefix: string;
  readonly redis: RedisClient;
  readonly simulator: Simulator;
  readonly deadLetters: DeadLetterStore;
  readonly asked: readonly AskedRequest[];
  readonly disruptions: readonly Disruption[];
  readonly failedCalls: readonly FailedCall[];
  readonly lag: EventLoopLag;
  readonly callsPerSecond: number;
  readonly callTimeoutMs: number;
}

export interface Finding {
  readonly instances: number;
  /** How many instances ended in which state. */
  readonly outcomes: Readonly<Partial<Record<string, number>>>;
  /** Times that an instance was sent again. */
  readonly repeats: number;
  readonly calls: number;
  readonly longestGapMs: number;
  readonly mostInOneSecond: number;
  /** What should never be. Empty when all is well. */
  readonly violations: readonly string[];
}

/** Compares what was asked for with the ledger, the cloud and the queue, once all requests are finished. */
export async function checkInvariants(evidence: Evidence): Promise<Finding> {
  const calls = evidence.simulator.record.calls('CancelInvocation');
  const violations: string[] = [];
  const outcomes: Record<string, number> = {};
  let instances = 0;
  for (const asked of evidence.asked.filter(({ isLost }) => !isLost)) {
    const records = await recordsOf(evidence, asked.requestId);
    instances += records.length;
    for (const { state } of records) outcomes[state] = (outcomes[state] ?? 0) + 1;
    violations.push(...(await conservationFaults(evidence, asked, records)));
  }
  violations.push(...(await deadLetterFaults(evidence, outcomes['dead-lettered'] ?? 0)));
  violations.push(...strangeCalls(evidence, calls));
  const repeats = repeatsIn(evidence, calls);
  violations.push(...repeats.unexplained);
  const tooMany = mostWithin(1_000 - starvedMs, calls, evidence.lag);
  if (tooMany > evidence.callsPerSecond) {
    violations.push(`${tooMany} calls within one second, ${evidence.callsPerSecond} are allowed`);
  }
  return {
    instances,
    outcomes,
    repeats: repeats.count,
    calls: calls.length,
    longestGapMs: await longestGap(evidence, calls),
    mostInOneSecond: mostWithin(1_000, calls, evidence.lag),
    violations,
  };
}

/** The records of a request, over as many pages as it takes. */
async function recordsOf({ redis, prefix }: Evidence, requestId: string): Promise<InstanceRecord[]> {
  const reader = new InstanceReader(redis, prefix);
  const found: InstanceRecord[] = [];
  let cursor: number | undefined = 0;
  while (cursor !== undefined) {
    const page = await reader.list(requestId, { cursor, limit: 5_000 });
    found.push(...page.instances);
    cursor = page.nextCursor;
  }
  return found;
}

/** Every instance asked for has one final record that is true, and the counts say the same. */
async function conservationFaults(
  { redis, prefix, simulator }: Evidence,
  { requestId, request }: AskedRequest,
  records: readonly InstanceRecord[],
): Promise<string[]> {
  const status = await new RequestStatusReader(redis, prefix).read(requestId);
  if (status === undefined) return [`request ${requestId} is gone`];
  const faults: string[] = [];
  const counted: Record<string, number> = {};
  const seen = new Set<string>();
  for (const record of records) {
    const { invocationId, instanceId = '', state } = record;
    counted[state] = (counted[state] ?? 0) + 1;
    const name = `${record.region} ${invocationId} ${instanceId}`;
    // The same instance may be asked for by two targets of one request: it then has a record in each.
    seen.add(name);
    if (state === 'waiting' || (state === 'accepted' && status.confirm))
      faults.push(`${name} is still ${state}`);
    if (instanceId === '') {
      faults.push(...wholeFaults(simulator, record));
      continue;
    }
    const task = simulator.task(invocationId, instanceId)?.status ?? 'no task';
    if (!truthsFor(record).includes(task) && !(state === 'dead-lettered' && task === 'no task')) {
      faults.push(`${name} is ${state}, its task is ${task}`);
    }
  }
  for (const state of instanceStates) {
    const [told, listed] = [status.counts[state], counted[state] ?? 0];
    if (told !== listed) faults.push(`${requestId} counts ${told} ${state}, ${listed} are listed`);
  }
  if (records.length !== status.total) faults.push(`${records.length} records for ${status.total} instances`);
  for (const target of request.targets) {
    for (const id of target.instanceIds ?? []) {
      const region = target.region ?? request.region ?? 'ap-singapore';
      if (!seen.has(`${region} ${target.invocationId} ${id}`)) faults.push(`${id} has no record`);
    }
  }
  return faults;
}

/** A whole invocation that nobody reads back has no record for each instance, but all of them must have been cancelled. */
function wholeFaults({ world }: Simulator, { region, invocationId, state }: InstanceRecord): string[] {
  const invocation = world.find(region, invocationId);
  if (state !== 'accepted' || invocation === undefined) return [];
  const statuses = [...invocation.statuses(Date.now())];
  return statuses.some((status) => status === 'RUNNING' || status === 'PENDING')
    ? [`${region} ${invocationId} is accepted as a whole, and runs on: ${statuses.join(' ')}`]
    : [];
}

/** Every dead instance is in one dead letter, and that has a reason. */
async function deadLetterFaults({ deadLetters, asked }: Evidence, expected: number): Promise<string[]> {
  const { deadLetters: all } = await deadLetters.list({}, { limit: 100_000 });
  // Of a request that Redis has lost a letter may be left, as a last sign of it.
  const lost = new Set(asked.filter(({ isLost }) => isLost).map(({ requestId }) => requestId));
  const letters = all.filter(({ requestId }) => !lost.has(requestId));
  const faults: string[] = [];
  const seen = new Set<string>();
  let instances = 0;
  for (const { id, requestId, target, error } of letters) {
    if (error.code === '' || error.message === '') faults.push(`dead letter ${id} has no reason`);
    for (const instanceId of target.instanceIds ?? ['*']) {
      instances += 1;
      const name = `${requestId} ${target.region} ${target.invocationId} ${instanceId}`;
      if (seen.has(name)) faults.push(`two dead letters for ${name}`);
      seen.add(name);
    }
  }
  if (instances !== expected) faults.push(`${expected} instances died, ${instances} are in dead letters`);
  return faults;
}

/** No id was sent that nobody had asked for, and no call was of an odd shape. */
function strangeCalls({ asked }: Evidence, calls: readonly RecordedCall[]): string[] {
  const wanted = new Set<string>();
  for (const { request } of asked) {
    for (const target of request.targets) {
      for (const id of target.instanceIds ?? ['*']) wanted.add(`${target.invocationId} ${id}`);
    }
  }
  return calls.flatMap((call) => {
    const ids = call.instanceIds ?? ['*'];
    const strange = ids.filter((id) => !wanted.has(`${call.invocationId} ${id}`));
    if (strange.length > 0)
      return [`call ${call.number} carries ${strange.join(' ')}, which nobody asked for`];
    if (ids.length === 0 || ids.length > 100 || new Set(ids).size < ids.length) {
      return [`call ${call.number} carries ${ids.length} ids`];
    }
    return [];
  });
}

/** An instance may be sent again only when the news of the call before can have been lost, and as often as that. */
function repeatsIn(evidence: Evidence, calls: readonly RecordedCall[]) {
  const previous = new Map<string, { readonly call: RecordedCall; readonly taken: number }>();
  const unexplained: string[] = [];
  let count = 0;
  for (const call of calls) {
    const { invocationId = '' } = call;
    const ids =
      call.instanceIds ?? evidence.simulator.world.find(call.region, invocationId)?.facts.instanceIds;
    for (const id of ids ?? ['*']) {
      const name = `${invocationId} ${id}`;
      const before = previous.get(name);
      previous.set(name, { call, taken: (before?.taken ?? 0) + (call.code === 'OK' ? 1 : 0) });
      if (before === undefined) continue;
      count += 1;
      if (!isExplained(evidence, name, before.taken, before.call, call)) {
        unexplained.push(`call ${call.number} repeats ${name} after ${describeCall(before.call, call.atMs)}`);
      }
    }
  }
  return { count, unexplained };
}

function describeCall(
  { number, code, atMs, answeredAtMs = Number.NaN }: RecordedCall,
  nowMs: number,
): string {
  const [ago, tookMs] = [nowMs - atMs, answeredAtMs - atMs].map(Math.round);
  return `call ${number} (${code}), ${ago} ms before, answered within ${tookMs} ms`;
}

function isExplained(
  evidence: Evidence,
  name: string,
  taken: number,
  before: RecordedCall,
  after: RecordedCall,
) {
  if (before.code !== 'OK') return true;
  const answeredMs = (before.answeredAtMs ?? Number.POSITIVE_INFINITY) - before.atMs;
  if (answeredMs >= evidence.callTimeoutMs * 0.9) return true;
  // A call of a process that is dead by now may be noticed a while after its death.
  const leftAtMs = evidence.lag.earliest(before.atMs) - 250;
  const isDisrupted = evidence.disruptions.some(
    ({ fromMs, toMs }) => fromMs <= after.atMs && toMs >= leftAtMs,
  );
  // It may also have given the call up before this process, which plays the cloud, came to look at it.
  const givenUpAtMs = leftAtMs - evidence.callTimeoutMs;
  const isMissed = evidence.failedCalls.some(
    ({ invocationId, atMs }) =>
      invocationId === before.invocationId && atMs > givenUpAtMs && atMs < after.atMs + 250,
  );
  return isDisrupted || isMissed || isAskedAgain(evidence, name, taken, after);
}

/** More have asked for it than calls were taken for it: one of them was in its back-off when the others went out. */
function isAskedAgain({ asked }: Evidence, name: string, taken: number, after: RecordedCall): boolean {
  const [invocationId, id = ''] = name.split(' ');
  const asks = asked.filter(
    ({ atMs, requestId, request }) =>
      requestId !== 'unanswered' &&
      atMs < after.atMs + 100 &&
      request.targets.some(
        (target) => target.invocationId === invocationId && (target.instanceIds?.includes(id) ?? true),
      ),
  );
  return asks.length > taken;
}

/**
 * The longest time between two calls while something that was asked for had not come to its end. A new limiter's first
 * call is no gap.
 */
async function longestGap(
  { asked, redis, prefix }: Evidence,
  calls: readonly RecordedCall[],
): Promise<number> {
  const statuses = new RequestStatusReader(redis, prefix);
  const open = await Promise.all(
    asked
      .filter(({ isLost }) => !isLost)
      .map(async ({ requestId, atMs }) => {
        const { settledAt = '' } = (await statuses.read(requestId)) ?? {};
        return { fromMs: atMs, toMs: Date.parse(settledAt) - performance.timeOrigin };
      }),
  );
  let longest = 0;
  for (const [index, { atMs }] of calls.entries()) {
    const before = calls[index - 1]?.atMs;
    if (before === undefined) continue;
    const wasIdle = !open.some(({ fromMs, toMs }) => fromMs < before && toMs > before);
    const askedSince = open.find(({ fromMs }) => fromMs > before && fromMs < atMs)?.fromMs;
    longest = Math.max(longest, atMs - (wasIdle && askedSince !== undefined ? askedSince : before));
  }
  return Math.round(longest);
}

/** What is left in the queue or in the ledger that somebody would still have to deal with. Empty when all is quiet. */
export async function leftovers(redis: RedisClient, prefix: string): Promise<string[]> {
  const queue = `${prefix}:${cancelQueueName}`;
  const ledger = `${prefix}:ledger`;
  const sizes: Record<string, Promise<number>> = {
    active: redis.llen(`${queue}:active`),
    wait: redis.llen(`${queue}:wait`),
    paused: redis.llen(`${queue}:paused`),
    prioritized: redis.zcard(`${queue}:prioritized`),
    delayed: redis.zcard(`${queue}:delayed`),
    failed: redis.zcard(`${queue}:failed`),
    flights: redis.hlen(`${ledger}:flights`),
    'flight deadlines': redis.zcard(`${ledger}:flight-deadlines`),
    'dead letters in the outbox': redis.hlen(`${ledger}:dead-letter-outbox`),
    'open requests': redis.zcard(`${ledger}:open`),
    'unqueued requests': redis.zcard(`${ledger}:unqueued`),
    'waiting requests': redis.zcard(`${ledger}:waiting`),
    'read-backs due': redis.zcard(`${ledger}:read-back-due`),
  };
  const found: string[] = [];
  for (const [what, size] of Object.entries(sizes)) {
    if ((await size) > 0) found.push(`${await size} ${what}`);
  }
  const totals = await redis.hgetall(`${ledger}:totals`);
  for (const [what, total] of Object.entries(totals)) if (Number(total) !== 0) found.push(`${total} ${what}`);
  return found;
}
