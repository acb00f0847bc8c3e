import type { CallHistory, CallNote } from '../shared/call-history.js';
import type { Logger } from '../shared/logger.js';

/** What waits while Redis is away; beyond it the oldest are forgotten, as the history forgets them too. */
const mostWaiting = 20_000;

interface WaitingNote extends Omit<CallNote, 'ageMs'> {
  /** As `performance.now()` tells it. */
  readonly sentAt: number;
}

/**
 * Tells the history of calls what this worker sent. Nobody waits for it: notes that come while others are written go
 * out together afterwards.
 */
export class CallRecorder {
  #waiting: WaitingNote[] = [];
  #writing = false;

  constructor(
    private readonly history: CallHistory,
    private readonly logger: Logger,
  ) {}

  /** Never throws and never waits. */
  note(call: WaitingNote): void {
    this.#waiting.push(call);
    if (this.#waiting.length > mostWaiting) this.#waiting.shift();
    void this.#write();
  }

  async #write(): Promise<void> {
    if (this.#writing) return;
    this.#writing = true;
    while (this.#waiting.length > 0) {
      const now = performance.now();
      const calls = this.#waiting.map(({ sentAt, ...rest }) => ({ ...rest, ageMs: now - sentAt }));
      this.#waiting = [];
      // Counted for people only; the ledger has the truth of every call.
      await this.history.record(calls).catch((error: unknown) => {
        this.logger.debug({ err: error, calls: calls.length }, 'calls are missing from the history');
      });
    }
    this.#writing = false;
  }
}
