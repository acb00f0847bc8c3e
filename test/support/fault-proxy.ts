import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Which way bytes go: from the client to the server, or back. */
export type Way = 'there' | 'back';

/** What a moment does to bytes that come in: time until they go on, in ms. */
export type WayDelay = (way: Way) => number;

interface Stream {
  readonly way: Way;
  readonly to: Socket;
  readonly queue: { readonly chunk: Buffer; readonly dueAt: number }[];
  timer: NodeJS.Timeout | undefined;
}

/**
 * A network of a test's own in front of a local server. It can be slow, stand still in one way or both while all
 * connections stay open, cut connections at a given byte, and reset them. Bytes never overtake each other.
 */
export class FaultProxy {
  /** Time that bytes take, each way. */
  delay: WayDelay = () => 0;
  readonly #streams = new Set<Stream>();
  readonly #sockets = new Set<Socket>();
  readonly #frozen = new Set<Way>();
  /** Ends whose other end went away while nobody could be told. */
  readonly #halfOpen = new Set<Socket>();
  /** Bytes that may still pass, by way, before the connection is cut. */
  #cutAfter: { way: Way; bytes: number; how: 'end' | 'reset' } | undefined;
  #cuts = 0;

  private constructor(
    private readonly server: Server,
    readonly port: number,
    private readonly targetPort: number,
  ) {}

  static async start(targetPort: number): Promise<FaultProxy> {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const proxy = new FaultProxy(server, (server.address() as AddressInfo).port, targetPort);
    server.on('connection', (near) => proxy.#join(near));
    return proxy;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** How many connections were cut by `cutAfter`. */
  get cuts(): number {
    return this.#cuts;
  }

  /** From now on nothing arrives, and nobody is told: a half-open connection if only one way is frozen. */
  freeze(...ways: Way[]): void {
    for (const way of ways.length === 0 ? (['there', 'back'] as const) : ways) this.#frozen.add(way);
  }

  /** What was on the way arrives now. */
  thaw(): void {
    this.#frozen.clear();
    for (const stream of this.#streams) this.#pump(stream);
    for (const socket of this.#halfOpen) socket.destroy();
    this.#halfOpen.clear();
  }

  /** Cuts the connection on which the given number of bytes has passed this way, counted from now over all of them. */
  cutAfter(bytes: number, way: Way, how: 'end' | 'reset' = 'end'): void {
    this.#cutAfter = { way, bytes, how };
  }

  /** Cuts nothing any more that is not cut yet. */
  disarm(): void {
    this.#cutAfter = undefined;
  }

  /** Resets every connection at once. */
  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    for (const { timer } of this.#streams) clearTimeout(timer);
    this.server.close();
    await once(this.server, 'close');
  }

  #join(near: Socket): void {
    const far = connect({ port: this.targetPort, host: '127.0.0.1', noDelay: true });
    near.setNoDelay(true);
    for (const [from, to, way] of [
      [near, far, 'there'],
      [far, near, 'back'],
    ] as const) {
      const stream: Stream = { way, to, queue: [], timer: undefined };
      this.#streams.add(stream);
      this.#sockets.add(from);
      from.on('error', () => {}); // the close that follows says enough
      from.on('close', () => {
        this.#sockets.delete(from);
        this.#streams.delete(stream);
        clearTimeout(stream.timer);
        if (this.#frozen.has(way)) this.#halfOpen.add(to);
        else to.destroy();
      });
      from.on('data', (chunk: Buffer) => {
        const dueAt = performance.now() + this.delay(way);
        stream.queue.push({ chunk, dueAt: Math.max(dueAt, stream.queue.at(-1)?.dueAt ?? 0) });
        this.#pump(stream);
      });
    }
  }

  #pump(stream: Stream): void {
    clearTimeout(stream.timer);
    stream.timer = undefined;
    while (!this.#frozen.has(stream.way)) {
      const [next] = stream.queue;
      if (next === undefined) return;
      const waitMs = next.dueAt - performance.now();
      if (waitMs > 0) {
        stream.timer = setTimeout(() => this.#pump(stream), waitMs);
        return;
      }
      stream.queue.shift();
      if (!stream.to.destroyed) this.#pass(stream, next.chunk);
    }
  }

  #pass(stream: Stream, chunk: Buffer): void {
    const cut = this.#cutAfter;
    if (cut?.way !== stream.way) {
      stream.to.write(chunk);
      return;
    }
    if (chunk.length < cut.bytes) {
      cut.bytes -= chunk.length;
      stream.to.write(chunk);
      return;
    }
    this.#cutAfter = undefined;
    this.#cuts += 1;
    stream.to.write(chunk.subarray(0, cut.bytes), () => {
      if (cut.how === 'reset') stream.to.resetAndDestroy();
      else stream.to.destroy();
    });
  }
}
