import { randomUUID } from 'node:crypto';
import { once, setMaxListeners } from 'node:events';
import { Redis } from 'ioredis';
import type { RedisClient } from '../redis-connection.js';
import { withDeadline } from './deadline.js';
import { rateShareLua, readLua, windowLogLua } from './hardened-scripts.js';
import type { LimiterPlan } from './limiter-plan.js';
import { type Demand, PermitScheduler } from './permit-scheduler.js';
import type { Placement } from './placement.js';
import { RedisTiming } from './redis-timing.js';
import { horizonMs } from './window.js';

/** Longest wait for one answer of Redis before the connection counts as dead, in ms. */
const answerLimitMs = 3_000;
/** Longest wait for a reservation, which takes several answers, in ms. */
const reservationLimitMs = 8_000;
/** Bounds on the server's clock this tight need no further readings at the start, in ms. */
const fineUncertaintyMs = 5;
const leastOpeningReadings = 8;
/** On a way that is now quick, now slow, more readings help: what two processes are wrong by counts as jitter of the path. */
const fairUncertaintyMs = 10;
const mostOpeningReadings = 24;
const openingReadingsMs = 3_000;

/** Limiters of 0.1.0 are heard of every five seconds. */
const goneAfterMs = 7_000;

const mostSchedulers = 16;

const beginSessionLua = `${windowLogLua}\n${readLua('begin-session.lua')}`;
const giveBackLua = readLua('give-back.lua');
const reportThrottledLua = `${rateShareLua}\n${readLua('report-throttled.lua')}`;

export interface ThrottledReport {
  /** False: one of a burst of which another was counted. */
  readonly counted: boolean;
  readonly intervalMs: number;
}

/**
 * One connection and what hangs on it, from connecting to the first fault. It never mends itself: after a fault it
 * is thrown away with every permit it placed, and the limiter opens another.
 */
export class LimiterSession {
  readonly timing = new RedisTiming();
  readonly #schedulers: PermitScheduler[] = [];
  readonly #lost = new AbortController();
  readonly #name = randomUUID();
  #permits = 0;
  #intervalMs: number;
  #proven = false;
  #isCrowded = false;
  #clockJumpedAfter: number | undefined;

  private constructor(
    private readonly redis: RedisClient,
    private readonly plan: LimiterPlan,
    /** Which server process answers; undefined if it cannot be told. */
    readonly serverRunId: string | undefined,
  ) {
    this.#intervalMs = plan.intervalMs;
    setMaxListeners(0, this.lost); // one for each reservation under way
  }

  /**
   * Connects and makes the first scheduler ready. Rejects on any fault, within a bounded time, leaving nothing open.
   * `clockJumpedAfter`: that of the session before.
   */
  static async open(
    createClient: () => RedisClient,
    plan: LimiterPlan,
    signal: AbortSignal,
    clockJumpedAfter?: number,
  ): Promise<LimiterSession> {
    const redis = createClient();
    const faults: Error[] = [];
    redis.on('error', (error: Error) => faults.push(error)); // heard also later: an unheard one ends the process
    try {
      await withDeadline(untilReady(redis), 'connecting', answerLimitMs, signal);
      const runId = await withDeadline(readRunId(redis), 'asking who answers', answerLimitMs, signal);
      const session = new LimiterSession(redis, plan, runId);
      for (const event of ['close', 'end']) redis.once(event, () => session.dispose('the connection closed'));
      await withDeadline(session.#prepare(clockJumpedAfter), 'preparing', reservationLimitMs, signal);
      return session;
    } catch (error) {
      redis.disconnect();
      throw signal.aborted ? signal.reason : (faults.at(-1) ?? error);
    }
  }

  /** Aborts when the session is thrown away, with the reason. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** It has placed at least one permit. */
  get proven(): boolean {
    return this.#proven;
  }

  /** The last time that the server's clock showed before one of the clocks jumped; undefined if none did. */
  get clockJumpedAfter(): number | undefined {
    return this.#clockJumpedAfter;
  }

  /** How many permits to have under way while there is demand. */
  permitsUnderWay(aheadMs: number): number {
    if (this.#isCrowded) return 1;
    const useful = this.timing.permitsUnderWay(this.#intervalMs, aheadMs);
    return Math.min(useful, this.plan.mostOutstanding, mostSchedulers);
  }

  /** Places a permit and waits until it is due. Rejects when the session is lost, and loses it on any fault. */
  async reserve(demand: Demand): Promise<Placement> {
    const scheduler = this.#schedulers.find(({ busy }) => !busy) ?? this.#addScheduler();
    try {
      const limitMs = reservationLimitMs + horizonMs + 10 * this.#intervalMs;
      const placement = await withDeadline(scheduler.reserve(demand), 'reserving', limitMs, this.lost);
      this.#proven = true;
      this.#isCrowded = !placement.granted;
      this.#intervalMs = placement.intervalMs;
      return placement;
    } catch (error) {
      this.dispose(reasonOf(error));
      throw error;
    }
  }

  /** Writes into the log when the call left. */
  async noteSent({ id }: Placement, sentAt: number): Promise<void> {
    const time = this.timing.toServer(sentAt).toFixed(3);
    await withDeadline(
      this.redis.zadd(this.plan.logKey, time, id),
      'noting a call',
      answerLimitMs,
      this.lost,
    );
  }

  async giveBack({ id, planned, plannedBefore }: Placement): Promise<void> {
    const { logKey, settingsKey } = this.plan;
    const giving = this.redis.eval(
      giveBackLua,
      2,
      logKey,
      settingsKey,
      id,
      planned,
      plannedBefore.toFixed(3),
    );
    await withDeadline(giving, 'giving a permit back', answerLimitMs, this.lost);
  }

  async reportThrottled(): Promise<ThrottledReport> {
    const { shareKey, intervalMs } = this.plan;
    const [counted, interval] = (await withDeadline(
      this.redis.eval(reportThrottledLua, 1, shareKey, intervalMs),
      'reporting a throttled call',
      answerLimitMs,
      this.lost,
    )) as [number, string];
    return { counted: counted === 1, intervalMs: Number(interval) };
  }

  /** Throws everything away at once. Safe to call twice. */
  dispose(reason: string): void {
    if (this.lost.aborted) return;
    this.#lost.abort(new Error(reason));
    for (const scheduler of this.#schedulers) scheduler.dispose();
    this.redis.disconnect();
  }

  async #prepare(clockJumpedAfter: number | undefined): Promise<void> {
    await this.#readClock();
    await this.#refuseCompany();
    const scheduler = this.#addScheduler();
    await scheduler.ready();
    const { serverKey, logKey } = this.plan;
    const jumped = clockJumpedAfter?.toFixed(3) ?? '';
    await this.redis.eval(beginSessionLua, 2, serverKey, logKey, this.serverRunId ?? '', jumped);
  }

  async #readClock(): Promise<void> {
    const beganAt = performance.now();
    for (let reading = 1; reading <= mostOpeningReadings; reading++) {
      const sentAt = performance.now();
      const [seconds = 0, microseconds = 0] = await this.redis.time();
      const receivedAt = performance.now();
      const serverTime = Number(seconds) * 1_000 + Number(microseconds) / 1_000;
      this.timing.note({ sentAt, receivedAt, serverTime });
      if (this.timing.uncertaintyMs < fineUncertaintyMs) break;
      const isLate = receivedAt - beganAt > openingReadingsMs;
      if (reading >= leastOpeningReadings && (isLate || this.timing.uncertaintyMs < fairUncertaintyMs)) break;
    }
  }

  /** Calls of 0.1.0 are not in the log: two limiters side by side would make twice the calls. */
  async #refuseCompany(): Promise<void> {
    const [, heardAt] = await this.redis.zrevrange(this.plan.clientsBeforeKey, 0, 0, 'WITHSCORES');
    const silentMs = this.timing.toServer(performance.now()) - Number(heardAt ?? 0);
    if (silentMs > goneAfterMs) return;
    throw new Error('workers of version 0.1.0 still make calls: stop them first, this one waits for that');
  }

  #addScheduler(): PermitScheduler {
    const scheduler = new PermitScheduler(this.redis, this.plan, {
      timing: this.timing,
      nextId: () => `${this.#name}:${++this.#permits}`,
      onClockJump: () => {
        this.#clockJumpedAfter = this.timing.lastServerTime;
        this.dispose('the clock of Redis, or of this machine, jumped');
      },
      onError: (error) => this.dispose(reasonOf(error)),
    });
    this.#schedulers.push(scheduler);
    return scheduler;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function untilReady(redis: RedisClient): Promise<void> {
  if (redis.status === 'ready') return;
  if (redis.status === 'wait') await redis.connect();
  else await once(redis, 'ready');
}

/** A cluster has no one server to name; and without the right to use INFO, nobody can be named either. */
async function readRunId(redis: RedisClient): Promise<string | undefined> {
  if (!(redis instanceof Redis)) return undefined;
  try {
    const info = await redis.info('server');
    return /^run_id:(\w+)/m.exec(info)?.[1];
  } catch {
    return undefined;
  }
}
