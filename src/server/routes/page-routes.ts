import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { App } from '../app.js';
import { HttpProblem } from '../problem.js';

/** Addresses that the page's own script makes sense of. */
const pagePaths = [
  '/',
  '/requests',
  '/requests/*',
  '/dead-letters',
  '/dead-letters/*',
  '/audit',
  '/new',
  '/login',
];

/** The operator page: static files, for anybody, since whoever logs in is not known yet. They hold no data. */
export function addPageRoutes(app: App, directory: string): void {
  const config = { access: 'anybody', rateLimit: false } as const;
  app.register(async (pages) => {
    pages.addHook('onRoute', (route) => {
      route.config = { ...route.config, ...config };
      route.schema = { ...route.schema, hide: true };
    });
    await pages.register(fastifyStatic, {
      root: join(directory, 'assets'),
      prefix: '/assets/',
      // Their names change with their content.
      immutable: true,
      maxAge: '365d',
      preCompressed: true,
      index: false,
      dotfiles: 'deny',
      allowedPath: (path) => !path.includes('..'),
    });
    for (const path of pagePaths) {
      pages.get(path, async (_request, reply) => {
        if (!existsSync(join(directory, 'index.html'))) {
          throw new HttpProblem('NOT_FOUND', 'The page was not built: npm run build.');
        }
        return reply
          .header('cache-control', 'no-cache')
          .sendFile('index.html', directory, { maxAge: 0, immutable: false, cacheControl: false });
      });
    }
  });
}
