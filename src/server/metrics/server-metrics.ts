import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { EnqueueError } from '../../shared/errors.js';
import { addBuildInfo } from '../../shared/metrics/build-info.js';
import type { App } from '../app.js';
import type { Backend } from '../backend.js';
import { OverviewGauges } from './overview-gauges.js';

/** What the server measures of itself, and the state of the installation at the moment of asking. */
export class ServerMetrics {
  readonly #registry = new Registry();
  readonly #gauges: OverviewGauges;
  readonly #redisUp: Gauge;
  readonly #requests: Counter<'method' | 'route' | 'status'>;
  readonly #durations: Histogram<'route'>;

  constructor(private readonly backend: Backend) {
    const registers = [this.#registry];
    addBuildInfo(this.#registry, 'server');
    collectDefaultMetrics({ register: this.#registry });
    this.#gauges = new OverviewGauges(this.#registry);
    this.#redisUp = new Gauge({
      name: 'tat_cancel_redis_up',
      help: '1 while Redis answers the server; without it the metrics of the queue are missing',
      registers,
    });
    this.#requests = new Counter({
      name: 'tat_cancel_http_requests_total',
      help: 'HTTP requests answered',
      labelNames: ['method', 'route', 'status'],
      registers,
    });
    this.#durations = new Histogram({
      name: 'tat_cancel_http_request_duration_seconds',
      help: 'From the first byte of a request to the end of its answer; streams are left out',
      labelNames: ['route'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Counts the requests of an app. Routes are labelled by their pattern, so there is an end of them. */
  watch(app: App): void {
    app.addHook('onResponse', async (request, reply) => {
      const route = request.routeOptions.url ?? 'none';
      this.#requests.inc({ method: request.method, route, status: reply.statusCode });
      if (!route.endsWith('/events')) this.#durations.observe({ route }, reply.elapsedTime / 1_000);
    });
  }

  /** Never rejects for what Redis does. */
  async read(): Promise<string> {
    try {
      const [overview, deadLetters] = await this.backend.ask(() =>
        Promise.all([this.backend.overview.read(), this.backend.deadLetters.store.countByCode()]),
      );
      this.#gauges.show(overview, deadLetters);
      this.#redisUp.set(1);
    } catch (error) {
      if (!(error instanceof EnqueueError)) throw error;
      // Old figures would look like news.
      this.#gauges.clear();
      this.#redisUp.set(0);
    }
    return await this.#registry.metrics();
  }
}
