import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Role } from '../../shared/settings/index.js';
import type { App } from '../app.js';
import { HttpProblem } from '../problem.js';
import type { Door } from './door.js';
import { hasRole } from './identity.js';
import type { OriginCheck } from './origin-check.js';

const readingMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Looks at every request before anything else does. A route that says nothing of itself is closed, not open. */
export function addGuard(app: App, { door, origins }: { door: Door; origins: OriginCheck }): void {
  app.decorateRequest('identity', null);
  app.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
    origins.refuseForeignHost(request);
    const needed = accessOf(request);
    try {
      request.identity = (await door.identify(request)) ?? null;
    } catch (error) {
      if (isUnknown(error) && wantsPage(request)) return askToLogIn(request, reply);
      if (needed !== 'anybody') throw challenge(reply, error);
    }
    if (needed !== 'anybody' && request.identity === null && wantsPage(request)) {
      return askToLogIn(request, reply);
    }
    if (needed !== 'anybody') refuseUnlessAllowed(request, reply, needed);
    if (!readingMethods.has(request.method) && request.identity?.via !== 'token') {
      origins.refuseForeignPage(request);
    }
  });
}

/** What the route asks for; nothing is there to be protected where there is no route. */
export function accessOf(request: FastifyRequest): Role | 'anybody' {
  if (request.is404) return 'anybody';
  const { access } = request.routeOptions.config;
  return access ?? (readingMethods.has(request.method) ? 'read' : 'operate');
}

function refuseUnlessAllowed(request: FastifyRequest, reply: FastifyReply, needed: Role): void {
  const { identity } = request;
  if (identity === null) {
    throw challenge(reply, new HttpProblem('UNAUTHENTICATED', 'Send a bearer token, or log in.'));
  }
  if (!hasRole(identity, needed)) {
    throw new HttpProblem(
      'FORBIDDEN',
      `This takes the role ${needed}; ${identity.name} has ${identity.role}.`,
    );
  }
}

/** Somebody opens a page that is not ours in a browser, and can make more of a log-in than of a problem document. */
function wantsPage({ method, headers, routeOptions }: FastifyRequest): boolean {
  return (
    routeOptions.config.foreignPage === true &&
    method === 'GET' &&
    headers.authorization === undefined &&
    headers.accept?.includes('text/html') === true
  );
}

function askToLogIn(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply
    .header('cache-control', 'no-store')
    .redirect(`/login?next=${encodeURIComponent(request.url)}`, 303);
}

function challenge(reply: FastifyReply, error: unknown): unknown {
  if (isUnknown(error)) {
    reply.header('www-authenticate', 'Bearer realm="tat-cancel"');
  }
  return error;
}

function isUnknown(error: unknown): boolean {
  return error instanceof HttpProblem && error.status === 401;
}
