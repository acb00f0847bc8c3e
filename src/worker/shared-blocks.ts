import { setTimeout as sleep } from 'node:timers/promises';
import type { BlockedState, BlockedStateStore } from '../shared/blocked-state.js';
import type { Logger } from '../shared/logger.js';
import { isAway } from './reachability.js';
import type { SharedProbe } from './shared-probe.js';

export interface SharedBlocksOptions {
  readonly store: Pick<BlockedStateStore, 'readAll' | 'raise' | 'raisePartial' | 'clear' | 'clearPartial'>;
  readonly probe: Pick<SharedProbe, 'ask'>;
  /** Whether somebody paused the queue by hand. */
  readonly isPaused: () => Promise<boolean>;
  readonly logger: Logger;
  /** How often the shared state is looked at, in ms. */
  readonly watchEveryMs: number;
}

/**
 * What is blocked, kept in step with Redis: one worker that finds a cause stops all of them. While no calls are made at
 * all, one probe at a time asks whether that is over.
 */
export class SharedBlocks {
  readonly #closing = new AbortController();
  #changes = 0;
  #held: BlockedState | undefined;
  #partial = new Map<string, BlockedState>();
  #paused = false;
  #waiters: (() => void)[] = [];
  #watching: Promise<void> | undefined;

  constructor(private readonly options: SharedBlocksOptions) {}

  /** Why no calls are made at all. */
  get held(): BlockedState | undefined {
    return this.#held;
  }

  get allowsCalls(): boolean {
    return this.#held === undefined && !this.#paused;
  }

  /** What keeps only some calls back. */
  partial(id: string): BlockedState | undefined {
    return this.#partial.get(id);
  }

  /** Watches the shared state until `close`. Safe to call twice. */
  start(): void {
    this.#watching ??= this.#watch();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#watching;
  }

  /** Resolves when `allowsCalls` is true, or when the signal aborts. */
  async whenAllowed(signal: AbortSignal): Promise<void> {
    if (this.allowsCalls || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const go = () => {
        signal.removeEventListener('abort', go);
        resolve();
      };
      this.#waiters.push(go);
      signal.addEventListener('abort', go, { once: true });
    });
  }

  async raiseHeld(state: BlockedState): Promise<void> {
    this.#changes += 1;
    this.#noteHeld(state);
    await this.options.store.raise(state);
  }

  /** Also says that the block is as real as ever; one of which nothing is heard ends by itself. */
  async raisePartial(id: string, state: BlockedState, mode?: 'replace'): Promise<void> {
    if (!this.#partial.has(id)) {
      const { code, message, region, scope } = state;
      this.options.logger.error({ code, reason: message, region, scope }, 'blocked: some calls wait');
    }
    this.#changes += 1;
    if (mode === 'replace' || !this.#partial.has(id)) this.#partial.set(id, state);
    await this.options.store.raisePartial(id, state, mode);
  }

  /** Ends a partial block, here at once and for all others soon. False when there is none. */
  lift(id: string): boolean {
    if (!this.#partial.delete(id)) return false;
    this.#changes += 1;
    this.options.logger.info({ block: id }, 'no longer blocked');
    this.#inBackground(this.options.store.clearPartial(id));
    return true;
  }

  liftHeld(): void {
    this.#changes += 1;
    this.#inBackground(this.options.store.clear());
    this.#open();
  }

  #inBackground(work: Promise<void>): void {
    work.catch((error: unknown) => {
      this.options.logger.warn({ err: error }, 'the blocked state could not be cleared');
    });
  }

  async #watch(): Promise<void> {
    const { logger, watchEveryMs } = this.options;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        await this.#look();
      } catch (error) {
        logger.warn({ err: error }, 'the blocked state could not be read');
      }
      await sleep(watchEveryMs, undefined, { signal }).catch(() => {}); // aborted: the loop ends
    }
  }

  async #look(): Promise<void> {
    const { store, probe, isPaused, logger } = this.options;
    const changesBefore = this.#changes;
    const [{ held, partial }, paused] = await Promise.all([store.readAll(), isPaused()]);
    if (paused !== this.#paused) logger.warn(paused ? 'paused by hand' : 'resumed by hand');
    this.#paused = paused;
    // What was read may be older than what a call has found meanwhile.
    const isCurrent = this.#changes === changesBefore;
    if (isCurrent) this.#partial = new Map(partial);
    if (held === undefined) {
      if (isCurrent) this.#open();
      return;
    }
    this.#noteHeld(held);
    const failure = await probe.ask(held.region);
    if (failure === 'not now') return;
    if (failure !== undefined && isAway(failure)) {
      logger.debug({ code: failure.code }, 'still held');
      return;
    }
    await store.clear();
    this.#open();
  }

  #noteHeld(state: BlockedState): void {
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
    if (this.#held !== undefined) this.options.logger.info('no longer held');
    this.#held = undefined;
    if (this.#paused) return;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const go of waiters) go();
  }
}
