import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { App } from './app.js';

/** Adds what programs expect of answers: where the next page is, and whether anything has changed since the last look. */
export function addAnswerHeaders(app: App): void {
  app.addHook('preSerialization', async (request, reply, payload) => {
    const next = nextPageOf(request, payload);
    if (next !== undefined) reply.header('link', `<${next}>; rel="next"`);
    return payload;
  });
  app.addHook('onSend', async (request, reply, payload) => {
    if (!isPolled(request, reply) || typeof payload !== 'string') return payload;
    const tag = `"${createHash('sha256').update(payload).digest('base64url').slice(0, 27)}"`;
    reply.header('etag', tag);
    if (!hasTag(request.headers['if-none-match'], tag)) return payload;
    reply.code(304).removeHeader('content-type').removeHeader('content-length');
    return null;
  });
}

function nextPageOf(request: FastifyRequest, payload: unknown): string | undefined {
  if (request.method !== 'GET' || typeof payload !== 'object' || payload === null) return undefined;
  const { nextCursor } = payload as { nextCursor?: unknown };
  if (typeof nextCursor !== 'string') return undefined;
  const url = new URL(request.url, 'http://server.invalid');
  url.searchParams.set('cursor', nextCursor);
  return `${url.pathname}${url.search}`;
}

function isPolled(request: FastifyRequest, reply: FastifyReply): boolean {
  return (
    request.method === 'GET' &&
    reply.statusCode === 200 &&
    request.routeOptions.url?.startsWith('/v1/') === true &&
    String(reply.getHeader('content-type')).startsWith('application/json')
  );
}

/** As RFC 9110 has it: a list, weak tags count like strong ones, and `*` is any. */
function hasTag(header: string | undefined, tag: string): boolean {
  const given = header?.split(',').map((each) => each.trim().replace(/^W\//, '')) ?? [];
  return given.includes(tag) || given.includes('*');
}
