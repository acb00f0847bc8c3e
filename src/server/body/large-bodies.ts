import type { IncomingMessage } from 'node:http';
import type { App } from '../app.js';
import { HttpProblem } from '../problem.js';

/** Bodies up to here are taken at once, however many come. */
const smallBytes = 64 * 1_024;
const mostAtOnce = 4;
const mostPerCaller = 2;
const longestWaitMs = 10_000;

interface Waiting {
  readonly caller: string;
  enter(): void;
}

/**
 * Large bodies take turns, from their first byte to the answer: a few hundred at once would be gigabytes. One caller
 * gets no more than half of the places. While a body waits it stays with its sender, who is held up by the connection.
 */
export class LargeBodies {
  readonly #inside = new Map<string, number>();
  #waiting: Waiting[] = [];

  constructor(private readonly waitMs = longestWaitMs) {}

  /**
   * Resolves with the way out, once there is a place.
   * @throws {HttpProblem} `BUSY` when there is none in time
   */
  async enter(caller: string): Promise<() => void> {
    if (!this.#hasPlace(caller)) await this.#wait(caller);
    else this.#take(caller);
    let isInside = true;
    return () => {
      if (!isInside) return;
      isInside = false;
      this.#leave(caller);
    };
  }

  async #wait(caller: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting = this.#waiting.filter((each) => each !== waiting);
        reject(
          new HttpProblem('BUSY', 'Too many large requests come in at once. Repeat the request.', {
            retryAfterSeconds: 2,
          }),
        );
      }, this.waitMs);
      const waiting: Waiting = {
        caller,
        enter: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      this.#waiting.push(waiting);
    });
  }

  #hasPlace(caller: string): boolean {
    const inside = [...this.#inside.values()].reduce((sum, count) => sum + count, 0);
    return inside < mostAtOnce && (this.#inside.get(caller) ?? 0) < mostPerCaller;
  }

  #take(caller: string): void {
    this.#inside.set(caller, (this.#inside.get(caller) ?? 0) + 1);
  }

  #leave(caller: string): void {
    const left = (this.#inside.get(caller) ?? 0) - 1;
    if (left > 0) this.#inside.set(caller, left);
    else this.#inside.delete(caller);
    const next = this.#waiting.find((each) => this.#hasPlace(each.caller));
    if (next === undefined) return;
    this.#waiting = this.#waiting.filter((each) => each !== next);
    this.#take(next.caller);
    next.enter();
  }
}

/** Lets the large bodies of all routes that are added after this take turns. */
export function addLargeBodies(app: App, bodies = new LargeBodies()): void {
  app.addHook('preParsing', async (request, reply) => {
    const { bodyLimit } = request.routeOptions;
    // A body that its route refuses for its size needs no place, and neither do those that nobody has to wait for.
    if (bodyLimit <= smallBytes || !isLarge(request.raw, bodyLimit)) return;
    const leave = await bodies.enter(request.identity?.name ?? request.ip);
    if (reply.raw.destroyed) leave();
    else reply.raw.once('close', leave);
  });
}

function isLarge({ headers }: IncomingMessage, bodyLimit: number): boolean {
  if (headers['transfer-encoding'] !== undefined) return true;
  const bytes = Number(headers['content-length'] ?? 0);
  return bytes > smallBytes && bytes <= bodyLimit;
}
