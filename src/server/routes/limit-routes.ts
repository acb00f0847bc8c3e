import { z } from 'zod';
import type { LimitReport } from '../../shared/live-limit.js';
import { limitAnswerSchema } from '../answers.js';
import type { App } from '../app.js';
import type { RouteDeps } from './route-deps.js';
import { answers, noBody } from './route-schema.js';

/** How many calls a second all workers make, at run time. */
export function addLimitRoutes(app: App, { backend, audit, facts }: RouteDeps): void {
  const store = () => backend.liveLimit(facts.callsPerSecond);
  const common = { tags: ['queue'], response: answers({ 200: limitAnswerSchema }) };

  app.get(
    '/v1/limit',
    { schema: { operationId: 'readLimit', summary: 'How many calls a second all workers make', ...common } },
    async () => toAnswer(await backend.ask(() => store().read())),
  );

  app.put(
    '/v1/limit',
    {
      config: { access: 'operate' },
      schema: {
        operationId: 'setLimit',
        summary: 'Have all workers make no more calls a second than this, until it is reset',
        body: z.strictObject({
          callsPerSecond: z.int().min(1).max(1_000),
          reason: z.string().max(1_000).optional(),
        }),
        ...common,
      },
    },
    async ({ body: { callsPerSecond, reason }, identity, id }) => {
      const report = await backend.ask(() => store().set(callsPerSecond, { by: identity?.name, reason }));
      const details = { callsPerSecond, ...(reason === undefined ? {} : { reason }) };
      if (identity !== null) await audit.note({ action: 'set-limit', details }, identity, id);
      return toAnswer(report);
    },
  );

  app.delete(
    '/v1/limit',
    {
      config: { access: 'operate' },
      schema: {
        operationId: 'resetLimit',
        summary: 'Go back to what workers are set to',
        body: noBody,
        ...common,
      },
    },
    async ({ identity, id }) => {
      const report = await backend.ask(() => store().reset({}));
      if (identity !== null) await audit.note({ action: 'reset-limit' }, identity, id);
      return toAnswer(report);
    },
  );
}

function toAnswer({ callsPerSecond, setting, live }: LimitReport): z.infer<typeof limitAnswerSchema> {
  return { callsPerSecond, setting, live };
}
