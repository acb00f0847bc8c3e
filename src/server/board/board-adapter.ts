import type { AppControllerRoute } from '@bull-board/api/typings/app';
import { FastifyAdapter } from '@bull-board/fastify';
import { isDamagedData } from '../../shared/damaged-data.js';
import { HttpProblem } from '../problem.js';

export interface RefusedRoute {
  readonly methods: readonly string[];
  readonly path: string;
}

/** The board's routes that only look. Whatever another version brings along is refused until it is listed here. */
const allowedPaths = new Set([
  '/api/redis/stats',
  '/api/queues',
  '/api/job-schedulers',
  '/api/queues/:queueName/metrics',
  '/api/queues/:queueName/default-job-options',
  '/api/queues/:queueName/rate-limit',
  '/api/queues/:queueName/job-data-schema',
  '/api/queues/:queueName/:jobId/logs',
  '/api/queues/:queueName/:jobId/flow',
  '/api/queues/:queueName/:jobId',
]);

/** bull-board on Fastify with nothing but its reading routes. */
export class BoardAdapter extends FastifyAdapter {
  /** @param translate makes of what Redis and its client throw what every other route says of it */
  constructor(private readonly translate: (error: unknown) => unknown) {
    super();
  }

  /** The routes that were kept out, so that each can say so. */
  refused: RefusedRoute[] = [];

  override setApiRoutes(routes: AppControllerRoute[]): FastifyAdapter {
    const isAllowed = ({ method, route }: AppControllerRoute) =>
      [method].flat().every((each) => each.toLowerCase() === 'get') &&
      [route].flat().every((path) => allowedPaths.has(path));
    this.refused = routes
      .filter((route) => !isAllowed(route))
      .flatMap(({ method, route }) =>
        [route].flat().map((path) => ({ methods: [method].flat().map((each) => each.toUpperCase()), path })),
      );
    return super.setApiRoutes(routes.filter(isAllowed));
  }

  /** Failures become problem documents as everywhere else. */
  override setErrorHandler(): this {
    return super.setErrorHandler((error) => {
      // The board reads jobs through BullMQ's classes, which expect that nobody has changed one by hand.
      if (error instanceof SyntaxError || error instanceof TypeError || isDamagedData(error)) {
        throw new HttpProblem(
          'DATA_DAMAGED',
          `A job that was changed by hand cannot be shown (${error.message}).`,
        );
      }
      throw this.translate(error);
    });
  }
}
