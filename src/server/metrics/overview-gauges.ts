import { Gauge, type Registry } from 'prom-client';
import { knownCode } from '../../shared/metrics/known-code.js';
import type { QueueOverview } from '../../shared/queue-overview.js';

const partialScopes = ['access-point', 'region', 'targets'] as const;

/** The state of the installation as gauges. All servers of one installation show the same. */
export class OverviewGauges {
  readonly #all: { readonly gauge: Gauge; readonly hasLabels: boolean }[] = [];
  readonly #registry: Registry;

  readonly #jobs: Gauge;
  readonly #waitingJobs: Gauge;
  readonly #waitingInstances: Gauge;
  readonly #unsettled: Gauge;
  readonly #oldest: Gauge;
  readonly #deadLetters: Gauge;
  readonly #held: Gauge;
  readonly #blocked: Gauge;
  readonly #paused: Gauge;
  readonly #workers: Gauge;
  readonly #pace: Gauge;
  readonly #limit: Gauge;
  readonly #calls: Gauge;
  readonly #refusals: Gauge;

  constructor(registry: Registry) {
    this.#registry = registry;
    this.#jobs = this.#gauge('queue_jobs', 'Jobs by queue and state', ['queue', 'state']);
    this.#waitingJobs = this.#gauge('waiting_jobs', 'Cancel jobs that wait', ['priority']);
    this.#waitingInstances = this.#gauge('waiting_instances', 'Instances that wait for a call', ['priority']);
    this.#unsettled = this.#gauge('unsettled_requests', 'Cancel requests without an outcome for everything');
    this.#oldest = this.#gauge(
      'oldest_waiting_age_seconds',
      'Age of the oldest request with instances that wait; 0 when none does',
    );
    this.#deadLetters = this.#gauge('dead_letters', 'Dead letters that nobody has dealt with', ['code']);
    this.#held = this.#gauge(
      'held',
      '1 while no calls are made because the set-up or the way to the cloud is at fault',
    );
    this.#blocked = this.#gauge('blocked', 'Causes that keep some calls back while others go on', ['scope']);
    this.#paused = this.#gauge('paused', '1 while somebody has paused the queue');
    this.#workers = this.#gauge('workers', 'Workers heard of in the last ten seconds');
    this.#pace = this.#gauge(
      'pace_calls_per_second',
      'Pace of the shared call limiter; missing without workers',
    );
    this.#limit = this.#gauge(
      'limit_calls_per_second',
      'Limit that workers are set to; missing without workers',
    );
    this.#calls = this.#gauge('calls_per_second', 'Cancel calls a second of all workers, over the last ten');
    this.#refusals = this.#gauge('refusals_last_minute', 'Calls refused for their rate, of all workers');
  }

  show(overview: QueueOverview, deadLetters: ReadonlyMap<string, number>): void {
    this.clear();
    for (const { name: queue, ...states } of overview.queues) {
      for (const [state, jobs] of Object.entries(states)) this.#jobs.set({ queue, state }, jobs);
    }
    for (const [priority, { jobs, instances }] of Object.entries(overview.waiting)) {
      this.#waitingJobs.set({ priority }, jobs);
      this.#waitingInstances.set({ priority }, instances);
    }
    for (const [code, letters] of deadLetters) this.#deadLetters.inc({ code: knownCode(code) }, letters);
    this.#unsettled.set(overview.unsettledRequests);
    this.#oldest.set(overview.oldestWaiting?.ageSeconds ?? 0);
    this.#held.set(overview.held === null ? 0 : 1);
    for (const scope of partialScopes) this.#blocked.set({ scope }, 0);
    for (const { scope } of overview.blocked) this.#blocked.inc({ scope });
    this.#paused.set(overview.paused === false ? 0 : 1);
    this.#workers.set(overview.workers.length);
    if (overview.pace !== null) this.#pace.set(overview.pace);
    if (overview.callsPerSecondLimit !== null) this.#limit.set(overview.callsPerSecondLimit);
    this.#calls.set(overview.callsPerSecond);
    this.#refusals.set(overview.refusals.lastMinute);
  }

  /** Removes every figure: a gauge without one is left out of the answer. */
  clear(): void {
    for (const { gauge, hasLabels } of this.#all) {
      if (hasLabels) gauge.reset();
      else gauge.remove(); // reset would set it to 0
    }
  }

  #gauge(name: string, help: string, labelNames: string[] = []): Gauge {
    const gauge = new Gauge({ name: `tat_cancel_${name}`, help, labelNames, registers: [this.#registry] });
    this.#all.push({ gauge, hasLabels: labelNames.length > 0 });
    return gauge;
  }
}
