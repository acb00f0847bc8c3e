import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { AllowedMethods } from './allowed-methods.js';
import type { App } from './app.js';
import { HttpProblem, problemMediaType, toProblem } from './problem.js';

/** Makes every failure a problem document, those of the framework and of malformed HTTP too. */
export function addProblemHandler(app: App, methods: AllowedMethods): void {
  app.setErrorHandler((error: FastifyError, request, reply) => sendProblem(error, request, reply));
  app.setNotFoundHandler((request, reply) => {
    const allowed = methods.at(request.url);
    if (allowed.length === 0) {
      return sendProblem(new HttpProblem('NOT_FOUND', 'There is nothing here.'), request, reply);
    }
    reply.header('allow', allowed.join(', '));
    const detail = `There is no ${request.method} here, but ${allowed.join(', ')}.`;
    return sendProblem(new HttpProblem('METHOD_NOT_ALLOWED', detail), request, reply);
  });
}

export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { takesKey = false } = request.routeOptions.config ?? {}; // there is none before a route was found
  const known = toProblem(error, { takesKey });
  if (known === undefined || known.status === 500) {
    request.log.error({ err: error, route: request.routeOptions.url }, 'a request met a fault of the server');
  } else if (known.code === 'REDIS_REFUSED' || known.code === 'REDIS_UNFIT') {
    // The caller is not told what Redis said; that it is away, its connection has logged already.
    request.log.warn({ err: error, route: request.routeOptions.url }, 'Redis does not take a request');
  }
  const problem =
    known ?? new HttpProblem('INTERNAL', 'This is a fault of the server; its log has the request id.');
  const { retryAfterSeconds } = problem.more;
  if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds);
  // Serialized here: a schema of the route's own answers must not cut anything out of it.
  return reply
    .code(problem.status)
    .header('cache-control', 'no-store')
    .type(problemMediaType)
    .serializer((payload: unknown) => JSON.stringify(payload))
    .send(problem.toDocument(request.id));
}

/** Answers what is no HTTP at all, before there is a request. */
export function answerMalformed(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) return;
  const isTooLarge = error.code === 'HPE_HEADER_OVERFLOW';
  const isLate = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  const status = isTooLarge ? 431 : isLate ? 408 : 400;
  const body = JSON.stringify({
    type: 'urn:tat-cancel:problem:bad-request',
    title: STATUS_CODES[status],
    status,
    detail: isLate ? 'The request did not arrive in time.' : 'This is no HTTP request that can be read.',
    code: 'BAD_REQUEST',
    httpRequestId: 'none',
  });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: ${problemMediaType}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
