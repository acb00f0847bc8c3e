import type { RedisClient } from '../redis-connection.js';
import { type RedisKeys, redisKeys } from '../redis-keys.js';
import { type Priority, prioritySchema } from '../schemas.js';
import { type InstanceState, instanceStates } from './outcome.js';

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
  readonly reason?: string;
  readonly requestedBy?: string;
  readonly label?: string;
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
  'reason',
  'requestedBy',
  'label',
] as const;

type Fields = Readonly<Record<(typeof factFields)[number] | InstanceState, string | undefined>>;

/** Reads requests from the ledger, without their instances. */
export class RequestStatusReader {
  readonly #keys: RedisKeys;

  constructor(
    private readonly client: RedisClient,
    prefix?: string,
  ) {
    this.#keys = redisKeys(prefix);
  }

  /** Undefined when no request with this id is known. */
  async read(requestId: string): Promise<RequestStatus | undefined> {
    const names = [...factFields, ...instanceStates];
    const values = await this.client.hmget(this.#keys.request(requestId), ...names);
    if (values[0] === null || values[0] === undefined) return undefined;
    const fields = Object.fromEntries(names.map((name, index) => [name, values[index] ?? undefined]));
    return toStatus(requestId, fields as Fields);
  }
}

function toStatus(requestId: string, fields: Fields): RequestStatus {
  const counts = Object.fromEntries(
    instanceStates.map((state) => [state, Number(fields[state] ?? 0)]),
  ) as Record<InstanceState, number>;
  const calls = Number(fields.calls ?? 0);
  return {
    requestId,
    state: stateFrom(fields, calls),
    total: Number(fields.total ?? 0),
    counts,
    jobs: Number(fields.jobs ?? 0),
    calls,
    priority: prioritySchema.catch('normal').parse(fields.priority),
    confirm: fields.confirm === '1',
    acceptedAt: toIso(fields.acceptedAt) ?? '',
    ...present('firstCallAt', toIso(fields.firstCallAt)),
    ...present('lastCallAt', toIso(fields.lastCallAt)),
    ...present('settledAt', toIso(fields.settledAt)),
    ...present('reason', fields.reason),
    ...present('requestedBy', fields.requestedBy),
    ...present('label', fields.label),
  };
}

function stateFrom(fields: Fields, calls: number): RequestState {
  if (fields.settledAt !== undefined) return fields.withdrawnAt === undefined ? 'finished' : 'withdrawn';
  return calls === 0 ? 'waiting' : 'running';
}

function toIso(milliseconds: string | undefined): string | undefined {
  return milliseconds === undefined ? undefined : new Date(Number(milliseconds)).toISOString();
}

function present<Key extends string>(key: Key, value: string | undefined): { [K in Key]?: string } {
  return (value === undefined ? {} : { [key]: value }) as { [K in Key]?: string };
}
