import { describe, expect } from 'vitest';
import { createCredentialSource } from '../../../src/cloud/credentials/credential-source.js';
import { createSdkTatClient } from '../../../src/cloud/sdk-tat-client.js';
import { CapturedLog } from '../../support/captured-log.js';
import type { Installation } from '../../support/installation.js';
import { it } from '../../support/installed-test.js';
import { untilDeadLetters, untilFinished } from '../../support/outcomes.js';
import { PrivateRedis } from '../../support/private-redis.js';
import { dumpKeysOf } from '../../support/redis-dump.js';
import { connectToTestRedis } from '../../support/test-prefix.js';
import { waitUntil } from '../../support/wait-until.js';

const key = {
  secretId: 'AKIDplantedSecretIdOfTheTest',
  secretKey: 'planted-secret-key-of-the-test',
  token: 'planted-session-token-of-the-test',
};

/** What a careless API might quote in an error. */
const careless = `refused: SecretKey=${key.secretKey}, Authorization: TC3-HMAC-SHA256 Credential=${key.secretId}/2026, X-TC-Token=${key.token}`;

function startWorker(installation: Installation, log: CapturedLog): void {
  const { secretId, secretKey, token } = key;
  const credentials = createCredentialSource({ secretId, secretKey, sessionToken: token, cvmRole: 'never' });
  const client = createSdkTatClient({ endpoint: installation.simulator.url, timeoutMs: 1_000, credentials });
  installation.startWorker({ client, callTimeoutMs: 1_000, attempts: 2, logger: log.logger });
}

async function cancel({ producer }: Installation, invocationId: string, instanceIds: readonly string[]) {
  const enqueued = await producer.enqueue({ targets: [{ invocationId, instanceIds: [...instanceIds] }] });
  return enqueued.requestId;
}

describe.concurrent('at the most talkative log level', () => {
  it('no secret shows in logs, Redis or dead letters, whatever happens', async ({ install }) => {
    const log = new CapturedLog('trace');
    const installation = await install({ workers: 0, simulator: { credentials: [key] } });
    const { simulator, redis, prefix } = installation;
    startWorker(installation, log);

    const confirmed = simulator.addInvocation({ instances: 2 });
    const withStranger = await cancel(installation, confirmed.invocationId, [
      ...confirmed.instanceIds,
      'ins-stranger1',
    ]);
    await untilFinished(installation, withStranger);
    const doomed = simulator.addInvocation();
    simulator.faults.add({
      action: 'CancelInvocation',
      invocationId: doomed.invocationId,
      code: 'InternalError',
      message: careless,
    });
    await untilFinished(installation, await cancel(installation, doomed.invocationId, doomed.instanceIds));
    const broken = simulator.addInvocation();
    for (const answer of ['not-json', 'cut-body'] as const) {
      simulator.faults.next('DescribeInvocations', { answer });
    }
    await untilFinished(installation, await cancel(installation, broken.invocationId, broken.instanceIds));
    simulator.credentials.update(key.secretId, { secretKey: 'another-secret-key' });
    const held = simulator.addInvocation();
    const waiting = await cancel(installation, held.invocationId, held.instanceIds);
    await waitUntil(
      'the work is held',
      async () => (await installation.producer.status(waiting))?.held ?? undefined,
    );

    await untilDeadLetters(installation, 2);
    const { deadLetters } = await installation.deadLetters.list({}, { limit: 10 });
    const places = {
      logs: log.text,
      redis: await dumpKeysOf(redis, prefix),
      deadLetters: JSON.stringify(deadLetters),
    };
    expect(log.saying('call failed').length).toBeGreaterThan(2);
    expect(places.deadLetters).toContain('refused: ');
    for (const secret of [...Object.values(key), ...simulator.secretTraces]) {
      for (const [place, text] of Object.entries(places)) {
        expect(text.includes(secret), `${secret} in ${place}`).toBe(false);
      }
    }
  });

  it('the password of Redis does not show, even when Redis is lost', async ({ install }) => {
    const password = 'planted-redis-password';
    const server = await PrivateRedis.start();
    const admin = connectToTestRedis(server.url);
    await admin.config('SET', 'requirepass', password);
    admin.disconnect();
    const log = new CapturedLog('trace');
    const redisUrl = server.url.replace('redis://', `redis://:${password}@`);
    const installation = await install({ redisUrl, worker: { logger: log.logger } });
    await server.kill();
    await waitUntil('the loss is told', () => log.saying('trouble in the background').length > 0);
    const refused = installation.producer.enqueue({ targets: [{ invocationId: 'inv-00000001' }] });
    await expect(refused).rejects.toThrow(new RegExp(`^(?!.*${password})`, 's'));
    expect(log.text).not.toContain(password);
    await server.restart();
    await installation.close();
    await server.stop();
  });
});
