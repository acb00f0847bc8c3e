import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { RateLimiterStats } from '../../src/shared/rate-limiter/index.js';

export interface LimiterWorkerOptions {
  readonly redisUrl: string;
  /** Where `LimiterCloud` listens. */
  readonly cloudPort: number;
  readonly keyPrefix?: string;
  readonly callsPerSecond?: number;
  /** How many `acquire`s are pending at any time. */
  readonly waiters?: number;
  /** Whether its calls are full ones; default true. */
  readonly isFull?: boolean;
  /** Added to the process's wall clock. */
  readonly clockSkewMs?: number;
  /** Time between getting a permit and using it, as for work in Redis. */
  readonly workMs?: number;
  /** Every seventh call leaves so much later than its permit allowed it to, as when it waits for a connection. */
  readonly coldMs?: number;
  /** The event loop is blocked for this long, again and again. */
  readonly busyMs?: number;
}

export interface WorkerLog {
  readonly level: string;
  readonly message: string;
  readonly error?: string;
  readonly fields: string;
}

type Message =
  | { kind: 'started' }
  | ({ kind: 'log' } & WorkerLog)
  | { kind: 'unhandled'; message: string }
  | { kind: 'stats'; stats: RateLimiterStats }
  | { kind: 'closed'; tookMs: number };

/** A process of its own that makes calls as fast as the shared limiter lets it. */
export class LimiterWorker {
  readonly logs: WorkerLog[] = [];
  /** Errors that nobody caught; must stay empty. */
  readonly unhandled: string[] = [];
  readonly process: ChildProcess;

  constructor(options: LimiterWorkerOptions) {
    const defaults = {
      keyPrefix: '{limiter-test}',
      callsPerSecond: 20,
      waiters: 20,
      isFull: true,
      clockSkewMs: 0,
      workMs: 0,
      coldMs: 0,
      busyMs: 0,
    };
    this.process = fork(new URL('./limiter-worker.mjs', import.meta.url), [
      JSON.stringify({ ...defaults, ...options }),
    ]);
    this.process.on('message', (message: Message) => {
      if (message.kind === 'unhandled') this.unhandled.push(message.message);
      if (message.kind === 'log') this.logs.push(message);
    });
  }

  /** Resolves with the first line, past or future, whose message holds the text. */
  async logged(text: string): Promise<WorkerLog> {
    const past = this.logs.find(({ message }) => message.includes(text));
    return past ?? (await this.#hear('log', ({ message }) => message.includes(text)));
  }

  async stats(): Promise<RateLimiterStats> {
    this.process.send({ kind: 'stats' });
    const message = await this.#hear('stats');
    return message.stats;
  }

  /** Keeps the event loop busy. */
  block(forMs: number): void {
    this.process.send({ kind: 'block', forMs });
  }

  /** Closes the limiter and waits until the process ends by itself. */
  async close(): Promise<{ tookMs: number }> {
    const exited = once(this.process, 'exit');
    this.process.send({ kind: 'close' });
    const { tookMs } = await this.#hear('closed');
    await exited;
    return { tookMs };
  }

  async kill(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const exited = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await exited;
  }

  #hear<K extends Message['kind']>(
    kind: K,
    fits: (message: Extract<Message, { kind: K }>) => boolean = () => true,
  ): Promise<Extract<Message, { kind: K }>> {
    return new Promise((resolve) => {
      const listen = (message: Message) => {
        if (message.kind !== kind || !fits(message as Extract<Message, { kind: K }>)) return;
        this.process.off('message', listen);
        resolve(message as Extract<Message, { kind: K }>);
      };
      this.process.on('message', listen);
    });
  }
}
