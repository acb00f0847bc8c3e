import { describe, expect } from 'vitest';
import { OverviewReader } from '../../src/shared/queue-overview.js';
import { askFor } from '../support/cancel-calls.js';
import type { Installation } from '../support/installation.js';
import { it } from '../support/installed-test.js';
import { attemptsSpent, countsOf, untilFinished } from '../support/outcomes.js';
import { waitUntil } from '../support/wait-until.js';

const secretId = 'AKIDSIMULATOR';
/** The real limit: a fault that takes the calls of others shows in how long those take. */
const pace = { worker: { callsPerSecond: 20, attempts: 2 } };

type Requests = readonly { readonly requestId: string; readonly invocationId: string }[];

/** Enqueues good work behind what is there, and says how long it took. */
async function timeGoodWork(installation: Installation, invocations = 20): Promise<number> {
  const startedAtMs = performance.now();
  const good = await askFor(installation, { invocations });
  for (const { requestId } of good) {
    expect(countsOf(await untilFinished(installation, requestId))).toEqual({ accepted: 2 });
  }
  return performance.now() - startedAtMs;
}

function deny({ simulator }: Installation, requests: Requests): void {
  const deniedInvocations = requests.map(({ invocationId }) => invocationId);
  simulator.credentials.update(secretId, { deniedInvocations });
}

/** Enqueues invocations that the key may not touch, while nobody works. */
async function askForRefused(installation: Installation, invocations: number): Promise<Requests> {
  const refused = await askFor(installation, { invocations });
  deny(installation, refused);
  return refused;
}

async function expectDeadLetters(installation: Installation, requests: Requests, code: string) {
  for (const { requestId } of requests) {
    expect(countsOf(await untilFinished(installation, requestId))).toEqual({ 'dead-lettered': 2 });
  }
  const { deadLetters } = await installation.deadLetters.list({}, { limit: 1_000 });
  expect(new Set(deadLetters.map(({ error }) => error.code))).toEqual(new Set([code]));
}

async function untilBlocked({ redis, prefix }: Installation, scope: string) {
  const overviews = new OverviewReader({ client: redis, prefix });
  return await waitUntil(`${scope} is blocked`, async () =>
    (await overviews.read()).blocked.find((state) => state.scope === scope),
  );
}

describe('targets that the key may not touch', { timeout: 60_000 }, () => {
  it('delay nobody behind them on a worker that has just started, and end as dead letters', async ({
    install,
  }) => {
    const installation = await install({ ...pace, workers: 0 });
    const refused = await askForRefused(installation, 40);
    installation.startWorker();
    expect(await timeGoodWork(installation)).toBeLessThan(10_000);
    await expectDeadLetters(installation, refused, 'UnauthorizedOperation.CamAuthFailed');
  });

  it('delay nobody behind them on one that was at work before', async ({ install }) => {
    const installation = await install({ ...pace, workers: 1 });
    await timeGoodWork(installation, 1);
    await installation.producer.pause();
    const refused = await askForRefused(installation, 40);
    await installation.producer.resume();
    expect(await timeGoodWork(installation)).toBeLessThan(10_000);
    await expectDeadLetters(installation, refused, 'UnauthorizedOperation.CamAuthFailed');
  });

  it('wait while there are no others, which says so, and go on when they are allowed', async ({
    install,
  }) => {
    const installation = await install({ ...pace, workers: 0 });
    const refused = await askForRefused(installation, 5);
    installation.startWorker();
    expect(await untilBlocked(installation, 'targets')).toMatchObject({
      code: 'UnauthorizedOperation.CamAuthFailed',
    });
    expect((await installation.producer.status(refused[0]?.requestId ?? ''))?.held).toBeNull();
    for (const { requestId } of refused) expect(await attemptsSpent(installation, requestId)).toBe(0);
    deny(installation, []);
    for (const { requestId } of refused) {
      expect(countsOf(await untilFinished(installation, requestId))).toEqual({ accepted: 2 });
    }
  });
});

describe('a region that the cloud does not know', { timeout: 60_000 }, () => {
  it.for([0, 1])(
    'delays nobody, however much asks for it, with %i workers before',
    async (workers, { install }) => {
      const installation = await install({ ...pace, workers });
      const wrong = await askFor(installation, { invocations: 100, asRegion: 'ap-nowhere' });
      if (workers === 0) installation.startWorker();
      expect(await timeGoodWork(installation)).toBeLessThan(10_000);
      await expectDeadLetters(installation, wrong, 'UnsupportedRegion');
    },
  );

  it('waits while it is all that there is, says so, and spends nothing', async ({ install }) => {
    const installation = await install(pace);
    const wrong = await askFor(installation, { invocations: 10, asRegion: 'ap-nowhere' });
    expect(await untilBlocked(installation, 'region')).toMatchObject({
      code: 'UnsupportedRegion',
      region: 'ap-nowhere',
    });
    for (const { requestId } of wrong) expect(await attemptsSpent(installation, requestId)).toBe(0);
    expect(await timeGoodWork(installation, 1)).toBeLessThan(10_000);
    await expectDeadLetters(installation, wrong, 'UnsupportedRegion');
  });
});

describe('an access point of its own that cannot be reached', { timeout: 60_000 }, () => {
  it('blocks its region alone, which goes on by itself', async ({ install }) => {
    const installation = await install({ ...pace, workers: 0 });
    const { simulator } = installation;
    installation.startWorker({ accessPointOf: (region) => `tat.${region}` });
    simulator.faults.add({ region: 'ap-tokyo', http: 502 });
    const away = await askFor(installation, { invocations: 60, region: 'ap-tokyo' });
    expect(await timeGoodWork(installation)).toBeLessThan(10_000);
    expect(await untilBlocked(installation, 'access-point')).toMatchObject({
      code: 'HttpStatus.502',
      accessPoint: 'tat.ap-tokyo',
    });
    for (const { requestId } of away) expect(await attemptsSpent(installation, requestId)).toBe(0);
    simulator.faults.clear();
    const backAtMs = performance.now();
    await waitUntil('the region goes on', () =>
      simulator.record
        .calls('CancelInvocation')
        .some((call) => call.region === 'ap-tokyo' && call.code === 'OK'),
    );
    expect(performance.now() - backAtMs).toBeLessThan(10_000);
    for (const { requestId } of away) {
      expect(countsOf(await untilFinished(installation, requestId))).toEqual({ accepted: 2 });
    }
  });
});
