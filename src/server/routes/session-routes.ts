import { z } from 'zod';
import { sessionSchema } from '../answers.js';
import type { App } from '../app.js';
import { sessionCookieName, sessionMs } from '../auth/session-cookie.js';
import { HttpProblem } from '../problem.js';
import type { RouteDeps } from './route-deps.js';
import { answers, noBody } from './route-schema.js';

/** Logging in and out of the page. */
export function addSessionRoutes(app: App, { door, origins, audit }: RouteDeps): void {
  const cookieOptions = {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure: origins.isEncrypted,
  } as const;

  app.post(
    '/v1/session',
    {
      config: { access: 'anybody' },
      schema: {
        operationId: 'logIn',
        tags: ['session'],
        summary: 'Log in with a token; sets a cookie for twelve hours',
        body: z.strictObject({ token: z.string().min(1).max(1_000) }),
        response: answers({ 200: sessionSchema }),
      },
    },
    async (request, reply) => {
      const { identity, cookie } = await door.logIn(request.body.token, request.ip);
      await audit.note({ action: 'log-in', details: { address: request.ip } }, identity, request.id);
      reply.setCookie(sessionCookieName, cookie, { ...cookieOptions, maxAge: sessionMs / 1_000 });
      return { name: identity.name, role: identity.role };
    },
  );

  app.get(
    '/v1/session',
    {
      schema: {
        operationId: 'whoAmI',
        tags: ['session'],
        summary: 'Who am I?',
        response: answers({
          200: sessionSchema.extend({ open: z.boolean() }).meta({ id: 'CurrentSession' }),
        }),
      },
    },
    async ({ identity }) => {
      if (identity === null) throw new HttpProblem('UNAUTHENTICATED', 'Send a bearer token, or log in.');
      return { name: identity.name, role: identity.role, open: door.isOpen };
    },
  );

  app.delete(
    '/v1/session',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'logOut',
        tags: ['session'],
        summary: 'Log out: takes the cookie away',
        body: noBody,
        response: answers({ 204: z.null() }),
      },
    },
    async (request, reply) => {
      if (request.identity !== null) await audit.note({ action: 'log-out' }, request.identity, request.id);
      return reply.clearCookie(sessionCookieName, cookieOptions).code(204).send(null);
    },
  );
}
