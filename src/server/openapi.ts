import fastifySwagger from '@fastify/swagger';
import fastifySwaggerUi from '@fastify/swagger-ui';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { App } from './app.js';
import { sessionCookieName } from './auth/session-cookie.js';
import { completeDescription, describeAccess } from './openapi-details.js';
import { answers } from './routes/route-schema.js';
import { foreignPageHelmet } from './security-headers.js';

const tags = {
  requests: 'Cancel requests, and what became of their instances',
  'dead letters': 'What could not be carried out',
  overview: 'How the whole installation stands',
  queue: 'The switch that stops all calls',
  audit: 'Who changed what',
  session: 'Logging in and out of the page',
  health: 'For those who watch over processes',
};

/** Describes all routes that are registered after this, from the schemas that they are checked by. */
export function addOpenApi(app: App, version: string): void {
  describeAccess(app);
  app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'tat-cancel',
        version,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
        description:
          'Cancels TAT commands on thousands of instances. Errors are problem documents (RFC 9457) with a stable code.',
      },
      servers: [{ url: '/', description: 'This server' }],
      tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer' },
          cookie: { type: 'apiKey', in: 'cookie', name: sessionCookieName },
        },
      },
      security: [{ bearer: [] }, { cookie: [] }],
    },
    transform: jsonSchemaTransform,
    transformObject: (input) =>
      withoutUnused(completeDescription(jsonSchemaTransformObject(input)) as Description) as never,
  });
}

/** The description itself, and a page to read and try it. */
export function addOpenApiRoutes(app: App): void {
  app.get(
    '/openapi.json',
    {
      schema: {
        operationId: 'readDescription',
        summary: 'This description',
        response: answers({ 200: z.record(z.string(), z.unknown()) }),
      },
    },
    async () => app.swagger() as unknown as Record<string, unknown>,
  );
  app.register(async (docs) => {
    docs.addHook('onRoute', (route) => {
      const config = { ...route.config, foreignPage: true, helmet: foreignPageHelmet } as const;
      route.config = config as NonNullable<typeof route.config>;
    });
    await docs.register(fastifySwaggerUi, {
      routePrefix: '/docs',
      uiConfig: { deepLinking: true, tryItOutEnabled: false, validatorUrl: null },
    });
  });
}

interface Description {
  readonly components?: { readonly schemas?: Readonly<Record<string, unknown>> };
}

/** Every schema is there as input and as output; one of the two is mostly of no use to anybody. */
function withoutUnused<Document extends Description>(document: Document): Document {
  const schemas = document.components?.schemas ?? {};
  const used = new Set<string>();
  const look = (text: string) => {
    for (const [, name = ''] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (used.has(name)) continue;
      used.add(name);
      look(JSON.stringify(schemas[name] ?? {}));
    }
  };
  look(JSON.stringify({ ...document, components: {} }));
  const kept = Object.fromEntries(Object.entries(schemas).filter(([name]) => used.has(name)));
  return { ...document, components: { ...document.components, schemas: kept } };
}
