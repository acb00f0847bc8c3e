import { z } from 'zod';
import { auditActions } from '../../shared/audit/audit-entry.js';
import { AuditReader } from '../../shared/audit/audit-reader.js';
import { auditPageSchema } from '../answers.js';
import type { App } from '../app.js';
import type { RouteDeps } from './route-deps.js';
import { answers, numberInQuery } from './route-schema.js';

/** Who changed what. It tells addresses of people who log in, so it is for operators. */
export function addAuditRoutes(app: App, { backend }: RouteDeps): void {
  const reader = new AuditReader(backend.client, backend.prefix);
  app.get(
    '/v1/audit',
    {
      config: { access: 'operate' },
      schema: {
        operationId: 'readAudit',
        tags: ['audit'],
        summary: 'Who changed what, the newest first; the latest 100,000 changes are kept',
        querystring: z.object({
          action: z.enum(auditActions).optional(),
          by: z.string().max(200).optional(),
          requestId: z.string().max(100).optional().meta({ description: 'Of the cancel request' }),
          cursor: z
            .string()
            .regex(/^\d{1,15}-\d{1,15}$/, 'is no cursor of this list')
            .optional()
            .meta({ description: 'nextCursor of the page before' }),
          limit: numberInQuery(1, 500).default(100),
        }),
        response: answers({ 200: auditPageSchema }),
      },
    },
    async ({ query: { action, by, requestId, cursor, limit } }) =>
      await backend.ask(() => reader.page({ action, by, requestId }, { cursor, limit })),
  );
}
