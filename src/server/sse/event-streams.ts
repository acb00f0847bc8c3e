import { setMaxListeners } from 'node:events';
import type { FastifyRequest } from 'fastify';
import { HttpProblem } from '../problem.js';
import { EventStream } from './event-stream.js';

/** Far more than people look at pages, and few enough to be kept up to date every second. */
const mostStreams = 1_000;
/** Of one caller. A page has two, so that is room for a whole team behind one token. */
const mostPerCaller = 100;

/** The streams that are open now. Ends them when the server goes down. */
export class EventStreams {
  #open = 0;
  readonly #byCaller = new Map<string, number>();

  constructor(
    private readonly closing: AbortSignal,
    private readonly most = mostStreams,
    private readonly mostOfOne = mostPerCaller,
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
    const caller = request.identity?.name ?? '';
    const own = this.#byCaller.get(caller) ?? 0;
    if (own >= this.mostOfOne) {
      const message = `This token has ${own} streams open, which is the most. Close some.`;
      throw new HttpProblem('RATE_LIMITED', message, { retryAfterSeconds: 10 });
    }
    const stream = new EventStream(request, this.closing);
    this.#count(caller, 1);
    stream.onClose(() => this.#count(caller, -1));
    return stream;
  }

  #count(caller: string, change: number): void {
    this.#open += change;
    const own = (this.#byCaller.get(caller) ?? 0) + change;
    if (own > 0) this.#byCaller.set(caller, own);
    else this.#byCaller.delete(caller);
  }
}
