import { createBullBoard } from '@bull-board/api';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { cancelQueueName, deadLetterQueueName } from '../../shared/queue-names.js';
import type { App } from '../app.js';
import { hasRole } from '../auth/identity.js';
import { letterIdSchema } from '../dead-letters/letter-orders.js';
import { HttpProblem } from '../problem.js';
import type { RouteDeps } from '../routes/route-deps.js';
import { foreignPageHelmet } from '../security-headers.js';
import { BoardAdapter } from './board-adapter.js';
import { createBoardQueues } from './board-queues.js';

export const boardPath = '/queues';

/**
 * bull-board, for a look below. It reads; of its switches, pausing and resuming the cancel queue and redriving one dead
 * letter work, and go the same way as everywhere else. The others would lose work behind the ledger's back.
 */
export function addBoard(app: App, deps: RouteDeps): void {
  app.register(async (board) => {
    const translate = (error: unknown) => deps.backend.translate(error);
    const adapter = new BoardAdapter(translate).setBasePath(boardPath) as BoardAdapter;
    createBullBoard({
      queues: createBoardQueues(deps.backend),
      serverAdapter: adapter,
      options: {
        uiConfig: {
          boardTitle: 'tat-cancel queues',
          miscLinks: [{ text: 'Operator page', url: '/' }],
          hideDocsLink: true,
          showWorkers: false,
        },
      },
    });
    board.addHook('onRoute', (route) => {
      const methods = [route.method].flat();
      const isReading = methods.every((method) => method === 'GET' || method === 'HEAD');
      route.config = {
        ...route.config,
        access: isReading ? 'read' : 'operate',
        foreignPage: true,
        helmet: foreignPageHelmet,
      } as NonNullable<typeof route.config>;
      route.schema = { ...route.schema, hide: true } as never;
    });
    board.addHook('preValidation', async ({ query }) => refuseLongPages(query));
    board.addHook('preSerialization', async (request, _reply, payload) => hideSwitches(request, payload));
    addSwitches(board as unknown as App, deps, adapter);
    await board.register(adapter.registerPlugin(), { prefix: boardPath });
  });
}

/** The board's own routes for what may be done, doing it our way; the rest say no. */
function addSwitches(board: App, { backend, audit }: RouteDeps, adapter: BoardAdapter): void {
  const taken = new Set<string>();
  const add = (path: string, act: (request: BoardRequest) => Promise<void>) => {
    taken.add(`PUT ${path}`);
    board.put(`${boardPath}${path}`, async (request, reply) => {
      await act(request as unknown as BoardRequest);
      return reply.code(200).send({});
    });
  };
  add('/api/queues/:queueName/pause', async ({ params, identity, id }) => {
    refuseUnless(params.queueName === cancelQueueName);
    await (await backend.producer()).pause({ by: identity.name });
    await audit.note({ action: 'pause', details: { by: 'board' } }, identity, id);
  });
  add('/api/queues/:queueName/resume', async ({ params, identity, id }) => {
    refuseUnless(params.queueName === cancelQueueName);
    await (await backend.producer()).resume();
    await audit.note({ action: 'resume', details: { by: 'board' } }, identity, id);
  });
  add('/api/queues/:queueName/:jobId/retry', async ({ params, identity, id }) => {
    refuseUnless(params.queueName === deadLetterQueueName);
    const letterId = letterIdFrom(params.jobId);
    const order = { selection: { ids: [letterId] }, by: identity.name };
    const { letters, instances, missing } = await backend.work(() => backend.deadLetters.redrive(order));
    if (missing.includes(letterId)) {
      throw new HttpProblem('DEAD_LETTER_NOT_FOUND', `There is no dead letter ${letterId} (any more).`);
    }
    const details = { ids: [letterId], letters, instances, by: 'board' };
    await audit.note({ action: 'redrive-letters', details }, identity, id);
  });
  for (const { methods, path } of adapter.refused) {
    for (const method of methods) {
      if (taken.has(`${method} ${path}`)) continue;
      board.route({ method, url: `${boardPath}${path}`, handler: async () => refuseUnless(false) });
    }
  }
}

interface BoardRequest {
  readonly id: string;
  readonly params: { readonly queueName: string; readonly jobId?: string };
  /** The guard lets nobody in without. */
  readonly identity: NonNullable<FastifyRequest['identity']>;
}

function letterIdFrom(jobId: unknown): string {
  const { data, error } = letterIdSchema.safeParse(jobId);
  if (error === undefined) return data;
  throw new HttpProblem('INVALID_REQUEST', 'This is not the id of a dead letter; nothing was done.', {
    problems: error.issues.map(({ message }) => ({ path: 'jobId', message })),
  });
}

function refuseUnless(isAllowed: boolean): void {
  if (isAllowed) return;
  throw new HttpProblem(
    'FORBIDDEN',
    'Not through the board: it would change jobs behind the back of the ledger. Use the operator page or the command line.',
  );
}

const mostJobsPerPage = 100;

/** The board's own schema has no bound, and a page of a million jobs would take all memory. */
function refuseLongPages(query: unknown): void {
  const { jobsPerPage, page } = query as Readonly<Record<string, unknown>>;
  const isFine = (value: unknown, most: number) =>
    value === undefined || (typeof value === 'string' && /^\d{1,9}$/.test(value) && Number(value) <= most);
  const problems = [
    ...(isFine(jobsPerPage, mostJobsPerPage)
      ? []
      : [{ path: 'jobsPerPage', message: `must be a whole number up to ${mostJobsPerPage}` }]),
    ...(isFine(page, 1_000_000) ? [] : [{ path: 'page', message: 'must be a whole number up to 1000000' }]),
  ];
  if (problems.length === 0) return;
  throw new HttpProblem('INVALID_REQUEST', 'The request is not valid; nothing was done.', { problems });
}

const queuesAnswer = z.object({ queues: z.array(z.looseObject({})) });

/** Whoever may only look is not shown what would be refused. */
function hideSwitches(request: FastifyRequest, payload: unknown): unknown {
  const answer = queuesAnswer.safeParse(payload);
  if (!answer.success) return payload;
  const mayOperate = request.identity !== null && hasRole(request.identity, 'operate');
  return {
    queues: answer.data.queues.map((queue) => {
      const isDead = queue.name === deadLetterQueueName;
      return {
        ...queue,
        ...(mayOperate ? {} : { readOnlyMode: true, allowRetries: false }),
        ...(isDead ? { isPaused: false } : {}),
      };
    }),
  };
}
