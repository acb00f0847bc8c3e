import { afterEach, describe, expect, it } from 'vitest';
import { CliProcess } from '../../support/cli-process.js';
import { freePort } from '../../support/free-port.js';
import { fullLengthOr } from '../../support/full-length.js';
import { postAll } from '../../support/http-clients.js';
import { type Installation, startInstallation } from '../../support/installation.js';
import { waitUntil } from '../../support/wait-until.js';

const token = 'service-secret-7d1f9ac2e6b4';
const clients = 200;
const instancesPerInvocation = 200;

let installation: Installation | undefined;
const processes: CliProcess[] = [];

afterEach(async () => {
  await Promise.all(processes.splice(0).map((process) => process.kill()));
  await installation?.close();
});

async function startServer({ redisUrl, prefix }: Installation): Promise<string> {
  const port = await freePort();
  const server = new CliProcess(['serve'], {
    REDIS_URL: redisUrl,
    QUEUE_PREFIX: prefix,
    TENCENTCLOUD_REGION: 'ap-singapore',
    PORT: String(port),
    AUTH_TOKENS: `service:enqueue:${token}`,
    LOG_LEVEL: 'warn',
    METRICS_PORT: '0',
  });
  processes.push(server);
  const url = `http://127.0.0.1:${port}`;
  await waitUntil('the server answers', () =>
    fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
  return url;
}

describe('200 clients at once', () => {
  const requests = fullLengthOr(20_000, 5_000);

  it(`hand in ${requests} requests of one instance each, of which none is lost and all are stopped at the limit`, async () => {
    installation = await startInstallation({
      workers: 1,
      simulator: { callsPerSecond: 20 },
      worker: { callsPerSecond: 20 },
    });
    const { simulator, producer } = installation;
    const url = await startServer(installation);
    const wanted = simulator
      .addInvocations(requests / instancesPerInvocation, { instances: instancesPerInvocation })
      .flatMap(({ invocationId, instanceIds }) =>
        [...instanceIds].map((id) => ({ invocationId, instanceIds: [id] })),
      );
    const bodies = wanted.map((target) => JSON.stringify({ targets: [target] }));

    const answers = await postAll({ url: `${url}/v1/cancel-requests`, token, clients, bodies });
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    const ids = new Set(answers.map(({ text }) => JSON.parse(text).requestId as string));
    expect(ids.size).toBe(requests);

    const overview = await waitUntil(
      'every request has its outcome',
      async () => {
        const answer = await fetch(`${url}/v1/overview`, { headers: { authorization: `Bearer ${token}` } });
        const body = (await answer.json()) as {
          unsettledRequests: number;
          deadLetters: number;
          waiting: object;
        };
        return body.unsettledRequests === 0 && body;
      },
      120_000,
    );
    expect(overview).toMatchObject({
      deadLetters: 0,
      waiting: { normal: { jobs: 0, instances: 0 }, urgent: { jobs: 0 }, low: { jobs: 0 } },
    });
    let known = 0;
    for (let cursor: number | undefined = Number.MAX_SAFE_INTEGER; cursor !== undefined; ) {
      const page: Awaited<ReturnType<typeof producer.requests>> = await producer.requests({
        cursor,
        limit: 1_000,
      });
      known += page.requests.filter(
        ({ requestId, state }) => ids.has(requestId) && state === 'finished',
      ).length;
      cursor = page.nextCursor;
    }
    expect(known).toBe(requests);
    const running = wanted.filter(({ invocationId, instanceIds: [id = ''] }) => {
      const status = simulator.task(invocationId, id)?.status ?? 'no task';
      return !['TERMINATED', 'CANCELLED'].includes(status);
    });
    expect(running).toEqual([]);
    expect(simulator.record.mostCallsInAnySecond('CancelInvocation')).toBeLessThanOrEqual(20);
    expect(simulator.record.count('CancelInvocation')).toBeLessThan(requests / 10);
  }, 240_000);
});
