import type { Clock } from '../clock.js';
import type { RedisClient } from '../redis-connection.js';
import type { LimiterLogger } from './limiter-logger.js';
import type { LimiterPlan } from './limiter-plan.js';
import { LimiterSession } from './limiter-session.js';
import { windowMs } from './window.js';

const firstBackOffMs = 50;
const mostBackOffMs = 1_000;

interface LostSession {
  readonly lostAt: number;
  readonly clockJumpedAfter: number | undefined;
}

/** Keeps a session open until it is closed: a lost one is replaced by a new one. */
export class Reconnector {
  readonly #closing = new AbortController();
  #session: LimiterSession | undefined;
  #running: Promise<void> | undefined;
  #opened = 0;

  constructor(
    private readonly plan: LimiterPlan,
    private readonly createClient: () => RedisClient,
    private readonly logger: LimiterLogger,
    private readonly clock: Clock,
    private readonly onOpen: () => void,
  ) {}

  /** The session in use; undefined while Redis is away. */
  get session(): LimiterSession | undefined {
    return this.#session;
  }

  /** How many sessions were opened in place of a lost one. */
  get reconnects(): number {
    return Math.max(this.#opened - 1, 0);
  }

  /** Safe to call twice. */
  start(): void {
    this.#running ??= this.#keepOpen();
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('closed'));
    this.#session?.dispose('closed');
    await this.#running;
  }

  async #keepOpen(): Promise<void> {
    const { signal } = this.#closing;
    let previous: LostSession | undefined;
    let failures = 0;
    while (!signal.aborted) {
      try {
        const session: LimiterSession = await LimiterSession.open(
          this.createClient,
          this.plan,
          signal,
          previous?.clockJumpedAfter,
        );
        if (failures > 0) this.logger.info({ failures }, 'rate limiter connected to Redis');
        // Nobody can tell whether another server took over, which may have lost the last writes.
        if (previous !== undefined && session.serverRunId === undefined) {
          await this.#pauseUntil(previous.lostAt + windowMs, session);
        }
        if (!session.lost.aborted) await this.#use(session);
        previous = { lostAt: performance.now(), clockJumpedAfter: session.clockJumpedAfter };
        failures = session.proven ? 0 : failures + 1;
      } catch (error) {
        failures++;
        if (!signal.aborted) this.logger.warn({ err: error }, 'rate limiter waits for Redis');
      }
      if (failures > 0) await this.#backOff(failures);
    }
  }

  /** Waits longer after each failure in a row, and never as long as the other processes do. */
  async #backOff(failures: number): Promise<void> {
    const backOffMs = Math.min(firstBackOffMs * 2 ** (failures - 1), mostBackOffMs);
    await this.#sleep(backOffMs * (0.5 + Math.random() / 2), this.#closing.signal);
  }

  async #use(session: LimiterSession): Promise<void> {
    this.#session = session;
    this.#opened++;
    this.onOpen();
    await aborted(session.lost);
    this.#session = undefined;
    if (this.#closing.signal.aborted) return;
    this.logger.warn({ err: session.lost.reason }, 'rate limiter lost its connection to Redis');
  }

  async #pauseUntil(time: number, session: LimiterSession): Promise<void> {
    await this.#sleep(time - performance.now(), AbortSignal.any([this.#closing.signal, session.lost]));
    if (this.#closing.signal.aborted) session.dispose('closed');
  }

  /** Ends early, without a word, when the signal aborts. */
  async #sleep(delayMs: number, signal: AbortSignal): Promise<void> {
    if (delayMs > 0) await this.clock.sleep(delayMs, signal).catch(() => {});
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
