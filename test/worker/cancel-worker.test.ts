import { afterEach, describe, expect, it } from 'vitest';
import { type Installation, startInstallation } from '../support/installation.js';

let installation: Installation;

afterEach(async () => {
  await installation.close();
});

describe('a cancel request', () => {
  it('goes all the way from the producer to stopped tasks', async () => {
    installation = await startInstallation();
    const invocation = installation.simulator.addInvocation({ instances: 3 });
    const { requestId } = await installation.producer.enqueue({
      targets: [{ invocationId: invocation.invocationId, instanceIds: [...invocation.instanceIds] }],
      confirm: false,
    });
    const status = await installation.producer.waitUntilFinished(requestId);
    expect(status).toMatchObject({ state: 'finished', total: 3, calls: 1, counts: { accepted: 3 } });
    expect(installation.simulator.countByStatus().RUNNING ?? 0).toBe(0);
  });
});
