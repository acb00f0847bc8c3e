import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Stands between a client and Redis, and lets a Redis pretend. */
export class RedisProxy {
  /** What the server is to call its version, with as many characters as the true one; undefined leaves it. */
  version: ((length: number) => string) | undefined;
  /** Added to each answer. */
  delayMs = 0;
  readonly #sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(redisPort: number): Promise<RedisProxy> {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const proxy = new RedisProxy(server, `redis://127.0.0.1:${port}`);
    server.on('connection', (client) => proxy.#join(client, connect(redisPort, '127.0.0.1')));
    return proxy;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #join(client: Socket, redis: Socket): void {
    for (const socket of [client, redis]) {
      this.#sockets.add(socket);
      socket.on('error', () => {}); // the other side is closed below
    }
    client.on('close', () => redis.destroy());
    redis.on('close', () => client.destroy());
    client.pipe(redis);
    redis.on('data', (answer: Buffer) => {
      const shown = this.#pretend(answer);
      if (this.delayMs === 0) client.write(shown);
      else setTimeout(() => client.write(shown), this.delayMs);
    });
  }

  #pretend(answer: Buffer): Buffer {
    const { version } = this;
    if (version === undefined || !answer.includes('_version:')) return answer;
    const text = answer
      .toString('latin1')
      .replace(
        /\b(redis|valkey)_version:([\d.]+)/g,
        (_all, product: string, told: string) => `${product}_version:${version(told.length)}`,
      );
    return Buffer.from(text, 'latin1');
  }
}

/** `8.9.9`, `8.9.99`: newer than any with a known hole. */
export const fixedVersion = (length: number) => '8.9.'.padEnd(length, '9');
/** `7.4.5`, `7.4.05`: the last with the hole in its series. */
export const openVersion = (length: number) => `7.4.${'5'.padStart(length - 4, '0')}`;
/** `5.0.9`: too old to be used at all. */
export const ancientVersion = (length: number) => '5.0.'.padEnd(length, '9');
