import { once, setMaxListeners } from 'node:events';
import { Redis } from 'ioredis';
import type { RedisClient } from '../../shared/redis-connection.js';
import { withDeadline } from './deadline.js';
import { paceLua, readLua } from './hardened-scripts.js';
import type { LimiterPlan } from './limiter-plan.js';
import { Lookahead } from './lookahead.js';
import { SlotLane } from './slot-lane.js';
import { SlotTiming } from './slot-timing.js';
import type { Ticket } from './ticket.js';

/** Longest wait for one answer of Redis before the connection counts as dead, in ms. */
const answerLimitMs = 3_000;
/** Longest wait for a reservation, which takes several answers, in ms. */
const reservationLimitMs = 8_000;
/** Bounds on the server's clock this tight need no further readings at the start, in ms. */
const fineUncertaintyMs = 5;
const leastOpeningReadings = 8;
/** On a way that is now quick, now slow, more readings help: two processes must not be wrong by a slot's slack. */
const fairUncertaintyMs = 10;
const mostOpeningReadings = 24;
const openingReadingsMs = 3_000;

const postponeLua = readLua('postpone.lua');
const reportRefusalLua = `${paceLua}\n${readLua('report-refusal.lua')}`;

export interface RefusalReport {
  /** False: one of a burst of which another was counted. */
  readonly counted: boolean;
  readonly spacingMs: number;
}

/**
 * One connection and what hangs on it, from connecting to the first fault. It never mends itself: after a fault it
 * is thrown away with every slot it reserved, and the limiter opens another.
 */
export class LimiterSession {
  readonly timing = new SlotTiming();
  readonly #lookahead = new Lookahead();
  readonly #lanes: SlotLane[] = [];
  readonly #lost = new AbortController();
  #proven = false;

  private constructor(
    private readonly redis: RedisClient,
    private readonly plan: LimiterPlan,
    /** Which server process answers; undefined if it cannot be told. */
    readonly serverRunId: string | undefined,
  ) {
    setMaxListeners(0, this.lost); // one for each reservation under way
  }

  /** Connects and makes the first lane ready. Rejects on any fault, within a bounded time, leaving nothing open. */
  static async open(
    createClient: () => RedisClient,
    plan: LimiterPlan,
    signal: AbortSignal,
  ): Promise<LimiterSession> {
    const redis = createClient();
    const faults: Error[] = [];
    redis.on('error', (error: Error) => faults.push(error)); // heard also later: an unheard one ends the process
    try {
      await withDeadline(untilReady(redis), 'connecting', answerLimitMs, signal);
      const runId = await withDeadline(readRunId(redis), 'asking who answers', answerLimitMs, signal);
      const session = new LimiterSession(redis, plan, runId);
      for (const event of ['close', 'end']) redis.once(event, () => session.dispose('the connection closed'));
      await withDeadline(session.#prepare(), 'preparing', reservationLimitMs, signal);
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

  /** It has given at least one ticket. */
  get proven(): boolean {
    return this.#proven;
  }

  /** How many tickets to have under way while there is demand. */
  get lookahead(): number {
    return this.#lookahead.lanes;
  }

  /** Reserves a slot and waits until it is due. Rejects when the session is lost, and loses it on any fault. */
  async reserve(): Promise<Ticket> {
    const lane = this.#lanes.find(({ busy }) => !busy) ?? this.#addLane();
    try {
      const limitMs = reservationLimitMs + this.plan.horizonMs;
      const ticket = await withDeadline(lane.reserve(), 'reserving', limitMs, this.lost);
      this.#proven = true;
      return ticket;
    } catch (error) {
      this.dispose(reasonOf(error));
      throw error;
    }
  }

  /** Takes in a ticket that came while there was more demand than tickets. */
  adapt(ticket: Ticket): void {
    this.#lookahead.note(ticket, this.timing.reservationMs, this.timing.leadMs);
  }

  async reportRefusal(): Promise<RefusalReport> {
    const { settingsKey, paceKey, spacingMs } = this.plan;
    const [counted, spacing] = (await withDeadline(
      this.redis.eval(reportRefusalLua, 2, settingsKey, paceKey, spacingMs),
      'reporting a refusal',
      answerLimitMs,
      this.lost,
    )) as [number, string];
    return { counted: counted === 1, spacingMs: Number(spacing) };
  }

  /** Puts the schedule off, as a call left so much too late. When that does not get through, the session is lost. */
  async postpone({ postponedMs }: Ticket, tooLateMs: number): Promise<void> {
    const telling = this.redis.eval(postponeLua, 1, this.plan.settingsKey, tooLateMs, postponedMs);
    try {
      await withDeadline(telling, 'putting the schedule off', answerLimitMs, this.lost);
    } catch (error) {
      this.dispose(reasonOf(error));
      throw error;
    }
  }

  /** Throws everything away at once. Safe to call twice. */
  dispose(reason: string): void {
    if (this.lost.aborted) return;
    this.#lost.abort(new Error(reason));
    for (const lane of this.#lanes) lane.dispose();
    this.redis.disconnect();
  }

  async #prepare(): Promise<void> {
    const lane = this.#addLane();
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
    await lane.ready();
  }

  #addLane(): SlotLane {
    const lane = new SlotLane(this.redis, this.plan, this.timing, (error) => this.dispose(reasonOf(error)));
    this.#lanes.push(lane);
    return lane;
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
