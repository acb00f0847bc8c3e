import { describe, expect } from 'vitest';
import { CancelQueue } from '../../../src/shared/cancel-queue.js';
import type { DeadLetterGroup } from '../../../src/shared/dead-letters/index.js';
import { instanceStates, Ledger } from '../../../src/shared/ledger/index.js';
import { redisKeys } from '../../../src/shared/redis-keys.js';
import { CliProcess } from '../../support/cli-process.js';
import { CliSession } from '../../support/cli-session.js';
import type { Installation } from '../../support/installation.js';
import { it } from '../../support/installed-test.js';
import { plantDeadLetters } from '../../support/planted-letters.js';
import { waitUntil } from '../../support/wait-until.js';

const codes = [
  'NotConfirmed',
  'ResourceNotFound.InvocationNotFound',
  'InternalError',
  'ResourceUnavailable.AgentStatusNotOnline',
] as const;
const lettersPerCode = 2_500;
const jobsPerRequest = 500;
const instancesPerInvocation = 100;

/**
 * 10,000 dead letters of one instance each, in 20 requests in which codes take turns. The instances run their commands in
 * the cloud, so that a redrive can stop them. Tells the requests.
 */
async function seed(installation: Installation): Promise<string[]> {
  const { redis, prefix, simulator, deadLetters } = installation;
  const ledger = new Ledger(redis, prefix);
  const count = codes.length * lettersPerCode;
  const invocations = simulator.addInvocations(count / instancesPerInvocation, {
    instances: instancesPerInvocation,
  });
  const targets = invocations.flatMap(({ region, invocationId, instanceIds }) =>
    instanceIds.map((id) => ({ region, invocationId, instanceIds: [id] })),
  );
  const requestIds: string[] = [];
  for (let from = 0; from < count; from += jobsPerRequest) {
    const requestId = `req-redrive-${from / jobsPerRequest}`;
    const jobs = targets.slice(from, from + jobsPerRequest);
    await plantDeadLetters(ledger, requestId, jobs, codes);
    requestIds.push(requestId);
  }
  expect(await deadLetters.count()).toBe(count);
  return requestIds;
}

/** The sum over all requests; throws when one of them does not add up to its total. */
async function countAll({ producer }: Installation, requestIds: readonly string[]) {
  const sums = Object.fromEntries(instanceStates.map((state) => [state, 0]));
  for (const status of await Promise.all(requestIds.map((requestId) => producer.status(requestId)))) {
    if (status === undefined) throw new Error('a request is gone');
    const sum = instanceStates.reduce((total, state) => total + status.counts[state], 0);
    if (sum !== status.total) throw new Error(`${sum} of ${status.total} in ${status.requestId}`);
    for (const state of instanceStates) sums[state] = (sums[state] ?? 0) + status.counts[state];
  }
  return sums;
}

async function readGroups(prefix: string): Promise<Record<string, number>> {
  const args = ['dead-letters', 'list', '--group'];
  const { document } = await new CliSession(prefix).runJson<{ groups: DeadLetterGroup[] }>(args);
  return Object.fromEntries(document.groups.map(({ code, letters }) => [code, letters]));
}

describe('a redrive of thousands of dead letters', () => {
  it('loses and doubles nothing when its process is killed in the middle and it is run again', {
    timeout: 180_000,
  }, async ({ install, onTestFinished }) => {
    const installation = await install({ workers: 2 });
    const { prefix, redis, redisUrl, simulator } = installation;
    const requestIds = await seed(installation);
    const total = codes.length * lettersPerCode;
    expect(await readGroups(prefix)).toEqual(Object.fromEntries(codes.map((code) => [code, lettersPerCode])));
    expect(await countAll(installation, requestIds)).toMatchObject({ 'dead-lettered': total, waiting: 0 });

    const environment = { REDIS_URL: redisUrl, QUEUE_PREFIX: prefix };
    const redrive = () => {
      const command = new CliProcess(['dead-letters', 'redrive', '--code', codes[0]], environment);
      onTestFinished(() => command.kill());
      return command;
    };
    const handled = () => redis.xlen(redisKeys(prefix).audit);

    const first = redrive();
    await waitUntil('the redrive is in the middle', async () => (await handled()) >= lettersPerCode / 5);
    await first.kill();
    const handledAtDeath = await handled();
    expect(handledAtDeath).toBeLessThan(lettersPerCode);
    await countAll(installation, requestIds);

    const second = redrive();
    let looks = 0;
    const done = await waitUntil(
      'every instance of the group is stopped',
      async () => {
        looks += 1;
        const counts = await countAll(installation, requestIds);
        return counts['dead-lettered'] === total - lettersPerCode &&
          counts.waiting === 0 &&
          counts.accepted === 0
          ? counts
          : undefined;
      },
      120_000,
    );
    expect(await second.exitCode()).toBe(0);
    expect(looks).toBeGreaterThan(1);
    const stopped = (done.cancelled ?? 0) + (done.terminated ?? 0) + (done['already-finished'] ?? 0);
    expect(stopped).toBe(lettersPerCode);

    // Each letter was dealt with once, and the others were left alone.
    expect(await handled()).toBe(lettersPerCode);
    await waitUntil('no letter of the group is left', async () => !(codes[0] in (await readGroups(prefix))));
    expect(await readGroups(prefix)).toEqual(
      Object.fromEntries(codes.slice(1).map((code) => [code, lettersPerCode])),
    );
    await expectOneJobEach(installation, requestIds);

    // Each instance was cancelled once.
    const named = simulator.record.calls('CancelInvocation').flatMap((call) => call.instanceIds ?? []);
    expect(named.length).toBe(lettersPerCode);
    expect(new Set(named).size).toBe(lettersPerCode);
  });
});

/** In the ledger every letter of the group went into its second round; in the queue nothing of it is left over. */
async function expectOneJobEach(
  { redis, prefix }: Installation,
  requestIds: readonly string[],
): Promise<void> {
  for (const requestId of requestIds) {
    const fields = await redis.hgetall(redisKeys(prefix).request(requestId));
    const rounds = Object.entries(fields).filter(([field]) => field.startsWith('g:'));
    expect(rounds.length).toBe(jobsPerRequest / codes.length);
    expect(new Set(rounds.map(([, round]) => round))).toEqual(new Set(['1']));
  }
  const queue = new CancelQueue(redis, prefix);
  const counts = await queue.queue.getJobCounts('prioritized', 'waiting', 'active', 'delayed', 'failed');
  await queue.close();
  expect(counts).toEqual({ prioritized: 0, waiting: 0, active: 0, delayed: 0, failed: 0 });
}
