import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Role } from '../shared/settings/index.js';
import type { Identity } from './auth/identity.js';

/** The Fastify instance with types taken from zod schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a caller needs. Left out: `read` to look, `operate` for everything else. */
    access?: Role | 'anybody';
    /** Belongs to a page that others made: it sends no header of ours, and knows no way to log in. */
    foreignPage?: true;
    /** Takes an Idempotency-Key. */
    takesKey?: true;
    /** Its handler answers within a few seconds by itself, whatever Redis does. */
    keepsDeadline?: true;
  }

  interface FastifyRequest {
    /** Null for whoever is not known, on the few routes that are for anybody. */
    identity: Identity | null;
  }
}
