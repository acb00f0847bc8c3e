import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { createCredentialSource } from '../../../src/cloud/credentials/credential-source.js';
import { createSdkTatClient } from '../../../src/cloud/sdk-tat-client.js';
import type { RecordedCall } from '../../../src/simulator/record/recorded-call.js';
import { fullLengthOr } from '../../support/full-length.js';
import type { Installation } from '../../support/installation.js';
import { it } from '../../support/installed-test.js';
import { attemptsSpent, countsOf, failedJobs, untilFinished } from '../../support/outcomes.js';
import { addTargets } from '../../support/request-truth.js';
import { waitUntil } from '../../support/wait-until.js';

const secretId = 'AKIDSIMULATOR';
const pace = { simulator: { callsPerSecond: 20 }, worker: { callsPerSecond: 20, attempts: 1 } };
const jobs = 60;

async function untilHeld({ producer }: Installation, requestId: string) {
  return await waitUntil(
    'the work is held',
    async () => (await producer.status(requestId))?.held ?? undefined,
  );
}

/** The calls that were refused, by what they ask. Only probes read while the work is held. */
function refused({ simulator }: Installation, action: string): RecordedCall[] {
  return simulator.record.calls(action).filter(({ code }) => code !== 'OK');
}

function gapsMs(calls: readonly RecordedCall[]): number[] {
  return calls.slice(1).map((call, index) => call.atMs - (calls[index]?.atMs ?? 0));
}

async function expectNothingSpent(installation: Installation, requestId: string) {
  expect((await installation.deadLetters.list({}, { limit: 10 })).deadLetters).toEqual([]);
  expect(await failedJobs(installation)).toEqual([]);
  const spent = Array.from({ length: jobs }, (_, position) =>
    attemptsSpent(installation, requestId, position),
  );
  expect((await Promise.all(spent)).filter((attempts) => attempts > 0)).toEqual([]);
}

describe('a key that is disabled for a while in the middle of the work', { timeout: 90_000 }, () => {
  it('costs nothing but time, with two workers that probe as one', async ({ install }) => {
    const installation = await install({ ...pace, workers: 2 });
    const { producer, simulator } = installation;
    const targets = addTargets(installation, jobs, 5);
    const { requestId } = await producer.enqueue({ targets, confirm: false });
    await simulator.record.waitForCalls(20, 'CancelInvocation');
    simulator.credentials.disable(secretId);
    expect(await untilHeld(installation, requestId)).toMatchObject({ code: 'AuthFailure.SecretIdNotFound' });
    const probes = simulator.record.count('DescribeInvocations');
    await simulator.record.waitForCalls(probes + fullLengthOr(9, 3), 'DescribeInvocations'); // 2 s and more each
    const sentSinceHeld = refused(installation, 'CancelInvocation').length;
    simulator.credentials.enable(secretId);
    const enabledAtMs = performance.now();
    await simulator.record.waitForCalls(simulator.record.count('CancelInvocation') + 1, 'CancelInvocation');
    expect(performance.now() - enabledAtMs).toBeLessThan(10_000);
    expect(countsOf(await untilFinished(installation, requestId, 60_000))).toEqual({ accepted: jobs * 5 });
    await expectNothingSpent(installation, requestId);
    expect(sentSinceHeld).toBeLessThanOrEqual(40); // within the second in which all of them hear of it
    expect(Math.min(...gapsMs(refused(installation, 'DescribeInvocations')))).toBeGreaterThan(2_000);
  });
});

describe('a profile file that is corrected while the workers run', { timeout: 90_000 }, () => {
  it('serves from the next call on', async ({ install }) => {
    const directory = await mkdtemp(join(tmpdir(), 'tat-cancel-profile-'));
    const profileFile = join(directory, 'credentials');
    const writeKey = (secretKey: string) =>
      writeFile(profileFile, `[default]\nsecret_id = ${secretId}\nsecret_key = ${secretKey}\n`);
    await writeKey('a-key-with-a-typing-error');
    const installation = await install({ ...pace, workers: 0 });
    const { producer, simulator } = installation;
    for (let workers = 0; workers < 2; workers++) {
      const credentials = createCredentialSource({ profileFile, cvmRole: 'never' });
      const client = createSdkTatClient({ endpoint: simulator.url, timeoutMs: 5_000, credentials });
      installation.startWorker({ client });
    }
    const targets = addTargets(installation, jobs, 5);
    const { requestId } = await producer.enqueue({ targets, confirm: false });
    expect(await untilHeld(installation, requestId)).toMatchObject({ code: 'AuthFailure.SignatureFailure' });
    await simulator.record.waitForCalls(1, 'DescribeInvocations');
    await writeFile(profileFile, '[default]\n'); // half written: as bad as wrong
    await writeKey('simulator-secret-key');
    expect(countsOf(await untilFinished(installation, requestId, 60_000))).toEqual({ accepted: jobs * 5 });
    await expectNothingSpent(installation, requestId);
    await rm(directory, { recursive: true });
  });
});
