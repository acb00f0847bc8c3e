import { describe, expect } from 'vitest';
import { it } from '../support/installed-test.js';
import { countsOf, untilFinished } from '../support/outcomes.js';
import { enqueueFromProcesses } from '../support/request-enqueuer.js';
import { addTargets, compareWithCloud } from '../support/request-truth.js';

const jobs = 20;

describe('the same request, sent fifty times at once from five processes', { timeout: 150_000 }, () => {
  it('is one request and one set of calls', async ({ install }) => {
    const installation = await install({ workers: 2 });
    const { producer, simulator, redis, prefix } = installation;
    const request = { targets: addTargets(installation, jobs, 100), idempotencyKey: 'stop the rollout' };
    const answers = await enqueueFromProcesses(installation, request, { processes: 5, times: 10 });
    expect(answers).toHaveLength(50);
    expect(answers.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    const [{ requestId = '' } = {}] = answers;
    const same = { requestId, instances: jobs * 100, jobs };
    expect(answers.map(({ duplicate: _duplicate, state: _state, ...facts }) => facts)).toEqual(
      answers.map(() => same),
    );
    const status = await untilFinished(installation, requestId, 120_000);
    expect(countsOf(status)).toEqual({ terminated: jobs * 100 });
    expect(status.calls).toBe(jobs);
    expect(await compareWithCloud(installation, requestId)).toEqual({ lies: [], compared: jobs * 100 });
    expect(simulator.record.count('CancelInvocation')).toBe(jobs);
    expect((await producer.requests()).requests).toHaveLength(1);
    expect(await producer.enqueue(request)).toEqual({ ...same, duplicate: true, state: 'finished' });
    expect(await redis.zcard(`${prefix}:ledger:open`)).toBe(0);
  });
});
