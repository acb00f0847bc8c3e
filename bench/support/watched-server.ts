import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../test/support/free-port.js';
import { CommandProcess } from './command-process.js';

/** What an open page and a scraper ask for. */
const paths = [
  '/readyz',
  '/metrics',
  '/v1/overview',
  '/v1/cancel-requests?limit=50',
  '/v1/cancel-requests?search=ins-0000',
  '/v1/dead-letters/groups',
  '/v1/dead-letters?limit=50',
] as const;

const betweenLooksMs = 250;
const patienceMs = 15_000;

/** A server process that somebody looks at all the time, whatever happens to it: all views in turn, and a stream. */
export class WatchedServer {
  /** How many answers came with which status; 0 for none within 15 s. */
  readonly answers: Record<number, number> = {};
  readonly #stopped = new AbortController();
  #watching: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly process: CommandProcess,
    private readonly url: string,
  ) {}

  static async start({ redisUrl, prefix }: { redisUrl: string; prefix: string }): Promise<WatchedServer> {
    const port = await freePort();
    const command = CommandProcess.start(['serve'], {
      REDIS_URL: redisUrl,
      QUEUE_PREFIX: prefix,
      HOST: '127.0.0.1',
      PORT: String(port),
      LOG_LEVEL: 'fatal',
    });
    const server = new WatchedServer(command, `http://127.0.0.1:${port}`);
    await server.#untilReady();
    server.#watching = Promise.all([server.#look(), server.#follow()]);
    return server;
  }

  get pid(): number {
    return this.process.pid;
  }

  /** Rejects if the server ended before, or does not end well now. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#watching;
    await this.process.stop();
    const code = await this.process.ended();
    if (code !== 0) throw new Error(`the server ended with ${code}`);
  }

  async #untilReady(): Promise<void> {
    const deadline = performance.now() + 30_000;
    while ((await this.#get('/readyz')) !== 200) {
      if (performance.now() > deadline) throw new Error('the server did not start within 30 s');
      await sleep(50);
    }
  }

  async #look(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      for (const path of paths) {
        const status = await this.#get(path);
        if (this.#stopped.signal.aborted) return;
        this.answers[status] = (this.answers[status] ?? 0) + 1;
        await sleep(betweenLooksMs);
      }
    }
  }

  async #get(path: string): Promise<number> {
    try {
      const answer = await fetch(this.url + path, { signal: AbortSignal.timeout(patienceMs) });
      await answer.arrayBuffer();
      return answer.status;
    } catch {
      return 0;
    }
  }

  /** Follows the stream of the overview, and opens it again whenever it ends. */
  async #follow(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      try {
        const answer = await fetch(`${this.url}/v1/overview/events`, { signal });
        for await (const _piece of answer.body ?? []) if (signal.aborted) return;
      } catch {
        // it is opened again
      }
      await sleep(betweenLooksMs);
    }
  }
}
