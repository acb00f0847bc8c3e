import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CliSession } from '../../support/cli-session.js';
import { type Installation, startInstallation } from '../../support/installation.js';

let installation: Installation;
let session: CliSession;

beforeAll(async () => {
  installation = await startInstallation({ simulator: { callsPerSecond: 0 } });
  session = new CliSession(installation.prefix);
});

afterAll(async () => {
  await installation.close();
});

function addInvocation(instances: number): { invocationId: string; instanceIds: string[] } {
  const invocation = installation.simulator.addInvocation({ instances });
  return { invocationId: invocation.invocationId, instanceIds: [...invocation.instanceIds] };
}

describe('--watch', () => {
  it('shows how a request gets on and what became of it, and ends with 0', async () => {
    const { invocationId, instanceIds } = addInvocation(3);
    const { exitCode, stdout, stderr } = await session.run([
      ...['cancel', invocationId, ...instanceIds, '--no-confirm', '--watch'],
    ]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`Cancel enqueued: 3 instances of ${invocationId} (1 job).`);
    expect(stdout).toMatch(/^Instances +3\n {2}accepted +3\nCalls +1\nTime +\d+\.\d s\n$/m);
    expect(stderr).toContain('3 of 3 instances, 1 call');
  });

  it('ends with 1 when instances were dead-lettered, and says why', async () => {
    const { invocationId, instanceIds } = addInvocation(1);
    const args = ['cancel', invocationId, ...instanceIds, 'ins-stranger1', '--no-confirm', '--watch'];
    const { exitCode, stdout } = await session.run(args);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^ {2}dead-lettered +1\n {4}InvalidParameterValue\.\w+ +1$/m);
    const again = await session.runJson<{ requestId: string; outcome: object }>(args);
    expect(again.exitCode).toBe(1);
    expect(again.document.outcome).toMatchObject({
      total: 2,
      counts: { accepted: 1, 'dead-lettered': 1 },
      deadLetterCodes: { 'InvalidParameterValue.InstanceIsNotRelatedToInvocation': 1 },
    });
    const status = await session.runJson(['status', again.document.requestId, '--watch']);
    expect(status.exitCode).toBe(1);
    expect(status.document).toMatchObject({ state: 'finished', total: 2 });
  });

  it('has a bar on a terminal', async () => {
    const { invocationId } = addInvocation(1);
    const { exitCode, stderr } = await session.run(['cancel', invocationId, '--no-confirm', '--watch'], {
      isTerminal: true,
    });
    expect(exitCode).toBe(0);
    expect(stderr).toContain('100% | 1 of 1 instance');
  });

  it('leaves the request alone when it is interrupted', async () => {
    await Promise.all(installation.workers.splice(0).map((worker) => worker.close(0)));
    const ending = new AbortController();
    const { invocationId } = addInvocation(1);
    const { exitCode, stdout, stderr } = await session.run(['cancel', invocationId, '--watch'], {
      signal: ending.signal,
      onOutput: (_stream, text) => {
        if (text.includes('0 of 1 instance')) ending.abort();
      },
    });
    const [requestId = ''] = /req-\w+/.exec(stdout) ?? [];
    expect(exitCode).toBe(130);
    expect(stderr).toContain(`Stopped watching. Request ${requestId} goes on`);
    expect(stderr).not.toContain('error:');
    expect(await installation.producer.status(requestId)).toMatchObject({ state: 'waiting' });
  });
});
