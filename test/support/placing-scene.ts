import type { Redis } from 'ioredis';
import { rateShareLua, readLua, windowLogLua } from '../../src/shared/rate-limiter/hardened-scripts.js';
import { type LimiterPlan, planLimiter } from '../../src/shared/rate-limiter/limiter-plan.js';
import { horizonMs, toleranceMs, windowMs } from '../../src/shared/rate-limiter/window.js';

/** The frame that Bottleneck's register script is for the placing of a permit, with the time as an argument. */
const frame = [
  'local settings_key = KEYS[1]',
  'local num_static_argv = 0',
  'local clock = {math.floor(ARGV[1] / 1000), (ARGV[1] % 1000) * 1000}',
  'local now = math.floor(ARGV[1])',
];
const place = [
  ...frame,
  rateShareLua,
  windowLogLua,
  readLua('place-permit.lua'),
  "local last = tonumber(redis.call('hget', settings_key, 'nextRequest'))",
  "local wait, new_last, permit = place_permit(last, tonumber(redis.call('hget', settings_key, 'minTime')))",
  "redis.call('hset', settings_key, 'nextRequest', string.format('%.3f', new_last))",
  'return {wait, unpack(permit)}',
].join('\n');

export interface Placed {
  readonly id: string;
  readonly granted: boolean;
  /** When the call may leave, or when asking again makes sense. */
  readonly planned: number;
  readonly plannedBefore: string;
  readonly intervalMs: number;
}

/** The real scripts of the window log, in a time that the test makes. */
export class PlacingScene {
  readonly plan: LimiterPlan;
  #ids = 0;

  constructor(
    private readonly redis: Redis,
    prefix: string,
    private readonly callsPerSecond = 20,
  ) {
    this.plan = planLimiter(prefix, 'bucket', callsPerSecond);
  }

  async place(now: number, { isFull = true, leadMs = 0 } = {}): Promise<Placed> {
    const { settingsKey, shareKey, logKey, limitKey, mostOutstanding } = this.plan;
    const id = `permit-${++this.#ids}`;
    const keys = [settingsKey, '', '', '', '', '', '', '', shareKey, logKey, limitKey];
    const limits = [this.callsPerSecond, windowMs, toleranceMs, horizonMs, mostOutstanding];
    const args = [now, '', '', ...limits, leadMs, isFull ? 1 : 0, id];
    const reply = await this.redis.eval(place, keys.length, ...keys, ...args);
    const [, granted, planned, , interval, , plannedBefore] = reply as [number, number, ...string[]];
    return {
      id,
      granted: granted === 1,
      planned: Number(planned),
      plannedBefore: plannedBefore ?? '',
      intervalMs: Number(interval),
    };
  }

  async noteSent({ id }: Placed, at: number): Promise<void> {
    await this.redis.zadd(this.plan.logKey, at.toFixed(3), id);
  }

  async giveBack({ id, planned, plannedBefore }: Placed): Promise<void> {
    const { logKey, settingsKey } = this.plan;
    await this.redis.eval(readLua('give-back.lua'), 2, logKey, settingsKey, id, planned, plannedBefore);
  }

  /** As after a flush. */
  async lose(): Promise<void> {
    await this.redis.del(this.plan.logKey, this.plan.settingsKey, this.plan.shareKey);
  }

  /** A log that has been complete for long. */
  async begin(now: number): Promise<void> {
    await this.redis.zadd(this.plan.logKey, -(now - 10_000), 'since');
  }

  /** Asks, and asks again when told, until a permit is granted. */
  async placeGranted(now: number, options: { isFull?: boolean } = {}): Promise<Placed> {
    for (let at = now; ; ) {
      const placed = await this.place(at, options);
      if (placed.granted) return placed;
      at = placed.planned;
    }
  }
}

/** The most of these times within any window of this length. */
export function mostWithin(times: readonly number[], lengthMs: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  let first = 0;
  let most = 0;
  for (const [index, time] of sorted.entries()) {
    while (time - (sorted[first] ?? 0) >= lengthMs) first++;
    most = Math.max(most, index - first + 1);
  }
  return most;
}
