import { type Clock, systemClock } from '../clock.js';
import { createRedisClient, type RedisClient } from '../redis-connection.js';
import { hardenScripts } from './hardened-scripts.js';
import { type LimiterLogger, SparingLogger, silentLogger } from './limiter-logger.js';
import { type LimiterPlan, planLimiter } from './limiter-plan.js';
import type { LimiterSession } from './limiter-session.js';
import type { Placement } from './placement.js';
import type { AcquireOptions, Permit, RateLimiter, RateLimiterStats } from './rate-limiter.js';
import { RateLimiterClosedError } from './rate-limiter-closed-error.js';
import { RecentValues } from './recent-values.js';
import { Reconnector } from './reconnector.js';
import { Waiters } from './waiters.js';
import { latestHandOutMs, toleranceMs } from './window.js';
import { WindowPermit } from './window-permit.js';

export interface RateLimiterOptions {
  /**
   * A Redis URL of any supported form, or a factory that makes a new client at each call (a lost connection is never
   * used again). The limiter closes what it got. The client's commands should fail within a few seconds while Redis
   * is away; a patient client works too, since the limiter keeps deadlines of its own.
   */
  readonly redis: string | (() => RedisClient);
  /** Start of the limiter's keys. Must contain a hash tag, as in `{tat-cancel}`. */
  readonly keyPrefix: string;
  /** What the cloud counts together: action, access endpoint and credential id. Hashed before it becomes a key. */
  readonly bucket: string;
  /** The account's quota; default 20. No sliding second at the cloud sees more calls. */
  readonly callsPerSecond?: number;
  readonly logger?: LimiterLogger;
  readonly clock?: Clock;
}

/**
 * Bottleneck in Redis clustering mode, with a log of the window (docs/limiter.md). Does no I/O before `start` or the
 * first `acquire`. Throws `BottleneckChangedError` when the installed Bottleneck is not the one that the rewrites were
 * made for, and `RangeError` for options that make no sense.
 *
 * Far from Redis, permits are reserved for waiters that are there already: have several `acquire`s pending while there
 * is work for several calls, or the round trips limit the rate.
 */
export function createRateLimiter(options: RateLimiterOptions): RateLimiter {
  const { redis } = options;
  const plan = planLimiter(options.keyPrefix, options.bucket, options.callsPerSecond ?? 20);
  hardenScripts(); // fails now rather than at each connection
  const createClient =
    typeof redis === 'string'
      ? () =>
          createRedisClient({
            url: redis,
            patience: 'bounded',
            commandTimeoutMs: 3_000,
            connectionName: 'tat-cancel-limiter',
          })
      : redis;
  return new BottleneckRateLimiter(
    plan,
    createClient,
    new SparingLogger(options.logger ?? silentLogger),
    options.clock ?? systemClock,
  );
}

/** Whatever getting ready takes, a permit is not held for longer, in ms. */
const mostAheadMs = 200;

class BottleneckRateLimiter implements RateLimiter {
  readonly #waiters = new Waiters();
  readonly #connection: Reconnector;
  /** How long it took lately from handing a permit out to being ready to leave, in ms. */
  readonly #preparations = new RecentValues(20);
  #underWay = 0;
  #permits = 0;
  #late = 0;
  #givenBack = 0;
  #throttled = 0;
  #intervalMs: number;
  #closed = false;
  /** Calls that left later than the log allows for, and could not be written into it yet. */
  readonly #unnoted: [placement: Placement, sentAt: number][] = [];

  constructor(
    private readonly plan: LimiterPlan,
    createClient: () => RedisClient,
    private readonly logger: LimiterLogger,
    clock: Clock,
  ) {
    this.#intervalMs = plan.intervalMs;
    this.#connection = new Reconnector(plan, createClient, logger, clock, () => {
      this.#underWay = 0;
      for (const late of this.#unnoted.splice(0)) this.#noteSent(...late);
      this.#pump();
    });
  }

  start(): void {
    if (!this.#closed) this.#connection.start();
  }

  async acquire(options: AcquireOptions = {}): Promise<Permit> {
    const { signal, isAhead = false } = options;
    if (this.#closed) throw new RateLimiterClosedError();
    signal?.throwIfAborted();
    this.start();
    const acquired = this.#waiters.add(options);
    this.#pump();
    const permit = await acquired;
    if (!isAhead) await permit.within(0); // others may want theirs earlier
    permit.noteHandedOut();
    return permit;
  }

  async reportThrottled(): Promise<void> {
    this.#throttled++;
    try {
      const report = await this.#connection.session?.reportThrottled();
      if (report === undefined) return;
      this.#intervalMs = report.intervalMs;
      this.logger.warn(report, 'call throttled: all workers slow down');
    } catch (error) {
      this.logger.warn({ err: error }, 'failed to tell the other workers of a throttled call');
    }
  }

  stats(): RateLimiterStats {
    return {
      permits: this.#permits,
      late: this.#late,
      givenBack: this.#givenBack,
      throttled: this.#throttled,
      reconnects: this.#connection.reconnects,
      intervalMs: this.#intervalMs,
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#waiters.rejectAll(new RateLimiterClosedError());
    await this.#connection.close();
  }

  /** Keeps as many reservations under way as there are waiters, within what the session thinks useful. */
  #pump(): void {
    const { session } = this.#connection;
    if (session === undefined) return;
    while (this.#underWay < Math.min(this.#waiters.size, session.permitsUnderWay(this.#aheadMs))) {
      const demand = {
        isFull: this.#waiters.isFullAt(this.#underWay),
        aheadMs: this.#waiters.isAnyAhead ? this.#aheadMs : 0,
      };
      this.#underWay++;
      session.reserve(demand).then(
        (placement) => this.#onPlaced(session, placement),
        () => {}, // the session is lost; the next one starts from zero
      );
    }
  }

  #onPlaced(session: LimiterSession, placement: Placement): void {
    if (session !== this.#connection.session) return;
    this.#underWay--;
    this.#intervalMs = placement.intervalMs;
    if (Math.abs(placement.othersIntervalMs - this.plan.intervalMs) > 0.01) {
      this.logger.warn(
        { ownIntervalMs: this.plan.intervalMs, othersIntervalMs: placement.othersIntervalMs },
        'another worker is set to another call rate',
      );
    }
    if (placement.granted) this.#handOut(session, placement);
    this.#pump();
  }

  #handOut(session: LimiterSession, placement: Placement): void {
    const permit = new WindowPermit(placement, {
      lost: session.lost,
      noteSent: (...sent) => this.#noteSent(...sent),
      giveBack: () => this.#takeBack(session, permit, placement),
      noteReady: (tookMs) => this.#preparations.add(tookMs),
    });
    if (permit.latenessMs > latestHandOutMs || !this.#waiters.resolveFirst(permit)) permit.giveBack();
    else this.#permits++;
  }

  /** How long before it is due a permit is wanted by those who have to get ready first, in ms. */
  get #aheadMs(): number {
    return Math.min(this.#preparations.quantile(0.5), mostAheadMs);
  }

  /** To the next waiter here, or to whoever asks next. */
  #takeBack(session: LimiterSession, permit: WindowPermit, placement: Placement): void {
    if (permit.latenessMs > latestHandOutMs) this.#late++;
    else if (this.#waiters.size > 0 && !session.lost.aborted) {
      this.#handOut(session, placement);
      return;
    }
    this.#givenBack++;
    session.giveBack(placement).catch(() => {}); // its place in the window comes free later
  }

  /** Over whichever connection there is by now: the log is one. */
  #noteSent(placement: Placement, sentAt: number): void {
    const keep = () => {
      // What left in time needs no note: the log counts it as having left as late as it might.
      if (sentAt - placement.dueAt > toleranceMs) this.#unnoted.push([placement, sentAt]);
    };
    const { session } = this.#connection;
    if (session === undefined) keep();
    else session.noteSent(placement, sentAt).catch(keep);
  }
}
