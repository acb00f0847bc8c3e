import { type Clock, systemClock } from '../../shared/clock.js';
import { createRedisClient, type RedisClient } from '../../shared/redis-connection.js';
import type { CallLimiter, CallLimiterStats, CallSlot } from './call-limiter.js';
import { CallLimiterClosedError } from './call-limiter-closed-error.js';
import { hardenScripts } from './hardened-scripts.js';
import { type LimiterLogger, SparingLogger, silentLogger } from './limiter-logger.js';
import { type LimiterPlan, planLimiter } from './limiter-plan.js';
import type { LimiterSession } from './limiter-session.js';
import { Reconnector } from './reconnector.js';
import { TakerQueue } from './taker-queue.js';
import type { Ticket } from './ticket.js';
import { TicketSlot } from './ticket-slot.js';

export interface SharedCallLimiterOptions {
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
  /** The account's quota; default 20. Slots come a little slower, so that no sliding second exceeds it. */
  readonly callsPerSecond?: number;
  readonly logger?: LimiterLogger;
  readonly clock?: Clock;
}

/** A `CallLimiter` that may be connected ahead of its first use. */
export interface SharedCallLimiter extends CallLimiter {
  /** Connects now; otherwise the first `take` does. Never fails: while Redis is away it goes on trying. */
  start(): void;
}

/**
 * Bottleneck in Redis clustering mode, hardened (docs/limiter.md). Does no I/O before `start` or the first `take`.
 * Throws `BottleneckChangedError` when the installed Bottleneck is not the one that the hardening was made for, and
 * `RangeError` for options that make no sense.
 *
 * Far from Redis, slots are reserved ahead for takers that wait already: have several `take`s pending while there is
 * work for several calls, or the round trips limit the rate.
 */
export function createSharedCallLimiter(options: SharedCallLimiterOptions): SharedCallLimiter {
  const { redis } = options;
  const plan = planLimiter(options.keyPrefix, options.bucket, options.callsPerSecond ?? 20);
  hardenScripts(plan.coolDownMs); // fails now rather than at each connection
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
  return new BottleneckCallLimiter(
    plan,
    createClient,
    new SparingLogger(options.logger ?? silentLogger),
    options.clock ?? systemClock,
  );
}

class BottleneckCallLimiter implements SharedCallLimiter {
  readonly #takers = new TakerQueue();
  readonly #connection: Reconnector;
  #underWay = 0;
  #slots = 0;
  #lateSlots = 0;
  #refusals = 0;
  #spacingMs: number;
  #closed = false;
  /** Calls that left late while there was no connection to tell it over. */
  readonly #late: [ticket: Ticket, tooLateMs: number][] = [];

  constructor(
    plan: LimiterPlan,
    createClient: () => RedisClient,
    private readonly logger: LimiterLogger,
    clock: Clock,
  ) {
    this.#spacingMs = plan.spacingMs;
    this.nominalSpacingMs = plan.spacingMs;
    this.#connection = new Reconnector(plan, createClient, logger, clock, () => {
      this.#underWay = 0;
      for (const late of this.#late.splice(0)) this.#postpone(...late);
      this.#pump();
    });
  }

  private readonly nominalSpacingMs: number;

  start(): void {
    if (!this.#closed) this.#connection.start();
  }

  async take(signal?: AbortSignal, hasMissed = false): Promise<CallSlot> {
    if (this.#closed) throw new CallLimiterClosedError();
    signal?.throwIfAborted();
    this.start();
    const slot = this.#takers.add(signal, hasMissed);
    this.#pump();
    return await slot;
  }

  async reportRefusal(): Promise<void> {
    this.#refusals++;
    try {
      const report = await this.#connection.session?.reportRefusal();
      if (report === undefined) return;
      this.#spacingMs = report.spacingMs;
      this.logger.warn(report, 'The cloud refuses calls for their rate: all workers slow down');
    } catch (error) {
      this.logger.warn({ err: error }, 'A refusal could not be shared with the other workers');
    }
  }

  stats(): CallLimiterStats {
    return {
      slots: this.#slots,
      lateSlots: this.#lateSlots,
      recreations: this.#connection.recreations,
      refusals: this.#refusals,
      spacingMs: this.#spacingMs,
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#takers.rejectAll(new CallLimiterClosedError());
    await this.#connection.close();
  }

  /** Keeps as many reservations under way as there are takers, within the session's lookahead. */
  #pump(): void {
    const { session } = this.#connection;
    if (session === undefined) return;
    while (this.#underWay < Math.min(this.#takers.size, session.lookahead)) {
      this.#underWay++;
      const crowded = this.#takers.size > session.lookahead;
      session.reserve().then(
        (ticket) => this.#onDue(session, ticket, crowded),
        () => {}, // the session is lost; the next one starts from zero
      );
    }
  }

  #onDue(session: LimiterSession, ticket: Ticket, crowded: boolean): void {
    if (session !== this.#connection.session) return;
    this.#underWay--;
    this.#learn(session, ticket, crowded);
    if (ticket.granted) {
      const { lost, timing } = session;
      const slot = new TicketSlot(ticket, { lost, timing, postpone: (...late) => this.#postpone(...late) });
      if (!slot.isUsable()) {
        this.#lateSlots++;
        slot.noteLateness();
      } else if (this.#takers.resolveFirst(slot)) this.#slots++;
    }
    this.#pump();
  }

  /** Over whichever connection there is by now: the schedule is one. */
  #postpone(ticket: Ticket, tooLateMs: number): void {
    const { session } = this.#connection;
    if (session === undefined) this.#late.push([ticket, tooLateMs]);
    else session.postpone(ticket, tooLateMs).catch(() => this.#late.push([ticket, tooLateMs]));
  }

  #learn(session: LimiterSession, ticket: Ticket, crowded: boolean): void {
    this.#spacingMs = ticket.spacingMs;
    if (crowded) session.adapt(ticket);
    if (ticket.graceMs > 0) {
      this.logger.warn(
        { graceMs: ticket.graceMs },
        'This process is too slow to use its slots in time, so it keeps more distance and gets fewer',
      );
    }
    if (ticket.othersSpacingMs !== this.nominalSpacingMs) {
      this.logger.warn(
        { ownSpacingMs: this.nominalSpacingMs, othersSpacingMs: ticket.othersSpacingMs },
        'Another worker is set to another call rate for the same bucket',
      );
    }
  }
}
