import fastifyHelmet from '@fastify/helmet';
import type { App } from './app.js';

const strict = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'img-src': ["'self'", 'data:'],
  'font-src': ["'self'"],
  'connect-src': ["'self'"],
  'manifest-src': ["'self'"],
  'form-action': ["'self'"],
  'base-uri': ["'none'"],
  'frame-ancestors': ["'none'"],
};

/** For pages of other people's making, which set styles in their markup. Their scripts are bound all the same. */
export const foreignPageHelmet = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { ...strict, 'style-src': ["'self'", "'unsafe-inline'"], 'base-uri': ["'self'"] },
  },
};

export function addSecurityHeaders(app: App, isEncrypted: boolean): void {
  // Data of the fleet stay in no cache on the way; files say for themselves how long they are good.
  app.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  });
  app.register(fastifyHelmet, {
    contentSecurityPolicy: { useDefaults: false, directives: strict },
    strictTransportSecurity: isEncrypted ? { maxAge: 365 * 24 * 60 * 60, includeSubDomains: false } : false,
    referrerPolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' },
    crossOriginEmbedderPolicy: false,
  });
}
