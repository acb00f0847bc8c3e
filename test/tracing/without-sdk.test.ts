import { expect, onTestFinished } from 'vitest';
import { loadTracing } from '../../src/shared/tracing/tracing.js';
import { it } from '../support/installed-test.js';
import { countsOf, untilFinished } from '../support/outcomes.js';
import { TracedInstallation } from './traced-installation.js';

it('with tracing but no SDK, jobs are as without it, and are carried out', async ({ install }) => {
  const traced = await TracedInstallation.start(install);
  onTestFinished(() => traced.producer.close());
  const { invocationId, instanceIds } = traced.installation.simulator.addInvocation({ instances: 150 });
  const single = await traced.enqueue(invocationId, instanceIds.slice(0, 1));
  const larger = await traced.enqueue(invocationId, instanceIds);
  for (const requestId of [single, larger]) {
    expect(await traced.storedTrace(requestId)).toBeNull();
  }
  expect(JSON.parse((await traced.storedJob(invocationId)).opts ?? '')).not.toHaveProperty('tm');
  await traced.startWorker();
  expect(countsOf(await untilFinished(traced.installation, larger))).toEqual({ accepted: 150 });
  await (await loadTracing(true))?.flush();
});
