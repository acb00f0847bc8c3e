import { randomUUID } from 'node:crypto';
import fastifyCookie from '@fastify/cookie';
import fastifyRateLimit from '@fastify/rate-limit';
import { type FastifyBaseLogger, fastify, LogController } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Logger } from '../shared/logger.js';
import { describeIssues } from '../shared/schemas.js';
import type { Tracing } from '../shared/tracing/tracing.js';
import { AllowedMethods } from './allowed-methods.js';
import { addAnswerHeaders } from './answer-headers.js';
import type { App } from './app.js';
import { addGuard } from './auth/guard.js';
import { addBoard } from './board/board.js';
import { addJsonBody } from './body/json-body.js';
import { addLargeBodies } from './body/large-bodies.js';
import { addMetricsRoutes } from './metrics/metrics-routes.js';
import type { ServerMetrics } from './metrics/server-metrics.js';
import { addOpenApi, addOpenApiRoutes } from './openapi.js';
import { HttpProblem } from './problem.js';
import { addProblemHandler, answerMalformed, sendProblem } from './problem-handler.js';
import { addAuditRoutes } from './routes/audit-routes.js';
import { addDeadLetterRoutes } from './routes/dead-letter-routes.js';
import { addEventRoutes } from './routes/event-routes.js';
import { addHealthRoutes } from './routes/health-routes.js';
import { addOverviewRoutes } from './routes/overview-routes.js';
import { addPageRoutes } from './routes/page-routes.js';
import { addRequestRoutes } from './routes/request-routes.js';
import type { RouteDeps } from './routes/route-deps.js';
import { addSessionRoutes } from './routes/session-routes.js';
import { addSecurityHeaders } from './security-headers.js';
import { addStrictQueries, findUnknownParameters, withNumbers } from './strict-query.js';

export interface ServerDeps extends RouteDeps {
  readonly logger: Logger;
  readonly metrics: ServerMetrics;
  readonly tracing?: Tracing | undefined;
  /** Where the operator page was built to. */
  readonly pageDirectory: string;
  readonly requestsPerMinute: number;
  /** Proxies whose X-Forwarded-For is believed. */
  readonly trustProxy?: string;
}

const ordinaryBodyBytes = 64 * 1_024;
const handlerTimeoutMs = 30_000;
const requestTimeoutMs = 30_000;
const headersTimeoutMs = 15_000;
const callerRequestId = /^[A-Za-z0-9._-]{1,64}$/;

/** The whole HTTP interface. Does no I/O before it is made ready; `listen` and `inject` do that. */
export function createServer(deps: ServerDeps): App {
  const app: App = fastify({
    loggerInstance: deps.logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: ordinaryBodyBytes,
    requestTimeout: requestTimeoutMs,
    // A client that lets its bytes drip holds a connection; how long is looked at this often.
    http: { headersTimeout: headersTimeoutMs, connectionsCheckingInterval: 5_000 },
    // Requests that come in while the server goes down are still answered, or the connection ends.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    requestIdHeader: false,
    genReqId: ({ headers }) => {
      const given = headers['x-request-id'];
      return typeof given === 'string' && callerRequestId.test(given) ? given : randomUUID();
    },
    routerOptions: { maxParamLength: 400 },
    frameworkErrors: (error, request, reply) => sendProblem(error, request, reply),
    clientErrorHandler: answerMalformed,
    ...(deps.trustProxy === undefined ? {} : { trustProxy: deps.trustProxy }),
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(({ schema, httpPart }) => checkedBy(schema as unknown as z.ZodType, httpPart));
  // Answers are described by schemas and held against them by tests, not filtered through them.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  addJsonBody(app);
  const methods = new AllowedMethods();
  methods.watch(app);
  addProblemHandler(app, methods);
  addRequestTrace(app);
  addSecurityHeaders(app, deps.origins.isEncrypted);
  app.register(fastifyCookie);
  app.register(async (guarded) => addGuarded(guarded.withTypeProvider<ZodTypeProvider>(), deps));
  return app;
}

/** The path to every route leads past the guard, in the order in which hooks are added here. */
async function addGuarded(app: App, deps: ServerDeps): Promise<void> {
  deps.metrics.watch(app);
  addGuard(app, deps);
  await app.register(fastifyRateLimit, {
    max: deps.requestsPerMinute,
    timeWindow: 60_000,
    // RateLimit-Limit, -Remaining and -Reset (seconds), before there is nothing left.
    enableDraftSpec: true,
    keyGenerator: ({ identity, ip }) => identity?.name ?? ip,
    errorResponseBuilder: (_request, { ttl }) =>
      new HttpProblem('RATE_LIMITED', 'This token has used up its requests for the minute.', {
        retryAfterSeconds: Math.max(1, Math.ceil(ttl / 1_000)),
      }),
  });
  addLargeBodies(app);
  if (deps.tracing !== undefined) continueTraces(app, deps.tracing);
  addAnswerHeaders(app);
  addStrictQueries(app);
  addOpenApi(app, deps.facts.version);
  app.addHook('onRoute', (route) => {
    // The framework's deadline costs a tenth of a small request, so those that keep one of their own go without.
    if (route.config?.keepsDeadline !== true) route.handlerTimeout ??= handlerTimeoutMs;
  });
  app.register(async (routes) => {
    const typed = routes.withTypeProvider<ZodTypeProvider>();
    addHealthRoutes(typed, deps);
    addSessionRoutes(typed, deps);
    addRequestRoutes(typed, deps);
    addEventRoutes(typed, deps);
    addOverviewRoutes(typed, deps);
    addDeadLetterRoutes(typed, deps);
    addAuditRoutes(typed, deps);
    addMetricsRoutes(typed, deps.metrics);
    addOpenApiRoutes(typed);
    addBoard(typed, deps);
    addPageRoutes(typed, deps.pageDirectory);
  });
}

function checkedBy(schema: z.ZodType, httpPart: string | undefined) {
  return (data: unknown) => {
    const isQuery = httpPart === 'querystring' && schema instanceof z.ZodObject;
    const unknown = isQuery ? findUnknownParameters(schema, data) : [];
    const result = schema.safeParse(isQuery ? withNumbers(schema, data) : data);
    if (result.success && unknown.length === 0) return { value: result.data };
    const problems = [...unknown, ...(result.success ? [] : describeIssues(result.error))];
    return {
      error: new HttpProblem('INVALID_REQUEST', 'The request is not valid; nothing was done.', { problems }),
    };
  };
}

/** Behind the guard: what strangers say of traces is not looked at. */
function continueTraces(app: App, tracing: Tracing): void {
  app.addHook('preHandler', (request, _reply, done) => {
    tracing.continued(request.headers, done);
  });
}

function addRequestTrace(app: App): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  app.addHook('onResponse', async (request, reply) => {
    const fields = {
      method: request.method,
      // The pattern and not the address: what people search for is nobody's business in a log.
      route: request.routeOptions.url ?? 'none',
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
      by: request.identity?.name,
    };
    const level = reply.statusCode >= 500 ? 'warn' : reply.statusCode >= 400 ? 'info' : 'debug';
    request.log[level](fields, 'answered');
  });
}
