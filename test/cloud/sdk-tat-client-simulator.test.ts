import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Credential } from '../../src/cloud/credentials.js';
import { createSdkTatClient } from '../../src/cloud/sdk-tat-client.js';
import { createSimulator, type FaultRule, type Simulator } from '../../src/simulator/index.js';
import { FixedCredentials, failureOf, successOf } from './cloud-fixtures.js';
import { describeTatClientContract } from './tat-client-contract.js';

const region = 'ap-singapore';
const simulatedKey = { secretId: 'AKIDSIMULATOR', secretKey: 'simulator-secret-key' };

function createClient(
  simulator: Simulator,
  key: { secretId: string; secretKey: string } = simulatedKey,
  timeoutMs = 5_000,
) {
  const credentials = new FixedCredentials(new Credential(key));
  return createSdkTatClient({ endpoint: simulator.url, credentials, timeoutMs, maxSockets: 4 });
}

describeTatClientContract('the SDK client before the simulator', async () => {
  const simulator = createSimulator();
  await simulator.start();
  const client = createClient(simulator);
  const { invokerId, commandId } = simulator.addInvoker();
  const invocationId = simulator.world.invoke(invokerId)?.facts.invocationId ?? '';
  return {
    client,
    region,
    scheduled: { invokerId, commandId, invocationId },
    running: simulator.addInvocation({ instances: 3, behaviour: 'running' }),
    finished: simulator.addInvocation({ instances: 2, behaviour: 'finished', ageMs: 60_000 }),
    close: async () => {
      client.close();
      await simulator.close();
    },
  };
});

describe('the SDK client before a simulator that', () => {
  let simulator: Simulator;
  let target: { region: string; invocationId: string; instanceIds: readonly string[] };

  beforeEach(async () => {
    simulator = createSimulator();
    await simulator.start();
    const { invocationId, instanceIds } = simulator.addInvocation({ instances: 2 });
    target = { region, invocationId, instanceIds };
  });

  afterEach(() => simulator.close());

  it('limits the calls is throttled, call by call', async () => {
    const client = createClient(simulator);
    const results = await Promise.all(Array.from({ length: 60 }, () => client.cancelInvocation(target)));
    const classes = new Set(results.map((result) => (result.ok ? 'done' : result.failure.class)));
    expect(classes).toEqual(new Set(['done', 'throttle']));
    client.close();
  });

  it.each([
    ['does not know the key', { secretId: 'AKIDunknown', secretKey: 'key' }, 'AuthFailure.SecretIdNotFound'],
    ['finds the signature wrong', { ...simulatedKey, secretKey: 'wrong' }, 'AuthFailure.SignatureFailure'],
  ])('%s holds the work', async (_what, key, code) => {
    const client = createClient(simulator, key);
    expect(failureOf(await client.cancelInvocation(target))).toMatchObject({ class: 'hold', code });
    client.close();
  });

  it.each<[string, FaultRule, string]>([
    ['hangs', { answer: 'hang' }, 'CallTimeout'],
    ['resets', { answer: 'reset' }, 'NetworkError'],
    ['stalls in the body', { answer: 'stalled-body' }, 'CallTimeout'],
    ['cuts the body', { answer: 'cut-body' }, 'NetworkError'],
    ['cuts the chunks', { answer: 'cut-chunked-body' }, 'NetworkError'],
    ['sends no body', { answer: 'empty-body' }, 'EmptyAnswer'],
    ['sends no JSON', { answer: 'not-json' }, 'MalformedAnswer'],
    ['sends {}', { answer: 'empty-object' }, 'MalformedAnswer'],
    ['forgets the RequestId', { answer: 'no-request-id' }, 'MissingRequestId'],
    ['sends an event stream', { answer: 'event-stream' }, 'MissingRequestId'],
    ['sends a large error page', { http: 502, bodyBytes: 400_000 }, 'HttpStatus.502'],
    ['redirects', { http: 302, location: '/' }, 'Redirected'],
    [
      'has a set-up fault',
      { code: 'MissingParameter', message: 'The request is missing a required parameter `Region`.' },
      'MissingParameter',
    ],
  ])('%s lets the call fail, and the next one succeed', async (_what, fault, code) => {
    simulator.faults.add({ ...fault, calls: [1] });
    const client = createClient(simulator, simulatedKey, code === 'CallTimeout' ? 400 : 5_000);
    expect(failureOf(await client.cancelInvocation(target)).code).toBe(code);
    successOf(await client.cancelInvocation(target));
    client.close();
  });

  it.each<FaultRule>([{ answer: 'slow-body', delayMs: 100 }, { answer: 'large-body' }])(
    'answers in an odd way is still understood: %j',
    async (fault) => {
      simulator.faults.add(fault);
      const client = createClient(simulator);
      successOf(await client.cancelInvocation(target));
      client.close();
    },
  );

  it('keeps secrets in its commands does not see them carried on', async () => {
    const client = createClient(simulator);
    const invocations = await client.describeInvocations({ region, invocationIds: [target.invocationId] });
    const tasks = await client.describeInvocationTasks({ region, invocationId: target.invocationId });
    expect(successOf(invocations).totalCount + successOf(tasks).totalCount).toBe(3);
    const seen = inspect([invocations, tasks], { depth: 9 });
    for (const trace of simulator.secretTraces) expect(seen).not.toContain(trace);
    client.close();
  });
});
