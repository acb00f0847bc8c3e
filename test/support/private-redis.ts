import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Redis } from 'ioredis';
import { spawnBound } from './die-with-parent.js';
import { freePort } from './free-port.js';

export interface PrivateRedisOptions {
  /** Further redis.conf directives, as `['maxmemory', '5mb']`. */
  readonly directives?: readonly (readonly [string, string])[];
  /** Keep what was written over a restart; default true. */
  readonly appendOnly?: boolean;
  /** A command, with its first arguments, that runs the server in its place and under its pid, as `prlimit` does. */
  readonly launcher?: readonly string[];
}

/** A Redis server of a test's own, on a free port of 127.0.0.1, which the test may flush, stop, restart or starve. */
export class PrivateRedis {
  readonly #directory = mkdtempSync(join(tmpdir(), 'tat-cancel-redis-'));
  #process: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    private readonly options: PrivateRedisOptions,
  ) {}

  static async start(options: PrivateRedisOptions = {}): Promise<PrivateRedis> {
    const redis = new PrivateRedis(await freePort(), options);
    await redis.restart();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    if (this.#process?.pid === undefined) throw new Error('this Redis is not running');
    return this.#process.pid;
  }

  /** Starts the server again on the same port and directory, and waits until it answers. */
  async restart(): Promise<void> {
    const binary = findRedisServer();
    if (binary === undefined) throw new Error('no redis-server or valkey-server found: run script/bootstrap');
    const appendOnly = (this.options.appendOnly ?? true) ? 'yes' : 'no';
    const directives: (readonly [string, string])[] = [
      ['port', String(this.port)],
      ['bind', '127.0.0.1'],
      ['dir', this.#directory],
      ['save', ''],
      ['appendonly', appendOnly],
      ['enable-debug-command', 'local'],
      ...(this.options.directives ?? []),
    ];
    const flags = directives.flatMap(([name, value]) => [`--${name}`, value]);
    const [command = binary, ...args] = [...(this.options.launcher ?? []), binary, ...flags];
    const child = spawnBound(command, args);
    this.#process = child;
    await waitUntilReady(this.url, child);
  }

  /** Ends the server at once, as a crash would. What the AOF holds is there after `restart`. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  /** Removes the server's files, so that the next `restart` comes up empty. Only while it is stopped. */
  forget(): void {
    rmSync(this.#data, { recursive: true, force: true });
  }

  /** Copies the server's files as they are now. The function puts them back, only while the server is stopped. */
  backUp(): () => void {
    const copy = join(this.#directory, 'copy');
    cpSync(this.#data, copy, { recursive: true });
    return () => {
      this.forget();
      renameSync(copy, this.#data);
    };
  }

  get #data(): string {
    return join(this.#directory, 'appendonlydir');
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** The first Redis-compatible server on the PATH. */
export function findRedisServer(): string | undefined {
  const directories = (process.env.PATH ?? '').split(delimiter);
  for (const name of ['redis-server', 'valkey-server']) {
    const found = directories.map((directory) => join(directory, name)).find((path) => existsSync(path));
    if (found !== undefined) return found;
  }
  return undefined;
}

async function waitUntilReady(url: string, child: ChildProcess): Promise<void> {
  const client = new Redis(url, {
    lazyConnect: true,
    maxRetriesPerRequest: null,
    retryStrategy: () => 50,
  });
  client.on('error', () => {}); // refused until the server listens; a server that died is told below
  const died = once(child, 'exit').then(([code]) => {
    throw new Error(`redis-server ended with code ${code} before it was ready`);
  });
  try {
    await Promise.race([client.ping(), died]);
  } finally {
    died.catch(() => {}); // its later end is no news
    client.disconnect();
  }
}
