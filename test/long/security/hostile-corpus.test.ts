import { request as httpRequest } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { type HostileRequest, twisted } from '../../security/support/hostile-requests.js';
import { CliProcess } from '../../support/cli-process.js';
import { freePort } from '../../support/free-port.js';
import { fullLengthOr } from '../../support/full-length.js';
import { LivezWatch } from '../../support/livez-watch.js';
import { type Operation, operationsOf, requestFor } from '../../support/openapi-fuzz.js';
import { connectToTestRedis, freshPrefix, removeKeysOf } from '../../support/test-prefix.js';

vi.setConfig({ testTimeout: 900_000, hookTimeout: 60_000 });

const requests = fullLengthOr(10_000, 1_500);
/** The answers of the interface itself; files and lists may be longer. */
const longestProblem = 64 * 1_024;
const longestSilenceMs = 3_000;
const roles = ['read', 'enqueue', 'operate'] as const;
const secrets = {
  read: 'reader-secret-7d1f9ac2e6b4',
  enqueue: 'enqueuer-secret-7d1f9ac2e6b4',
  operate: 'operator-secret-7d1f9ac2e6b4',
};

const prefix = freshPrefix();
let server: CliProcess;
let port: number;
// biome-ignore lint/suspicious/noExplicitAny: a description of any shape
let description: any;
beforeAll(async () => {
  port = await freePort();
  server = new CliProcess(['serve', '--port', String(port)], {
    REDIS_URL: inject('redisUrl'),
    QUEUE_PREFIX: prefix,
    TENCENTCLOUD_REGION: 'ap-singapore',
    AUTH_TOKENS: roles.map((role) => `${role}:${role}:${secrets[role]}`).join(),
    REQUESTS_PER_MINUTE: '10000000',
    NODE_OPTIONS: '--max-old-space-size=256',
  });
  await server.wrote('server started');
  for (const role of roles) await send('GET', { path: '/v1/settings', headers: {}, body: undefined }, role);
  description = JSON.parse(
    (await send('GET', { path: '/openapi.json', headers: {}, body: undefined }, 'read')).text,
  );
});
afterAll(async () => {
  await server.kill();
  const redis = connectToTestRedis();
  await removeKeysOf(redis, prefix);
  redis.disconnect();
});

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** What is not fit for a socket at all is refused by Node's client, and is the raw sockets' business. */
async function send(
  method: string,
  { path, headers, body }: HostileRequest,
  role: keyof typeof secrets,
): Promise<Answer> {
  return await new Promise((resolve, reject) => {
    const sent = httpRequest(
      {
        host: '127.0.0.1',
        port,
        method,
        path: path.replace(/[^\x21-\x7e]/g, encodeURIComponent),
        agent: false,
        headers: {
          ...headers,
          authorization: `Bearer ${secrets[role]}`,
          ...(body === undefined ? {} : { 'content-length': body.length }),
        },
      },
      (answer) => {
        const type = answer.headers['content-type'] ?? '';
        const status = answer.statusCode ?? 0;
        let text = '';
        if (type.startsWith('text/event-stream')) {
          answer.destroy();
          resolve({ status, type, text });
          return;
        }
        answer.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
        });
        answer.on('end', () => resolve({ status, type, text }));
      },
    );
    // The server may end a connection whose body it does not want.
    sent.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EPIPE' || error.code === 'ECONNRESET'
        ? resolve({ status: 413, type: 'application/problem+json', text: '' })
        : reject(error),
    );
    sent.end(body);
  });
}

async function heapMegabytes(): Promise<number> {
  const samples: number[] = [];
  for (let sample = 0; sample < 5; sample += 1) {
    const { text } = await send('GET', { path: '/metrics', headers: {}, body: undefined }, 'read');
    samples.push(Number(/^nodejs_heap_size_used_bytes(?:{[^}]*})? ([\d.e+]+)$/m.exec(text)?.[1]) / 1e6);
  }
  return Math.round(Math.min(...samples));
}

function judge(operation: Operation, sent: HostileRequest, answer: Answer): void {
  const what = [operation.method, sent.path.slice(0, 200), sent.body?.subarray(0, 200).toString('latin1')];
  expect([what, answer.status]).toEqual([what, expect.toSatisfy((status) => status >= 200 && status < 500)]);
  if (answer.status < 400) return;
  const isShort = answer.text.length <= longestProblem;
  expect([what, answer.type, isShort]).toEqual([
    what,
    expect.stringContaining('application/problem+json'),
    true,
  ]);
}

describe(`${requests} hostile requests to every route with each role`, () => {
  it('are carried out or refused, with others answered meanwhile and no memory kept', async () => {
    const operations = operationsOf(description).filter(({ path }) => path !== '/metrics');
    expect(operations.length).toBeGreaterThan(20);
    const statuses = new Map<number, number>();
    const watch = new LivezWatch(`http://127.0.0.1:${port}`);
    const heap: number[] = [];
    const rounds = 4;
    const numRuns = Math.ceil(requests / rounds / operations.length / roles.length);
    for (let round = 0; round < rounds; round += 1) {
      for (const operation of operations) {
        for (const role of roles) {
          await fc.assert(
            fc.asyncProperty(twisted(requestFor(description, operation)), async (sent) => {
              const answer = await send(operation.method, sent, role);
              statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
              judge(operation, sent, answer);
            }),
            { numRuns },
          );
        }
      }
      heap.push(await heapMegabytes());
    }
    const { worstMs, answers, failures } = await watch.stop();
    const sent = [...statuses.values()].reduce((sum, count) => sum + count, 0);
    process.stdout.write(
      `${sent} requests: ${JSON.stringify(Object.fromEntries(statuses))}; ${answers} times /livez, the slowest ${Math.round(worstMs)} ms; heap in MB ${heap}\n`,
    );
    expect(sent).toBeGreaterThanOrEqual(requests);
    expect(failures).toEqual([]);
    expect(worstMs).toBeLessThan(longestSilenceMs);
    expect(heap.at(-1)).toBeLessThan((heap[0] ?? 0) * 1.5 + 30);
    expect(server.stderr).not.toContain('a request met a fault of the server');
  });
});
