import type { Clock } from '../../shared/clock.js';
import type { RedisClient } from '../../shared/redis-connection.js';
import type { LimiterLogger } from './limiter-logger.js';
import type { LimiterPlan } from './limiter-plan.js';
import { LimiterSession } from './limiter-session.js';

const firstBackOffMs = 50;
const mostBackOffMs = 1_000;

/**
 * A server that took over from another may have lost the last writes. Calls that left before the connection broke
 * are out of the sliding second after this long, in ms.
 */
const pauseAfterTakeoverMs = 1_000;

/** Keeps a session open, for ever: a lost one is replaced by a new one. */
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
  get recreations(): number {
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
    let previous: { serverRunId: string | undefined; lostAt: number } | undefined;
    let failures = 0;
    while (!signal.aborted) {
      try {
        const session = await LimiterSession.open(this.createClient, this.plan, signal);
        if (failures > 0) this.logger.info({ failures }, 'The call limiter reached Redis again');
        if (previous !== undefined && !sameServer(previous, session)) {
          await this.#pauseUntil(previous.lostAt + pauseAfterTakeoverMs, session);
        }
        if (!session.lost.aborted) await this.#use(session);
        previous = { serverRunId: session.serverRunId, lostAt: performance.now() };
        failures = session.proven ? 0 : failures + 1;
      } catch (error) {
        failures++;
        if (!signal.aborted) this.logger.warn({ err: error }, 'The call limiter waits for Redis');
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
    this.logger.warn({ err: session.lost.reason }, 'The call limiter lost Redis and starts anew');
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

function sameServer(previous: { serverRunId: string | undefined }, session: LimiterSession): boolean {
  return previous.serverRunId !== undefined && previous.serverRunId === session.serverRunId;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
