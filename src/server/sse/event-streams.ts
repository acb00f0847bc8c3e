import { setMaxListeners } from 'node:events';
import type { FastifyRequest } from 'fastify';
import { HttpProblem } from '../problem.js';
import { EventStream } from './event-stream.js';

/** Far more than people look at pages, and few enough to be kept up to date every second. */
const mostStreams = 1_000;

/** The streams that are open now. Ends them when the server goes down. */
export class EventStreams {
  #open = 0;

  constructor(
    private readonly closing: AbortSignal,
    private readonly most = mostStreams,
  ) {
    setMaxListeners(0, closing); // every open stream listens, and their number has a limit of its own
  }

  /** @throws {HttpProblem} `RATE_LIMITED` while too many are open */
  open(request: FastifyRequest): EventStream {
    if (this.#open >= this.most) {
      throw new HttpProblem('RATE_LIMITED', 'Too many streams are open on this server.', {
        retryAfterSeconds: 10,
      });
    }
    const stream = new EventStream(request, this.closing);
    this.#open += 1;
    stream.onClose(() => {
      this.#open -= 1;
    });
    return stream;
  }
}
