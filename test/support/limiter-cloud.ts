import { createSocket, type Socket } from 'node:dgram';
import { EventEmitter, once } from 'node:events';
import type { AddressInfo } from 'node:net';

export interface Call {
  /** By the machine's monotonic clock, in ms: when the call left its process. */
  readonly at: number;
  /** Port that the call came from; one for each process. */
  readonly from: number;
  readonly refused: boolean;
}

/**
 * The other end of the limiter's calls: notes when they were sent, and refuses those beyond a quota if told to, as a
 * counter over fixed seconds does; foreign clients use it up as well.
 */
export class LimiterCloud extends EventEmitter<{ call: [Call] }> {
  readonly calls: Call[] = [];
  #window = 0;
  #counted = 0;

  private constructor(
    private readonly socket: Socket,
    private readonly quota: number,
  ) {
    super();
    socket.on('message', (sentAt, { port }) => {
      const call = { at: Number(BigInt(sentAt.toString())) / 1e6, from: port, refused: !this.#admit() };
      this.calls.push(call);
      if (call.refused) socket.send('r', port, '127.0.0.1');
      this.emit('call', call);
    });
  }

  static async listen(quota = Number.POSITIVE_INFINITY): Promise<LimiterCloud> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new LimiterCloud(socket, quota);
  }

  get port(): number {
    return (this.socket.address() as AddressInfo).port;
  }

  /** Somebody else calls with the same quota, unevenly and without heed of refusals, until the result is called. */
  startForeignClient(callsPerSecond: number): () => void {
    let timer: NodeJS.Timeout;
    let due = performance.now();
    const call = () => {
      this.#admit();
      due += (1_000 / callsPerSecond) * (0.5 + Math.random());
      timer = setTimeout(call, due - performance.now());
    };
    call();
    return () => clearTimeout(timer);
  }

  /** Calls from now on, as soon as there are as many as asked for. */
  async next(count: number): Promise<Call[]> {
    const first = this.calls.length;
    await this.#until(() => this.calls.length >= first + count);
    return this.calls.slice(first, first + count);
  }

  /** Calls of the given time from the next one on. */
  async during(durationMs: number): Promise<Call[]> {
    const first = this.calls.length;
    const startedAt = () => this.calls[first]?.at ?? Number.POSITIVE_INFINITY;
    await this.#until((call) => call.at - startedAt() >= durationMs);
    return this.calls.slice(first, -1);
  }

  close(): void {
    this.socket.close();
  }

  #until(isEnough: (call: Call) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const listen = (call: Call) => {
        if (!isEnough(call)) return;
        this.off('call', listen);
        resolve();
      };
      this.on('call', listen);
    });
  }

  #admit(): boolean {
    const window = Math.floor(performance.now() / 1_000);
    if (window !== this.#window) {
      this.#window = window;
      this.#counted = 0;
    }
    if (this.#counted >= this.quota) return false;
    this.#counted++;
    return true;
  }
}

/** The most calls within any 1,000 ms. */
export function mostInOneSecond(calls: readonly Call[]): number {
  const times = calls.map(({ at }) => at).sort((a, b) => a - b);
  let first = 0;
  let most = 0;
  for (const [index, time] of times.entries()) {
    while (time - (times[first] ?? 0) >= 1_000) first++;
    most = Math.max(most, index - first + 1);
  }
  return most;
}

/** Calls in a second, over the time from the first to the last. */
export function callRate(calls: readonly Call[]): number {
  const times = calls.map(({ at }) => at);
  return ((times.length - 1) / (Math.max(...times) - Math.min(...times))) * 1_000;
}

/** The longest time without a call, in ms. */
export function longestGap(calls: readonly Call[]): number {
  const times = calls.map(({ at }) => at).sort((a, b) => a - b);
  return Math.max(...times.slice(1).map((time, index) => time - (times[index] ?? time)));
}
