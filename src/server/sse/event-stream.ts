import { PassThrough } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';

const heartbeatMs = 15_000;

/** How long a browser waits before it connects again. */
const retryMs = 2_000;

/** So much may wait for a slow reader before events are left out. */
const mostWaitingBytes = 256 * 1_024;

export interface ServerEvent {
  readonly event: string;
  readonly id?: string | number;
  readonly data: unknown;
}

/** One `text/event-stream` answer. Ends with the connection, with the server, or with the session of its reader. */
export class EventStream {
  readonly #body = new PassThrough({ highWaterMark: mostWaitingBytes });
  readonly #heartbeat: NodeJS.Timeout;
  readonly #expiry: NodeJS.Timeout | undefined;

  constructor(request: FastifyRequest, closing: AbortSignal) {
    const end = () => this.end();
    this.#heartbeat = setInterval(() => this.#write(': heartbeat\n\n'), heartbeatMs).unref();
    const { until } = request.identity ?? {};
    if (until !== undefined) this.#expiry = setTimeout(end, until - Date.now()).unref();
    closing.addEventListener('abort', end, { once: true });
    this.#body.once('close', () => {
      clearInterval(this.#heartbeat);
      clearTimeout(this.#expiry);
      closing.removeEventListener('abort', end);
    });
    // The headers leave with the first bytes: a reader who is told nothing new would take itself for unconnected.
    this.#write(`retry: ${retryMs}\n\n`);
    if (closing.aborted) this.end();
  }

  /** Calls back once nobody reads any more. */
  onClose(listener: () => void): void {
    this.#body.once('close', listener);
  }

  /** Sends the stream as the answer; every handler ends with it. */
  answer(reply: FastifyReply): FastifyReply {
    return reply
      .header('content-type', 'text/event-stream; charset=utf-8')
      .header('cache-control', 'no-store')
      .header('x-accel-buffering', 'no') // a proxy that collects an answer would keep the news back
      .send(this.#body);
  }

  /** False when it was left out because the reader does not keep up. */
  send({ event, id, data }: ServerEvent): boolean {
    const lines = [
      ...(id === undefined ? [] : [`id: ${id}`]),
      `event: ${event}`,
      `data: ${JSON.stringify(data)}`,
    ];
    return this.#write(`${lines.join('\n')}\n\n`);
  }

  end(): void {
    if (!this.#body.writableEnded) this.#body.end();
  }

  #write(text: string): boolean {
    if (this.#body.writableEnded || this.#body.destroyed) return false;
    if (this.#body.writableLength + this.#body.readableLength > mostWaitingBytes) return false;
    this.#body.write(text);
    return true;
  }
}

/** The id of the last event that this reader got, if it was connected before. */
export function lastEventId(request: FastifyRequest): string | undefined {
  const id = request.headers['last-event-id'];
  return typeof id === 'string' && id !== '' ? id : undefined;
}
