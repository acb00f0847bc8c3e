import type { App } from '../app.js';
import { answers, textAnswer } from '../routes/route-schema.js';
import type { ServerMetrics } from './server-metrics.js';

/** The metrics for whoever has a token; METRICS_PORT is for scrapers without one. */
export function addMetricsRoutes(app: App, metrics: ServerMetrics): void {
  app.get(
    '/metrics',
    {
      schema: {
        operationId: 'readMetrics',
        tags: ['health'],
        summary: 'Metrics for Prometheus',
        response: answers({ 200: textAnswer('text/plain', 'In the text format of Prometheus') }),
      },
    },
    async (_request, reply) => reply.header('content-type', metrics.contentType).send(await metrics.read()),
  );
}
