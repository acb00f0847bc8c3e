import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { findRedisServer, PrivateRedis } from './private-redis.js';

const run = promisify(execFile);

/** The image that docker-compose.yml runs too. */
export const redisImage = 'redis:7.4-bookworm';

// A registry that cannot be reached may swallow a pull for minutes, and there is another way to get a Redis.
const pullTimeoutMs = 60_000;
const startTimeoutMs = 30_000;
const answerTimeoutMs = 5_000;

export interface TestRedis {
  readonly url: string;
  /** One line for the run's log: which Redis it is, and why. */
  readonly description: string;
  stop(): Promise<void>;
}

/** `REDIS_URL` if set, else a container when a Docker engine can give one, else a private redis-server. */
export async function startTestRedis(): Promise<TestRedis> {
  const url = process.env.REDIS_URL;
  if (url !== undefined && url !== '') {
    await expectAnswer(url);
    return { url, description: 'the Redis of REDIS_URL', stop: async () => {} };
  }
  if (await dockerAnswers()) {
    try {
      return await startContainer();
    } catch (error) {
      const reason = error instanceof Error ? error.message.trim().split('\n').at(-1) : String(error);
      process.stderr.write(`Docker answers, but gives no ${redisImage}: ${reason}\n`);
    }
  }
  if (findRedisServer() === undefined) {
    throw new Error(
      'No Redis for the tests: set REDIS_URL, or run `docker compose up -d redis`, or script/bootstrap.',
    );
  }
  const server = await PrivateRedis.start({ appendOnly: false });
  return {
    url: server.url,
    description: `a private redis-server on port ${server.port}`,
    stop: () => server.stop(),
  };
}

async function dockerAnswers(): Promise<boolean> {
  try {
    await run('docker', ['info'], { timeout: 5_000 });
    return true;
  } catch {
    return false; // no client, or no engine behind it: both mean "not with Docker"
  }
}

async function startContainer(): Promise<TestRedis> {
  await ensureImage(redisImage);
  // Testcontainers' reaper only guards against a run that is killed, and it is an image more to pull.
  process.env.TESTCONTAINERS_RYUK_DISABLED ??= 'true';
  const { GenericContainer, Wait } = await import('testcontainers');
  const container = await new GenericContainer(redisImage)
    .withCommand(['redis-server', ...toFlags(containerSettings)])
    .withExposedPorts(6379)
    .withWaitStrategy(Wait.forLogMessage('Ready to accept connections'))
    .withStartupTimeout(startTimeoutMs)
    .start();
  const url = `redis://${container.getHost()}:${container.getMappedPort(6379)}`;
  try {
    await expectAnswer(url);
  } catch (error) {
    await container.stop();
    throw error;
  }
  return {
    url,
    description: `a testcontainers Redis (${redisImage})`,
    stop: async () => {
      await container.stop();
    },
  };
}

// Protected mode would refuse connections from outside the container, and the run would wait for ever.
const containerSettings = {
  save: '',
  appendonly: 'no',
  'maxmemory-policy': 'noeviction',
  'protected-mode': 'no',
};

function toFlags(settings: Record<string, string>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
}

/** Throws unless a Redis answers within a short time: every test would wait for it otherwise. */
async function expectAnswer(url: string): Promise<void> {
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: answerTimeoutMs,
    commandTimeout: answerTimeoutMs,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  client.on('error', () => {}); // the ping tells
  try {
    await client.ping();
  } catch (error) {
    throw new Error(`${redactUrl(url)} does not answer: ${error instanceof Error ? error.message : error}`);
  } finally {
    client.disconnect();
  }
}

function redactUrl(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//');
}

/** Pulls through Docker's own command, which unlike a pull over the API can be given up. */
async function ensureImage(image: string): Promise<void> {
  try {
    await run('docker', ['image', 'inspect', image], { timeout: 5_000 });
  } catch {
    process.stderr.write(`Pulling ${image} for the tests (at most ${pullTimeoutMs / 1000} s)\n`);
    await run('docker', ['pull', '--quiet', image], { timeout: pullTimeoutMs });
  }
}
