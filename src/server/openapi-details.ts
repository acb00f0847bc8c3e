import type { Role } from '../shared/settings/index.js';
import type { App } from './app.js';
import { requestExamples } from './openapi-examples.js';

// biome-ignore-start lint/suspicious/noExplicitAny: a document of any shape, as another package makes it
type Any = any;

/** Tells the description who may use each route. Add it before the description, whose hook reads what this one writes. */
export function describeAccess(app: App): void {
  app.addHook('onRoute', (route) => {
    if (route.schema === undefined) return;
    const method = [route.method].flat()[0] ?? 'GET';
    const needed: Role | 'anybody' =
      route.config?.access ?? (method === 'GET' || method === 'HEAD' ? 'read' : 'operate');
    const described = route.schema as { security?: unknown; description?: string };
    if (needed === 'anybody') described.security = [];
    described.description ??=
      needed === 'anybody' ? 'Needs no token.' : `Needs the role ${needed}, or one above it.`;
  });
}

const header = (description: string, type = 'string') => ({ description, schema: { type } });

const commonHeaders = { 'X-Request-Id': header('Of this HTTP request, as in the log of the server') };
const limitHeaders = {
  'RateLimit-Limit': header('Requests of this token in a minute', 'integer'),
  'RateLimit-Remaining': header('What is left of them', 'integer'),
  'RateLimit-Reset': header('Seconds until they are all there again', 'integer'),
};
const headersByStatus: Readonly<Record<string, object>> = {
  202: {
    Location: header('Where the request is'),
    'Idempotent-Replayed': header('true when the same key and content was accepted before'),
  },
  401: { 'WWW-Authenticate': header('How to prove who you are') },
  405: { Allow: header('The methods that there are') },
  429: { 'Retry-After': header('Seconds to wait', 'integer') },
  503: { 'Retry-After': header('Seconds to wait', 'integer') },
};

/** What the schemas of routes cannot say: headers, examples, what is sent to receivers of notifications. */
export function completeDescription(document: Any): Any {
  for (const [path, methods] of Object.entries<Any>(document.paths ?? {})) {
    for (const [method, operation] of Object.entries<Any>(methods)) {
      completeOperation(path, method, operation);
    }
  }
  return { ...document, webhooks };
}

function completeOperation(path: string, method: string, operation: Any): void {
  const isPolled = method === 'get' && path.startsWith('/v1/');
  const hasPages = JSON.stringify(operation.parameters ?? []).includes('"cursor"');
  for (const [status, response] of Object.entries<Any>(operation.responses ?? {})) {
    response.headers = {
      ...response.headers,
      ...commonHeaders,
      ...(operation.security?.length === 0 ? {} : limitHeaders),
      ...headersByStatus[status],
      ...(isPolled && status === '200' ? { ETag: header('Changes with the answer') } : {}),
      ...(hasPages && status === '200' ? { Link: header('The next page, with rel="next"') } : {}),
    };
  }
  if (isPolled && operation.responses?.['200']?.content?.['application/json'] !== undefined) {
    const description = 'Nothing has changed since the answer with the ETag of If-None-Match';
    operation.responses['304'] = { description, headers: commonHeaders };
  }
  const content = operation.requestBody?.content?.['application/json'];
  const examples = requestExamples[operation.operationId];
  if (content !== undefined && examples !== undefined) content.examples = examples;
}

const webhooks = {
  'cancel-request.finished': {
    post: {
      operationId: 'requestFinished',
      tags: ['requests'],
      summary: 'Sent to the webhook of a request when every instance has its outcome',
      description:
        'May come more than once, with the same deliveryId. Any answer with a status of 2xx takes it; others are tried again.',
      security: [],
      parameters: [
        {
          name: 'X-Tat-Cancel-Delivery',
          in: 'header',
          required: true,
          description: 'The deliveryId',
          schema: { type: 'string' },
        },
        {
          name: 'X-Tat-Cancel-Signature',
          in: 'header',
          description:
            't=<seconds>,v1=<hex HMAC-SHA256 of "<seconds>.<body>">; a second v1 while WEBHOOK_PREVIOUS_SECRET is set',
          schema: { type: 'string' },
        },
      ],
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: {
              type: 'object',
              required: ['event', 'deliveryId', 'request'],
              properties: {
                event: { type: 'string', const: 'cancel-request.finished' },
                deliveryId: { type: 'string' },
                request: { $ref: '#/components/schemas/RequestStatus' },
              },
            },
          },
        },
      },
      responses: { '2XX': { description: 'Taken' }, '4XX': { description: 'Tried again' } },
    },
  },
};
// biome-ignore-end lint/suspicious/noExplicitAny: see above
