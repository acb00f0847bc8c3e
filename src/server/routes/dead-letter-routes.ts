import { Readable } from 'node:stream';
import { z } from 'zod';
import {
  type DeadLetterFilter,
  type DeadLetterResult,
  exportDeadLetters,
  exportFormats,
  isCursor,
} from '../../shared/dead-letters/index.js';
import { judge } from '../../shared/failure-table.js';
import { letterGroupsSchema, letterPageSchema, letterResultSchema, storedLetterSchema } from '../answers.js';
import type { App } from '../app.js';
import type { Identity } from '../auth/identity.js';
import {
  discardOrderSchema,
  filterFrom,
  letterFilterShape,
  letterIdSchema,
  reasonOf,
  redriveOrderSchema,
  selectionFrom,
} from '../dead-letters/letter-orders.js';
import { HttpProblem } from '../problem.js';
import type { RouteDeps } from './route-deps.js';
import { answers, cursorInQuery, dryRunInQuery, numberInQuery } from './route-schema.js';

/** Letters by the ten thousand take a while, each in a step of its own. */
const bulkTimeoutMs = 15 * 60 * 1_000;

/** What could not be carried out: looking at it. Changing it is in addLetterOrderRoutes. */
export function addDeadLetterRoutes(app: App, deps: RouteDeps): void {
  const { backend } = deps;

  app.get(
    '/v1/dead-letters',
    {
      schema: {
        operationId: 'listDeadLetters',
        tags: ['dead letters'],
        summary: 'Dead letters, the oldest first',
        querystring: z.object({
          ...letterFilterShape,
          cursor: cursorInQuery,
          limit: numberInQuery(1, 1_000).default(100),
        }),
        response: answers({ 200: letterPageSchema }),
      },
    },
    async ({ query: { cursor, limit, ...filter } }) =>
      await backend.work(() => readPage(deps, filterFrom(filter), { limit, cursor })),
  );

  app.get(
    '/v1/dead-letters/groups',
    {
      schema: {
        operationId: 'groupDeadLetters',
        tags: ['dead letters'],
        summary: 'Dead letters by error code, with what each code means and what to do',
        querystring: z.object(letterFilterShape),
        response: answers({ 200: letterGroupsSchema }),
      },
    },
    async ({ query }) => {
      const groups = await backend.work(() => backend.deadLetters.store.groups(filterFrom(query)));
      return {
        groups: groups.map((group) => {
          const { meaning, advice } = judge(group.code).row;
          return { ...group, meaning, advice };
        }),
      };
    },
  );

  addExportRoute(app, deps);

  app.get(
    '/v1/dead-letters/:id',
    {
      schema: {
        operationId: 'readDeadLetter',
        tags: ['dead letters'],
        summary: 'One dead letter, with its history',
        params: z.object({ id: letterIdSchema }),
        response: answers({ 200: storedLetterSchema }, 404),
      },
    },
    async ({ params: { id } }) => {
      const letter = await backend.ask(() => backend.deadLetters.store.read(id));
      if (letter === undefined) {
        throw new HttpProblem('DEAD_LETTER_NOT_FOUND', `There is no dead letter ${id} (any more).`);
      }
      return letter;
    },
  );

  addLetterOrderRoutes(app, deps);
}

async function readPage(
  { backend }: RouteDeps,
  filter: DeadLetterFilter,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
) {
  const { store } = backend.deadLetters;
  if (cursor !== undefined && !isCursor(cursor)) {
    throw new HttpProblem('INVALID_REQUEST', 'The cursor is none of this list.', {
      problems: [{ path: 'cursor', message: 'is not one that a page before has given' }],
    });
  }
  const [page, total] = await Promise.all([
    store.list(filter, { limit, ...(cursor === undefined ? {} : { cursor }) }),
    store.count(filter),
  ]);
  return { ...page, total };
}

function addExportRoute(app: App, { backend }: RouteDeps): void {
  const description = 'All letters that fit, as a file';
  app.get(
    '/v1/dead-letters/export',
    {
      exposeHeadRoute: false, // would read all letters for nobody
      handlerTimeout: bulkTimeoutMs,
      schema: {
        operationId: 'exportDeadLetters',
        tags: ['dead letters'],
        summary: 'Dead letters as a file, of any length',
        querystring: z.object({ ...letterFilterShape, format: z.enum(exportFormats).default('csv') }),
        response: answers({
          200: {
            description,
            content: { 'text/csv': { schema: z.string() }, 'application/x-ndjson': { schema: z.string() } },
          },
        }),
      },
    },
    async ({ query: { format, ...filter } }, reply) => {
      const letters = backend.deadLetters.store.all(filterFrom(filter));
      // The first one is asked for here, so that a Redis that is away is told as a problem and not as an empty file.
      const first = await backend.work(() => letters.next());
      async function* all() {
        if (first.done) return;
        yield first.value;
        yield* letters;
      }
      return reply
        .header('content-disposition', `attachment; filename="dead-letters.${format}"`)
        .type(format === 'csv' ? 'text/csv; charset=utf-8; header=present' : 'application/x-ndjson')
        .send(Readable.from(exportDeadLetters(all(), format)) as never);
    },
  );
}

/** Redriving and discarding. */
function addLetterOrderRoutes(app: App, deps: RouteDeps): void {
  const { backend } = deps;
  const answer = (dryRun: boolean, result: DeadLetterResult) => ({
    dryRun,
    letters: result.letters,
    instances: result.instances,
    unknown: [...result.unknown],
    missing: [...result.missing],
  });

  app.post(
    '/v1/dead-letters/redrive',
    {
      config: { access: 'operate' },
      handlerTimeout: bulkTimeoutMs,
      schema: {
        operationId: 'redriveDeadLetters',
        tags: ['dead letters'],
        summary: 'Send letters round again, attempts anew; safe to repeat',
        querystring: z.object({ dryRun: dryRunInQuery }),
        body: redriveOrderSchema,
        response: answers({ 200: letterResultSchema }),
      },
    },
    async ({ body, query, identity, id }) => {
      if (identity === null) throw new HttpProblem('UNAUTHENTICATED', 'Send a bearer token, or log in.');
      const dryRun = query.dryRun === 'true';
      const { region, invocationId } = body;
      const change = {
        ...(region === undefined ? {} : { region }),
        ...(invocationId === undefined ? {} : { invocationId }),
      };
      const order = { selection: selectionFrom(body), by: identity.name, dryRun };
      const redrive = () => backend.deadLetters.redrive(order, change);
      if (dryRun) return answer(dryRun, await backend.work(redrive));
      const details = { ...selectedBy(body), ...change };
      return answer(dryRun, await noted(deps, { action: 'redrive-letters', details, identity, id }, redrive));
    },
  );

  app.post(
    '/v1/dead-letters/discard',
    {
      config: { access: 'operate' },
      handlerTimeout: bulkTimeoutMs,
      schema: {
        operationId: 'discardDeadLetters',
        tags: ['dead letters'],
        summary: 'Put letters aside for good; their instances stay dead-lettered',
        querystring: z.object({ dryRun: dryRunInQuery }),
        body: discardOrderSchema,
        response: answers({ 200: letterResultSchema }),
      },
    },
    async ({ body, query, identity, id }) => {
      if (identity === null) throw new HttpProblem('UNAUTHENTICATED', 'Send a bearer token, or log in.');
      const dryRun = query.dryRun === 'true';
      const reason = reasonOf(body, dryRun);
      const order = { selection: selectionFrom(body), by: identity.name, dryRun };
      const discard = () => backend.deadLetters.discard(order, reason);
      if (dryRun) return answer(dryRun, await backend.work(discard));
      const details = { ...selectedBy(body), reason };
      return answer(dryRun, await noted(deps, { action: 'discard-letters', details, identity, id }, discard));
    },
  );
}

/** As it was asked for: the audit says "older than a day", and not since which millisecond. */
function selectedBy({ ids, filter }: { ids?: unknown; filter?: unknown }) {
  return ids === undefined ? { filter } : { ids };
}

interface LetterChange {
  readonly action: 'redrive-letters' | 'discard-letters';
  readonly details: Readonly<Record<string, unknown>>;
  readonly identity: Identity;
  /** Of the HTTP request. */
  readonly id: string;
}

/** Leaves a note in any case: of what breaks off half-way, some letters are dealt with. */
async function noted(
  { backend, audit }: RouteDeps,
  { action, details, identity, id }: LetterChange,
  act: () => Promise<DeadLetterResult>,
): Promise<DeadLetterResult> {
  try {
    const result = await backend.work(act);
    const { letters, instances } = result;
    await audit.note({ action, details: { ...details, letters, instances } }, identity, id);
    return result;
  } catch (error) {
    await audit.note({ action, details: { ...details, failed: true } }, identity, id);
    throw error;
  }
}
