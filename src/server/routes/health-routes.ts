import { monitorEventLoopDelay } from 'node:perf_hooks';
import { z } from 'zod';
import type { BlockedState } from '../../shared/blocked-state.js';
import { describeBlocked } from '../../shared/blocked-words.js';
import { blockScopes } from '../../shared/failure-policy.js';
import { checkRedis } from '../../shared/redis-preflight.js';
import type { App } from '../app.js';
import { FreshAnswer } from '../fresh-answer.js';
import { toProblem } from '../problem.js';
import type { RouteDeps } from './route-deps.js';
import { plainAnswers } from './route-schema.js';

const readinessFreshForMs = 1_000;

const liveSchema = z
  .object({ status: z.literal('ok'), eventLoopDelayMs: z.number() })
  .meta({ id: 'Liveness' });

const blockSchema = z.object({
  scope: z.enum(blockScopes),
  code: z.string(),
  since: z.number(),
  why: z.string(),
  advice: z.string(),
});

const readySchema = z
  .object({
    status: z.enum(['ready', 'not ready']),
    redis: z.object({ version: z.string(), warnings: z.array(z.string()) }).nullable(),
    held: blockSchema.nullable(),
    blocked: z.array(blockSchema),
    problem: z.object({ code: z.string(), detail: z.string() }).optional(),
  })
  .meta({ id: 'Readiness' });

/** For those who watch over processes. Neither takes a token; neither tells anything that is secret. */
export function addHealthRoutes(app: App, { backend, closing }: RouteDeps): void {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  app.addHook('onReady', async () => {
    delay.enable();
  });
  app.addHook('onClose', async () => {
    delay.disable();
  });
  const config = { access: 'anybody', rateLimit: false } as const;
  // Anybody may ask, as often as they like; Redis is asked once a second.
  const readiness = new FreshAnswer(
    async () => await backend.ask(() => Promise.all([checkRedis(backend.client), backend.blocked.readAll()])),
    readinessFreshForMs,
  );

  app.get(
    '/livez',
    {
      config,
      schema: {
        operationId: 'isAlive',
        tags: ['health'],
        summary: 'Whether the process runs',
        response: plainAnswers({ 200: liveSchema }),
      },
    },
    async () => {
      const eventLoopDelayMs = Math.round(delay.percentile(99) / 1e4) / 100;
      delay.reset();
      return { status: 'ok' as const, eventLoopDelayMs };
    },
  );

  app.get(
    '/readyz',
    {
      config,
      schema: {
        operationId: 'isReady',
        tags: ['health'],
        summary:
          'Whether requests are taken: Redis answers and is fit. Held is told, but keeps nobody from asking',
        response: plainAnswers({ 200: readySchema, 503: readySchema }),
      },
    },
    async (request, reply) => {
      try {
        closing.throwIfAborted();
        const [report, { held, partial }] = await readiness.read();
        return {
          status: 'ready' as const,
          redis: { version: report.version, warnings: [...report.warnings] },
          held: held === undefined ? null : describeBlock(held),
          blocked: [...partial.values()].map(describeBlock),
        };
      } catch (error) {
        const problem = toProblem(error);
        if (problem === undefined && !closing.aborted)
          request.log.error({ err: error }, 'readiness cannot be told');
        reply.code(503).header('retry-after', 2);
        return {
          status: 'not ready' as const,
          redis: null,
          held: null,
          blocked: [],
          problem: {
            code: closing.aborted ? 'CLOSING' : (problem?.code ?? 'INTERNAL'),
            detail: problem?.message ?? 'The server cannot take requests.',
          },
        };
      }
    },
  );
}

/** For anybody: no region, host, worker or text of the cloud. */
function describeBlock(state: BlockedState) {
  const { scope, code, since } = state;
  const { why, advice } = describeBlocked(state);
  return { scope, code, since, why, advice };
}
