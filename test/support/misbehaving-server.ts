import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** How the server treats a request whose body has arrived. */
export type Behaviour = (response: ServerResponse, request: SeenRequest) => void;

/** Self-signed and valid for a hundred years, for `localhost` and 127.0.0.1. Nothing outside the tests trusts it. */
export const selfSigned = {
  key: readFileSync(join(import.meta.dirname, 'misbehaving-server-key.pem'), 'utf8'),
  cert: readFileSync(join(import.meta.dirname, 'misbehaving-server-cert.pem'), 'utf8'),
};

/** An HTTP(S) server on loopback that answers as badly as it is told to, and tells what it saw. */
export class MisbehavingServer {
  readonly requests: SeenRequest[] = [];
  connections = 0;
  readonly #seen = new EventEmitter();
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  private constructor(
    private readonly protocol: 'http' | 'https',
    private behaviour: Behaviour,
  ) {
    this.#server =
      protocol === 'https' ? createHttpsServer(selfSigned) : createHttpServer({ keepAliveTimeout: 60_000 });
    this.#server.on('request', (request, response) => this.#receive(request, response));
    this.#server.on(protocol === 'https' ? 'secureConnection' : 'connection', (socket: Socket) => {
      this.connections += 1;
      this.#sockets.add(socket);
      socket.once('close', () => {
        this.#sockets.delete(socket);
        this.#seen.emit('disconnect');
      });
    });
  }

  static async start(behaviour: Behaviour, protocol: 'http' | 'https' = 'http'): Promise<MisbehavingServer> {
    const server = new MisbehavingServer(protocol, behaviour);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get url(): string {
    return `${this.protocol}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** From the next request on. */
  behave(behaviour: Behaviour): void {
    this.behaviour = behaviour;
  }

  async nextRequest(): Promise<SeenRequest> {
    const [request] = await once(this.#seen, 'request');
    return request as SeenRequest;
  }

  /** Resolves when a client has closed one of its connections. */
  async nextDisconnect(): Promise<void> {
    await once(this.#seen, 'disconnect');
  }

  async stop(): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, 'close');
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const seen: SeenRequest = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      };
      this.requests.push(seen);
      this.#seen.emit('request', seen);
      this.behaviour(response, seen);
    });
  }
}
