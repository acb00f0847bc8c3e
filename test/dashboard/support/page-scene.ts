import { Redis } from 'ioredis';
import { CancelProducer } from '../../../src/producer/index.js';
import { createSimulator, type Simulator, type SimulatorOptions } from '../../../src/simulator/index.js';
import { CliProcess } from '../../support/cli-process.js';
import { freePort } from '../../support/free-port.js';
import { PrivateRedis } from '../../support/private-redis.js';

export const prefix = '{tat-cancel}';
export const region = 'ap-singapore';

/** Tokens of the server, one for each role. */
export const tokens = {
  read: 'reader-token-7d1f9ac2e6b4',
  enqueue: 'caller-token-7d1f9ac2e6b4',
  operate: 'operator-token-7d1f9ac2e6b4',
} as const;

const authTokens = `auditor:read:${tokens.read},deploy-bot:enqueue:${tokens.enqueue},wang.wei:operate:${tokens.operate}`;

export interface PageSceneOptions {
  readonly simulator?: SimulatorOptions;
  readonly workers?: number;
  /** Settings of the worker processes. */
  readonly worker?: Readonly<Record<string, string>>;
  /** A server without tokens, which lets everybody on this machine operate. */
  readonly isOpen?: boolean;
}

/** A Redis, a simulated cloud, workers and a server of one's own, the latter as processes of the built command. */
export class PageScene {
  readonly #processes: CliProcess[] = [];

  private constructor(
    readonly redis: PrivateRedis,
    /** A connection of one's own. */
    readonly client: Redis,
    readonly simulator: Simulator,
    readonly producer: CancelProducer,
    readonly port: number,
    private readonly isOpen: boolean,
    private server: CliProcess,
  ) {}

  static async start(options: PageSceneOptions = {}): Promise<PageScene> {
    const redis = await PrivateRedis.start();
    const simulator = createSimulator({ defaultRegion: region, ...options.simulator });
    await simulator.start();
    const producer = await CancelProducer.connect({ redisUrl: redis.url, defaultRegion: region });
    const port = await freePort();
    const isOpen = options.isOpen ?? false;
    const server = startServer(redis, port, isOpen);
    const scene = new PageScene(redis, new Redis(redis.url), simulator, producer, port, isOpen, server);
    scene.client.on('error', () => {}); // some tests take Redis away
    await server.wrote('server started');
    for (let count = 0; count < (options.workers ?? 1); count++) await scene.startWorker(options.worker);
    return scene;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async startWorker(settings: Readonly<Record<string, string>> = {}): Promise<CliProcess> {
    const worker = new CliProcess(['worker'], {
      REDIS_URL: this.redis.url,
      TAT_ENDPOINT: this.simulator.url,
      TENCENTCLOUD_SECRET_ID: 'AKIDSIMULATOR',
      TENCENTCLOUD_SECRET_KEY: 'simulator-secret-key',
      ...settings,
    });
    this.#processes.push(worker);
    await worker.wrote('worker started');
    return worker;
  }

  /** Ends the server as a crash would. */
  async killServer(): Promise<void> {
    await this.server.kill();
  }

  /** Starts it again on the same port. */
  async restartServer(): Promise<void> {
    this.server = startServer(this.redis, this.port, this.isOpen);
    await this.server.wrote('server started');
  }

  async close(): Promise<void> {
    await Promise.all([this.server, ...this.#processes].map((process) => process.kill()));
    await this.producer.close();
    this.client.disconnect();
    await this.simulator.close();
    await this.redis.stop();
  }
}

function startServer(redis: PrivateRedis, port: number, isOpen: boolean): CliProcess {
  return new CliProcess(['serve'], {
    REDIS_URL: redis.url,
    HOST: '127.0.0.1',
    PORT: String(port),
    TENCENTCLOUD_REGION: region,
    // The same over a restart, so that nobody has to log in again.
    SESSION_SECRET: 'a-secret-of-the-tests-that-is-long-enough',
    ...(isOpen ? {} : { AUTH_TOKENS: authTokens }),
  });
}
