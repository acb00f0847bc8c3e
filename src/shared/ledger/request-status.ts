import { z } from 'zod';
import type { RedisClient } from '../redis-connection.js';
import { type RedisKeys, redisKeys } from '../redis-keys.js';
import { type Priority, prioritySchema } from '../schemas.js';
import { type WebhookState, webhookStates } from '../webhook.js';
import { type InstanceState, instanceStates } from './outcome.js';
import { StoredFields } from './stored-fields.js';

/**
 * - `waiting`: no call was made for it yet
 * - `running`: calls were made, instances are still unsettled
 * - `finished`: every instance has its outcome
 * - `withdrawn`: taken back, and nothing of it is under way any more
 */
export type RequestState = 'waiting' | 'running' | 'finished' | 'withdrawn';

/** A request as the ledger counts it. `total` is always the sum of `counts`. */
export interface RequestStatus {
  readonly requestId: string;
  readonly state: RequestState;
  /** Instances asked for; a whole invocation counts as one until its members are known. */
  readonly total: number;
  readonly counts: Readonly<Record<InstanceState, number>>;
  readonly jobs: number;
  /** Calls to the cloud that carried instances of this request. */
  readonly calls: number;
  readonly priority: Priority;
  readonly confirm: boolean;
  /** ISO 8601, as all times here. */
  readonly acceptedAt: string;
  readonly firstCallAt?: string;
  readonly lastCallAt?: string;
  readonly settledAt?: string;
  readonly withdrawnAt?: string;
  /** Calls per second between the first and the last one; left out before the second call. */
  readonly callsPerSecond?: number;
  /** From asking to the proven end of the task, in ms, rounded up to two digits; left out before the first proof. */
  readonly timeToStopMs?: { readonly p50: number; readonly p99: number };
  readonly reason?: string;
  readonly requestedBy?: string;
  readonly label?: string;
  /** The notification that was asked for, and how far it has got. */
  readonly webhook?: {
    readonly url: string;
    readonly state: WebhookState;
    readonly attempts: number;
    readonly error?: string;
  };
  /** What Redis holds of these cannot be read: somebody changed it by hand, or it is none of ours. */
  readonly damaged?: readonly string[];
}

const factFields = [
  'acceptedAt',
  'firstCallAt',
  'lastCallAt',
  'settledAt',
  'withdrawnAt',
  'priority',
  'confirm',
  'jobs',
  'total',
  'calls',
  'stops',
  'sequence',
  'reason',
  'requestedBy',
  'label',
  'webhook',
  'webhookState',
] as const;

type Fields = StoredFields<(typeof factFields)[number] | InstanceState>;

const webhookNewsSchema = z.object({
  state: z.enum(webhookStates),
  attempts: z.number(),
  error: z.string().optional(),
});
const stopsSchema = z.record(z.string().regex(/^\d+$/), z.number());

const requestsPerLook = 100;

/** Reads requests from the ledger, without their instances. */
export class RequestStatusReader {
  readonly #keys: RedisKeys;

  constructor(
    private readonly client: RedisClient,
    prefix?: string,
  ) {
    this.#keys = redisKeys(prefix);
  }

  /**
   * Requests from the newest on. `nextCursor` leads on to the next page and is left out on the last one.
   * `accept` picks those to be listed.
   */
  async list(
    page: { cursor?: number; limit: number },
    accept: (status: RequestStatus) => boolean = () => true,
  ): Promise<{ requests: RequestStatus[]; nextCursor?: number }> {
    const requests: RequestStatus[] = [];
    let lastShown = 0;
    let below = page.cursor === undefined ? '+inf' : `(${page.cursor}`;
    for (;;) {
      const reply = await this.client.zrevrangebyscore(
        this.#keys.requests,
        below,
        '-inf',
        'WITHSCORES',
        'LIMIT',
        0,
        requestsPerLook,
      );
      const ids = reply.filter((_value, index) => index % 2 === 0);
      const found = await Promise.all(ids.map((id) => this.read(id)));
      for (const [index, status] of found.entries()) {
        below = `(${reply[index * 2 + 1]}`;
        if (status === undefined || !accept(status)) continue;
        if (requests.length === page.limit) return { requests, nextCursor: lastShown };
        requests.push(status);
        lastShown = Number(reply[index * 2 + 1]);
      }
      if (ids.length < requestsPerLook) return { requests };
    }
  }

  /** The trace in which a request was enqueued, for `Tracing.spanOf`; undefined when it was not traced. */
  async traceOf(requestId: string): Promise<string | undefined> {
    return (await this.client.hget(this.#keys.request(requestId), 'trace')) ?? undefined;
  }

  /** Undefined when no request with this id is known. */
  async read(requestId: string): Promise<RequestStatus | undefined> {
    const names = [...factFields, ...instanceStates];
    let values: (string | null)[];
    try {
      values = await this.client.hmget(this.#keys.request(requestId), ...names);
    } catch (error) {
      if (!isWrongType(error)) throw error;
      return { ...toStatus(requestId, new StoredFields({})), damaged: ['all of it: its key is no hash'] };
    }
    if (values.every((value) => value === null)) return undefined;
    const fields = Object.fromEntries(names.map((name, index) => [name, values[index] ?? undefined]));
    return toStatus(requestId, new StoredFields(fields) as Fields);
  }
}

function isWrongType(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('WRONGTYPE');
}

function toStatus(requestId: string, fields: Fields): RequestStatus {
  const counts = Object.fromEntries(instanceStates.map((state) => [state, fields.count(state)])) as Record<
    InstanceState,
    number
  >;
  const calls = fields.count('calls');
  const acceptedAt = fields.time('acceptedAt');
  const status: RequestStatus = {
    requestId,
    state: stateFrom(fields, calls),
    total: fields.count('total'),
    counts,
    jobs: fields.count('jobs'),
    calls,
    priority: prioritySchema.catch('normal').parse(fields.text('priority')),
    confirm: fields.text('confirm') === '1',
    acceptedAt: acceptedAt ?? new Date(0).toISOString(),
    ...present('firstCallAt', fields.time('firstCallAt')),
    ...present('lastCallAt', fields.time('lastCallAt')),
    ...present('settledAt', fields.time('settledAt')),
    ...present('withdrawnAt', fields.time('withdrawnAt')),
    ...rateOf(fields, calls),
    ...timeToStop(fields),
    ...present('reason', fields.text('reason')),
    ...present('requestedBy', fields.text('requestedBy')),
    ...present('label', fields.text('label')),
    ...webhookOf(fields),
  };
  const damaged = [...new Set([...fields.damaged, ...(acceptedAt === undefined ? ['acceptedAt'] : [])])];
  return damaged.length === 0 ? status : { ...status, damaged };
}

function webhookOf(fields: Fields): Pick<RequestStatus, 'webhook'> {
  const url = fields.text('webhook');
  if (url === undefined) return {};
  const { state, attempts, error } = fields.json('webhookState', webhookNewsSchema) ?? {
    state: 'waiting' as const,
    attempts: 0,
  };
  return { webhook: { url, state, attempts, ...(error === undefined ? {} : { error }) } };
}

function rateOf(fields: Fields, calls: number): { callsPerSecond?: number } {
  const elapsedMs = fields.count('lastCallAt') - fields.count('firstCallAt');
  return calls > 1 && elapsedMs > 0 ? { callsPerSecond: round(((calls - 1) * 1_000) / elapsedMs) } : {};
}

function timeToStop(fields: Fields): { timeToStopMs?: { p50: number; p99: number } } {
  const buckets = Object.entries(fields.json('stops', stopsSchema) ?? {})
    .map(([milliseconds, count]) => [Number(milliseconds), count] as const)
    .sort(([a], [b]) => a - b);
  if (buckets.length === 0) return {};
  return { timeToStopMs: { p50: percentile(buckets, 0.5), p99: percentile(buckets, 0.99) } };
}

function percentile(buckets: readonly (readonly [number, number])[], share: number): number {
  const total = buckets.reduce((sum, [, count]) => sum + count, 0);
  let seen = 0;
  for (const [milliseconds, count] of buckets) {
    seen += count;
    if (seen >= total * share) return milliseconds;
  }
  return 0;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function stateFrom(fields: Fields, calls: number): RequestState {
  if (fields.text('settledAt') !== undefined) {
    return fields.text('withdrawnAt') === undefined ? 'finished' : 'withdrawn';
  }
  return calls === 0 ? 'waiting' : 'running';
}

function present<Key extends string>(key: Key, value: string | undefined): { [K in Key]?: string } {
  return (value === undefined ? {} : { [key]: value }) as { [K in Key]?: string };
}
