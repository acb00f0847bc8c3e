import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { LedgerReport, SettledJob } from '../../shared/ledger/index.js';
import { stateOf } from '../../shared/ledger/index.js';
import { addBuildInfo } from '../../shared/metrics/build-info.js';
import { knownCode } from '../../shared/metrics/known-code.js';
import type { RateLimiterStats } from '../../shared/rate-limiter/index.js';

/** Told when somebody asks for the metrics: how the limiters of each action stand. */
export type ReadLimiters = () => { readonly action: string; readonly stats: RateLimiterStats }[];

/** What one worker measures. No label has an open-ended set of values. */
export class WorkerMetrics {
  readonly #registry = new Registry();
  readonly #registers = [this.#registry];
  #readLimiters: ReadLimiters = () => [];

  readonly calls = new Counter({
    name: 'tat_cancel_calls_total',
    help: 'Calls to the cloud, by action and by the code of the answer (ok, or an error code)',
    labelNames: ['action', 'code'],
    registers: this.#registers,
  });

  readonly callSeconds = new Histogram({
    name: 'tat_cancel_call_duration_seconds',
    help: 'From sending a call to its answer',
    labelNames: ['action'],
    buckets: [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: this.#registers,
  });

  readonly idsPerCall = new Histogram({
    name: 'tat_cancel_ids_per_call',
    help: 'Instances that a cancel call names; those for a whole invocation name none and are left out',
    buckets: [1, 2, 5, 10, 25, 50, 75, 99, 100],
    registers: this.#registers,
  });

  readonly permitWaitSeconds = new Histogram({
    name: 'tat_cancel_permit_wait_seconds',
    help: 'Wait for a permit of the shared rate limiter',
    labelNames: ['action'],
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: this.#registers,
  });

  readonly timeToStopSeconds = new Histogram({
    name: 'tat_cancel_time_to_stop_seconds',
    help: 'From the cloud’s acceptance of a cancel to the proof that the task has ended, by instance',
    buckets: [1, 2, 3, 5, 10, 20, 30, 60, 120, 300],
    registers: this.#registers,
  });

  readonly redisLosses = new Counter({
    name: 'tat_cancel_redis_losses_total',
    help: 'Times that this worker found Redis without all its data, or without the latest writes',
    labelNames: ['what'],
    registers: this.#registers,
  });

  readonly #instances = new Counter({
    name: 'tat_cancel_instances_total',
    help: 'Instances that came to this state; one may be accepted again, or come back from the dead letters',
    labelNames: ['outcome'],
    registers: this.#registers,
  });

  readonly #attempts = new Counter({
    name: 'tat_cancel_failed_attempts_total',
    help: 'Attempts of jobs that failed in passing, by error code',
    labelNames: ['code'],
    registers: this.#registers,
  });

  readonly #deadLetters = new Counter({
    name: 'tat_cancel_dead_letters_written_total',
    help: 'Dead letters written by this worker, by error code',
    labelNames: ['code'],
    registers: this.#registers,
  });

  readonly #limiterRate = new Gauge({
    name: 'tat_cancel_limiter_calls_per_second',
    help: 'Rate in force at full load, which all workers share',
    labelNames: ['action'],
    registers: this.#registers,
  });

  readonly #limiterCounts = new Gauge({
    name: 'tat_cancel_limiter_events',
    help: 'Since the worker started: permits handed out, too late, given back, throttled calls, reconnects',
    labelNames: ['action', 'event'],
    registers: this.#registers,
  });

  constructor() {
    addBuildInfo(this.#registry, 'worker');
    for (const what of ['all', 'latest']) this.redisLosses.inc({ what }, 0); // so that the first one is a rise
    collectDefaultMetrics({ register: this.#registry });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  watchLimiters(read: ReadLimiters): void {
    this.#readLimiters = read;
  }

  /** What the ledger has taken down. Where two workers tell of the same instances, what moved is counted once. */
  noteSettled({ moves }: LedgerReport, jobs: readonly SettledJob[]): void {
    for (const [index, move] of moves.entries()) {
      const moved = jobs[index]?.moved ?? 0;
      if (moved === 0) continue;
      if (move.kind === 'retry') this.#attempts.inc({ code: knownCode(move.attempt.code) });
      if (move.kind === 'bury') this.#deadLetters.inc({ code: knownCode(move.letter.code) });
      if (move.kind === 'confirm' && move.ageMs !== undefined) {
        for (let instance = 0; instance < moved; instance++) {
          this.timeToStopSeconds.observe(move.ageMs / 1_000);
        }
      }
      this.#countInstances(move.mask, moved);
    }
  }

  async read(): Promise<string> {
    this.#limiterRate.reset();
    this.#limiterCounts.reset();
    for (const { action, stats } of this.#readLimiters()) {
      this.#limiterRate.set({ action }, Math.round(100_000 / stats.intervalMs) / 100);
      const { permits, late, givenBack: given_back, throttled, reconnects } = stats;
      for (const [event, count] of Object.entries({ permits, late, given_back, throttled, reconnects })) {
        this.#limiterCounts.inc({ action, event }, count);
      }
    }
    return await this.#registry.metrics();
  }

  #countInstances(mask: string, moved: number): void {
    const marks = [...mask].filter((mark) => mark !== '.');
    // A single mark stands for all instances of the job.
    const letters = marks.length === 1 ? Array.from({ length: moved }, () => marks[0] ?? '') : marks;
    for (const letter of letters.slice(0, moved)) {
      const outcome = stateOf(letter);
      if (outcome !== 'waiting') this.#instances.inc({ outcome });
    }
  }
}
