import { z } from 'zod';
import { historySeconds } from '../../shared/call-history.js';
import { defaultMaxInstancesPerRequest, idsPerCall, instanceIdSchema } from '../../shared/schemas.js';
import { instanceRecordSchema, overviewSchema, pageSettingsSchema, pausedAnswerSchema } from '../answers.js';
import type { App } from '../app.js';
import { addLimitRoutes } from './limit-routes.js';
import type { RouteDeps } from './route-deps.js';
import { answers, noBody } from './route-schema.js';

/** How the whole installation stands, and the switch that stops all calls. */
export function addOverviewRoutes(app: App, deps: RouteDeps): void {
  const { backend, facts } = deps;

  app.get(
    '/v1/overview',
    {
      schema: {
        operationId: 'readOverview',
        tags: ['overview'],
        summary: 'How the whole installation stands',
        response: answers({ 200: overviewSchema }),
      },
    },
    async () => {
      const [overview, history] = await backend.ask(() =>
        Promise.all([backend.overview.read(), backend.history.read(historySeconds)]),
      );
      return { ...overview, history };
    },
  );

  app.get(
    '/v1/settings',
    {
      schema: {
        operationId: 'readSettings',
        tags: ['overview'],
        summary: 'What a page needs to reckon with',
        response: answers({ 200: pageSettingsSchema }),
      },
    },
    async () => ({
      callsPerSecond: facts.callsPerSecond,
      instancesPerRequest: defaultMaxInstancesPerRequest,
      idsPerCall,
    }),
  );

  app.get(
    '/v1/instances/:instanceId',
    {
      schema: {
        operationId: 'findInstance',
        tags: ['requests'],
        summary: 'What became of an instance in the latest requests that asked for it',
        params: z.object({ instanceId: instanceIdSchema }),
        response: answers({
          200: z.object({ instances: z.array(instanceRecordSchema) }).meta({ id: 'InstanceRecords' }),
        }),
      },
    },
    async ({ params: { instanceId } }) => ({
      instances: await (await backend.producer()).findInstance(instanceId),
    }),
  );

  addPauseRoutes(app, deps);
  addLimitRoutes(app, deps);
}

function addPauseRoutes(app: App, { backend, audit }: RouteDeps): void {
  app.post(
    '/v1/queue/pause',
    {
      config: { access: 'operate' },
      schema: {
        operationId: 'pauseQueue',
        tags: ['queue'],
        summary: 'No further calls, whoever asks, until resume',
        body: z.strictObject({ reason: z.string().max(1_000).optional() }).nullish(),
        response: answers({ 200: pausedAnswerSchema }),
      },
    },
    async ({ body, identity, id }) => {
      const reason = body?.reason;
      await (await backend.producer()).pause({ by: identity?.name, reason });
      if (identity !== null) {
        await audit.note(
          { action: 'pause', ...(reason === undefined ? {} : { details: { reason } }) },
          identity,
          id,
        );
      }
      return { paused: true };
    },
  );

  app.post(
    '/v1/queue/resume',
    {
      config: { access: 'operate' },
      schema: {
        operationId: 'resumeQueue',
        tags: ['queue'],
        summary: 'End a pause',
        body: noBody,
        response: answers({ 200: pausedAnswerSchema }),
      },
    },
    async ({ identity, id }) => {
      await (await backend.producer()).resume();
      if (identity !== null) await audit.note({ action: 'resume' }, identity, id);
      return { paused: false };
    },
  );
}
