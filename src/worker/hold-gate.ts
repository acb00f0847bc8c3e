import { setTimeout as sleep } from 'node:timers/promises';
import type { Failure } from '../shared/failure.js';
import type { HeldState, HeldStateStore } from '../shared/held-state.js';
import type { Logger } from '../shared/logger.js';

export interface HoldGateOptions {
  readonly store: Pick<HeldStateStore, 'read' | 'raise' | 'clear' | 'mayProbe'>;
  /** A read call; its failure, or undefined when it succeeded. */
  readonly probe: (region: string) => Promise<Failure | undefined>;
  /** Whether somebody paused the queue by hand. */
  readonly isPaused: () => Promise<boolean>;
  readonly logger: Logger;
  readonly workerName: string;
  /** How often the shared state is looked at, in ms; default 1000. */
  readonly watchEveryMs?: number;
  /** Shortest time between two probes of all workers together, in ms; default 2500. */
  readonly probeEveryMs?: number;
}

/** So many different invocations refused in a row mean that the credentials are at fault and not the targets. */
const refusalsThatHold = 3;

/**
 * Keeps calls back while the set-up is at fault (credentials, region, endpoint), or while people have paused the queue.
 * The state is shared through Redis: one worker that finds the fault stops all of them, and one probe at a time asks
 * whether it is over.
 */
export class HoldGate {
  readonly #refusedInARow = new Set<string>();
  readonly #closing = new AbortController();
  #hasSucceeded = false;
  #raises = 0;
  #held: HeldState | undefined;
  #paused = false;
  #waiters: (() => void)[] = [];
  #watching: Promise<void> | undefined;

  constructor(private readonly options: HoldGateOptions) {}

  /** Why calls are kept back; undefined while they may go. */
  get held(): HeldState | undefined {
    return this.#held;
  }

  get isOpen(): boolean {
    return this.#held === undefined && !this.#paused;
  }

  /** Watches the shared state until `close`. Safe to call twice. */
  start(): void {
    this.#watching ??= this.#watch();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#watching;
  }

  /** Resolves when calls may go, or when the signal aborts. */
  async whenOpen(signal: AbortSignal): Promise<void> {
    if (this.isOpen || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const go = () => {
        signal.removeEventListener('abort', go);
        resolve();
      };
      this.#waiters.push(go);
      signal.addEventListener('abort', go, { once: true });
    });
  }

  noteSuccess(): void {
    this.#hasSucceeded = true;
    this.#refusedInARow.clear();
  }

  /**
   * The last word on a failure. A refusal that may concern one target only is `dead` once these credentials have
   * proved good, unless several invocations in a row are refused; so is a complaint about one region. Whatever stays
   * `hold` keeps all workers back.
   */
  async judge(failure: Failure, target: { region: string; invocationId: string }): Promise<Failure> {
    if (failure.class !== 'hold') return failure;
    if (failure.perTarget) {
      this.#refusedInARow.add(target.invocationId);
      if (this.#hasSucceeded && this.#refusedInARow.size < refusalsThatHold) return condemn(failure);
    }
    if (failure.perRegion && this.#hasSucceeded) return condemn(failure);
    const state: HeldState = {
      code: failure.code,
      message: failure.message,
      region: target.region,
      since: Date.now(),
      worker: this.options.workerName,
    };
    this.#raises += 1;
    this.#note(state);
    await this.options.store.raise(state);
    return failure;
  }

  async #watch(): Promise<void> {
    const { logger, watchEveryMs = 1_000 } = this.options;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        await this.#look();
      } catch (error) {
        logger.warn({ err: error }, 'the held state could not be read');
      }
      await sleep(watchEveryMs, undefined, { signal }).catch(() => {}); // aborted: the loop ends
    }
  }

  async #look(): Promise<void> {
    const { store, probe, isPaused, logger, probeEveryMs = 2_500 } = this.options;
    const raisesBefore = this.#raises;
    const [state, paused] = await Promise.all([store.read(), isPaused()]);
    if (paused !== this.#paused) logger.warn(paused ? 'paused by hand' : 'resumed by hand');
    this.#paused = paused;
    if (state === undefined) {
      // What was read may be older than a fault that a call has found meanwhile.
      if (this.#raises === raisesBefore) this.#open();
      return;
    }
    this.#note(state);
    if (!(await store.mayProbe(probeEveryMs))) return;
    const failure = await probe(state.region);
    // A region that the cloud does not know says nothing of other regions: they are tried, this one's jobs wait behind.
    if (failure !== undefined && !failure.perRegion) {
      logger.debug({ code: failure.code }, 'still held');
      return;
    }
    await store.clear();
    this.#open();
  }

  #note(state: HeldState): void {
    if (this.#held === undefined) {
      const { code, message, worker } = state;
      this.options.logger.error(
        { code, reason: message, worker },
        'held: no calls until the set-up is mended',
      );
    }
    this.#held = state;
  }

  #open(): void {
    // Refusals in a row stay counted: the probe only reads, so nothing but a cancel that succeeds clears the key.
    if (this.#held !== undefined) this.options.logger.info('no longer held');
    this.#held = undefined;
    if (this.#paused) return;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const go of waiters) go();
  }
}

function condemn(failure: Failure): Failure {
  return { ...failure, class: 'dead', scope: failure.perRegion ? 'invocation' : failure.scope };
}
