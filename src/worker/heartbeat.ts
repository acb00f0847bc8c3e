import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../shared/logger.js';
import type { WorkerReport, WorkerRoster } from '../shared/worker-roster.js';
import type { StoreFinding, StoreWatch } from './store-watch.js';

const everyMs = 2_000;

/** Says every few seconds that this worker is alive, and how it gets on. */
export class Heartbeat {
  readonly #closing = new AbortController();
  #running: Promise<void> | undefined;

  constructor(
    private readonly options: {
      readonly roster: WorkerRoster;
      readonly describe: () => WorkerReport;
      /** Looked at with every beat. */
      readonly store: Pick<StoreWatch, 'look'>;
      readonly onLoss?: ((finding: StoreFinding) => void) | undefined;
      readonly logger: Logger;
    },
  ) {}

  /** Safe to call twice. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Safe to call twice. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { roster, describe, store, onLoss, logger } = this.options;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        const [finding] = await Promise.all([store.look(), roster.report(describe())]);
        if (finding !== 'unchanged') onLoss?.(finding);
      } catch (error) {
        if (!signal.aborted) logger.debug({ err: error }, 'the heartbeat did not get through');
      }
      await sleep(everyMs, undefined, { signal }).catch(() => {}); // aborted: the loop ends
    }
  }
}
