import { describe, expect } from 'vitest';
import { JobReader } from '../../src/shared/ledger/index.js';
import { redisKeys } from '../../src/shared/redis-keys.js';
import { it } from '../support/installed-test.js';
import { countsOf, untilFinished } from '../support/outcomes.js';

const patience = { againAfterMs: 500, deadlineMs: 8_000 };

describe('an instance whose agent misses the cancel', () => {
  it('gets a second one of its own, also when another one of its job has had one before', async ({
    install,
  }) => {
    const installation = await install({ worker: { timings: { patience } } });
    const { simulator, producer } = installation;
    const { invocationId, instanceIds } = simulator.addInvocation({
      instances: 2,
      behaviour: 'ignoresFirstCancel',
    });
    const [, late = ''] = instanceIds;
    // The call for both is taken apart, and the late one fails in passing until the other one is done.
    simulator.faults.add({ instanceId: late, code: 'UnsupportedOperation', to: 1 });
    simulator.faults.add({ instanceId: late, code: 'InternalError', to: 4 });
    const { requestId } = await producer.enqueue({
      targets: [{ invocationId, instanceIds: [...instanceIds] }],
    });
    expect(countsOf(await untilFinished(installation, requestId))).toEqual({ terminated: 2 });
  });

  it('has had it when 0.1.0 noted so for all of its job', async ({ install }) => {
    const { simulator, producer, redis, prefix } = await install({ workers: 0 });
    const { invocationId, instanceIds } = simulator.addInvocation({ instances: 2 });
    const { requestId } = await producer.enqueue({
      targets: [{ invocationId, instanceIds: [...instanceIds] }],
    });
    const reader = new JobReader(redis, prefix);
    const marks = async () => (await reader.jobs(requestId, 0, 1))[0]?.cancelledAgain;
    expect(await marks()).toBe('..');
    await redis.hset(redisKeys(prefix).request(requestId), 'k:0', 1);
    expect(await marks()).toBe('11');
  });
});
