import type { Logger } from '../shared/logger.js';

const quietMs = 10_000;

/**
 * Logs the errors of event emitters without flooding: BullMQ repeats the same one hundreds of times a second while
 * Redis is out of reach. Of each kind one line every ten seconds, whoever met it first, with the number of those left
 * out.
 */
export class QuietErrors {
  readonly #seen = new Map<string, { until: number; skipped: number }>();

  constructor(private readonly logger: Logger) {}

  of(source: string): (error: Error) => void {
    return (error) => {
      // Ids are no kind: a worker that lost its locks has an error for each of its hundreds of jobs.
      const kind = `${error.name} ${error.message.replace(/\S*\d\S*/g, '#')}`;
      const now = Date.now();
      const seen = this.#seen.get(kind);
      if (seen !== undefined && now < seen.until) {
        seen.skipped += 1;
        return;
      }
      if (this.#seen.size > 1_000) this.#seen.clear();
      this.#seen.set(kind, { until: now + quietMs, skipped: 0 });
      this.logger.error({ err: error, source, skipped: seen?.skipped ?? 0 }, 'trouble in the background');
    };
  }
}
