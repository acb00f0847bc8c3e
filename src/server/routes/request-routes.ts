import { z } from 'zod';
import { instanceStates } from '../../shared/ledger/outcome.js';
import { cancelRequestSchema } from '../../shared/schemas.js';
import {
  enqueuedSchema,
  instancePageSchema,
  previewSchema,
  requestPageSchema,
  requestProgressSchema,
  requestStates,
} from '../answers.js';
import type { App } from '../app.js';
import { previewRequest } from '../enqueue/preview-request.js';
import { refusePrivateWebhook, requestFrom } from '../enqueue/request-from-http.js';
import { presentStatus } from '../present-status.js';
import { HttpProblem } from '../problem.js';
import type { RouteDeps } from './route-deps.js';
import {
  answers,
  dryRunInQuery,
  noBody,
  numberInQuery,
  numericCursorInQuery,
  requestIdParams,
} from './route-schema.js';

/** Fits the most instances that a request may hold, each in a target of its own with the longest usual ids. */
const largestRequestBytes = 10 * 1_024 * 1_024;

/** Handing cancel requests in, and how they get on. */
export function addRequestRoutes(app: App, deps: RouteDeps): void {
  addEnqueueRoute(app, deps);
  addListRoute(app, deps);
  addRequestRoute(app, deps);
  addInstancesRoute(app, deps);
  addWithdrawRoute(app, deps);
}

function addEnqueueRoute(app: App, deps: RouteDeps): void {
  const { backend, audit, facts } = deps;
  app.post(
    '/v1/cancel-requests',
    {
      bodyLimit: largestRequestBytes,
      config: { access: 'enqueue', keepsDeadline: true, takesKey: true },
      // The producer checks the body itself, and names what only it can know (a missing region) in the same answer.
      validatorCompiler: ({ schema, httpPart }) =>
        httpPart === 'body'
          ? (body) => ({ value: body })
          : (app.validatorCompiler?.({ schema, httpPart } as never) as never),
      schema: {
        operationId: 'enqueueRequest',
        tags: ['requests'],
        summary: 'Hand in a cancel request; with dryRun only say what it would take',
        headers: z.object({
          'idempotency-key': z.string().min(1).max(200).optional().meta({
            description:
              'The same key and content of the same caller is one request, however often it is sent',
          }),
        }),
        querystring: z.object({ dryRun: dryRunInQuery }),
        body: cancelRequestSchema.meta({ id: 'CancelRequest' }),
        response: answers(
          {
            200: previewSchema,
            202: enqueuedSchema,
          },
          409,
          413,
          415,
        ),
      },
    },
    async (request, reply) => {
      const { identity, body, query, headers } = request;
      if (identity === null) throw new HttpProblem('UNAUTHENTICATED', 'Send a bearer token, or log in.');
      const wanted = requestFrom(body, headers['idempotency-key'], identity);
      if (!facts.webhookAllowPrivate) refusePrivateWebhook(wanted);
      if (query.dryRun === 'true') {
        return await previewRequest(wanted, { ...facts, callsPerSecond: await limitInForce(deps) });
      }
      const producer = await backend.producer();
      // Without tokens nobody is told apart, and keys are the installation's, as for the command line.
      const keyOwner =
        identity.via === 'open' ? undefined : `${identity.via === 'proxy' ? 'user ' : ''}${identity.name}`;
      const enqueued = await producer.enqueue(wanted, { keyOwner });
      const { requestId, instances, jobs, duplicate } = enqueued;
      const change = { action: 'enqueue', requestId, details: { instances, jobs, duplicate } } as const;
      void audit.note(change, identity, request.id); // in the log at once, and in Redis without anybody waiting
      if (duplicate) reply.header('idempotent-replayed', 'true');
      return reply.code(202).header('location', `/v1/cancel-requests/${requestId}`).send(enqueued);
    },
  );
}

/** What the workers say it is; while none is alive, or Redis is away, what this server was told. */
async function limitInForce({ backend, facts }: RouteDeps): Promise<number> {
  const overview = await backend.ask(() => backend.overview.read()).catch(() => undefined);
  return overview?.callsPerSecondLimit ?? facts.callsPerSecond;
}

function addListRoute(app: App, { backend }: RouteDeps): void {
  app.get(
    '/v1/cancel-requests',
    {
      schema: {
        operationId: 'listRequests',
        tags: ['requests'],
        summary: 'Cancel requests, the newest first',
        querystring: z.object({
          cursor: numericCursorInQuery,
          limit: numberInQuery(1, 200).default(50),
          state: z.enum(requestStates).optional(),
          search: z
            .string()
            .max(200)
            .optional()
            .meta({ description: 'In request id, label, who asked, reason; or an invocation id' }),
        }),
        response: answers({ 200: requestPageSchema }),
      },
    },
    async ({ query: { cursor, limit, state, search } }) => {
      const { requests, nextCursor } = await backend.ask(() =>
        backend.search.list(
          {
            ...(state === undefined ? {} : { state }),
            ...(search === undefined ? {} : { text: search }),
          },
          { limit, ...(cursor === undefined ? {} : { cursor: Number(cursor) }) },
        ),
      );
      return {
        requests: requests.map(presentStatus),
        ...(nextCursor === undefined ? {} : { nextCursor: String(nextCursor) }),
      };
    },
  );
}

function addRequestRoute(app: App, { backend }: RouteDeps): void {
  app.get(
    '/v1/cancel-requests/:id',
    {
      schema: {
        operationId: 'readRequest',
        tags: ['requests'],
        summary: 'How a request gets on, in instances',
        params: requestIdParams,
        response: answers({ 200: requestProgressSchema }, 404),
      },
    },
    async ({ params: { id } }) => {
      const progress = await (await backend.producer()).status(id);
      if (progress === undefined) throw unknownRequest(id);
      return presentStatus(progress);
    },
  );
}

function addInstancesRoute(app: App, { backend }: RouteDeps): void {
  app.get(
    '/v1/cancel-requests/:id/instances',
    {
      schema: {
        operationId: 'listInstances',
        tags: ['requests'],
        summary: 'What became of each instance; a page ends with a whole job and may be longer than limit',
        params: requestIdParams,
        querystring: z.object({
          cursor: numericCursorInQuery,
          limit: numberInQuery(1, 1_000).default(200),
          state: z.enum(instanceStates).optional(),
        }),
        response: answers({ 200: instancePageSchema }, 404),
      },
    },
    async ({ params: { id }, query: { cursor, limit, state } }) => {
      const producer = await backend.producer();
      const page = await producer.instances(id, {
        limit,
        ...(cursor === undefined ? {} : { cursor: Number(cursor) }),
        ...(state === undefined ? {} : { states: [state] }),
      });
      if (page.instances.length === 0 && (await producer.status(id)) === undefined) throw unknownRequest(id);
      const { instances, nextCursor } = page;
      return { instances, ...(nextCursor === undefined ? {} : { nextCursor: String(nextCursor) }) };
    },
  );
}

function addWithdrawRoute(app: App, { backend, audit }: RouteDeps): void {
  app.post(
    '/v1/cancel-requests/:id/withdraw',
    {
      config: { access: 'enqueue' },
      schema: {
        operationId: 'withdrawRequest',
        tags: ['requests'],
        summary: 'Take a request back: what no call carries yet is withdrawn, what is under way finishes',
        params: requestIdParams,
        body: noBody,
        response: answers({ 200: requestProgressSchema }, 404),
      },
    },
    async (request) => {
      const { id } = request.params;
      const progress = await (await backend.producer()).withdraw(id);
      if (request.identity !== null) {
        await audit.note({ action: 'withdraw', requestId: id }, request.identity, request.id);
      }
      return presentStatus(progress);
    },
  );
}

export function unknownRequest(id: string): HttpProblem {
  return new HttpProblem(
    'REQUEST_NOT_FOUND',
    `No request ${id} is known. Finished ones are kept for a time only.`,
  );
}
