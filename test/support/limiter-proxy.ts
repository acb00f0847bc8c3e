import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** The delay that a chunk gets at this moment, in ms. */
export type Delay = () => number;

/**
 * A TCP proxy in front of a local server that delays what passes, each way on its own. Chunks never overtake each
 * other, so a late one holds up those behind it, as in a real stream.
 */
export class LimiterProxy {
  readonly #sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async start(targetPort: number, delay: Delay): Promise<LimiterProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const proxy = new LimiterProxy(server, (server.address() as AddressInfo).port);
    server.on('connection', (near) => {
      const far = connect({ port: targetPort, host: '127.0.0.1', noDelay: true });
      near.setNoDelay(true);
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        proxy.#sockets.add(from);
        from.on('error', () => {}); // the close that follows says enough
        from.on('close', () => {
          proxy.#sockets.delete(from);
          to.destroy();
        });
        forwardLate(from, to, delay);
      }
    });
    return proxy;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }
}

function forwardLate(from: Socket, to: Socket, delay: Delay): void {
  let freeAt = 0;
  const waiting: Buffer[] = [];
  from.on('data', (chunk) => {
    const now = performance.now();
    freeAt = Math.max(freeAt, now + delay());
    waiting.push(chunk);
    setTimeout(() => {
      const next = waiting.shift(); // the order of chunks holds, whichever timer fires first
      if (next !== undefined && to.writable) to.write(next);
    }, freeAt - now);
  });
}
