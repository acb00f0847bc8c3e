import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { CliProcess } from '../../support/cli-process.js';
import { limitOr } from '../../support/full-length.js';
import { it } from '../../support/installed-test.js';
import { countsOf, untilFinished } from '../../support/outcomes.js';
import { compareWithCloud } from '../../support/request-truth.js';
import { WorkerProcess } from '../../support/worker-process.js';

const callsPerSecond = limitOr(200);

describe('a file that names 25,000 instances', { timeout: 240_000 }, () => {
  it('is handed in within seconds, watched while two processes work it off, and every outcome is true', async ({
    install,
  }) => {
    const installation = await install({ workers: 0, simulator: { callsPerSecond } });
    const { simulator, redisUrl, prefix } = installation;
    const invocations = simulator.addInvocations(125, { instances: 200 });
    const directory = await mkdtemp(join(tmpdir(), 'tat-cancel-file-'));
    const file = join(directory, 'targets.csv');
    const lines = invocations.flatMap(({ invocationId, instanceIds }) =>
      instanceIds.map((instanceId) => `${invocationId},${instanceId}\n`),
    );
    await writeFile(file, lines.join(''));
    const workers = await Promise.all(
      [1, 2].map(() => WorkerProcess.start(installation, { callsPerSecond })),
    );
    const startedAtMs = performance.now();
    const command = new CliProcess(['cancel', '--file', file, '--watch'], {
      REDIS_URL: redisUrl,
      QUEUE_PREFIX: prefix,
      TENCENTCLOUD_REGION: 'ap-singapore',
    });
    await command.wrote('Cancel enqueued');
    const enqueuedMs = Math.round(performance.now() - startedAtMs);
    const [request] = (await installation.producer.requests({ limit: 2 })).requests;
    expect(request).toMatchObject({ total: 25_000, jobs: 250 });
    const requestId = request?.requestId ?? '';
    const status = await untilFinished(installation, requestId, 200_000);
    const finishedMs = Math.round(performance.now() - startedAtMs);
    expect(await command.exitCode()).toBe(0);
    expect(command.stdout).toMatch(/terminated +25,000/);
    expect(countsOf(status)).toEqual({ terminated: 25_000 });
    expect(status.calls).toBe(250);
    expect(await compareWithCloud(installation, requestId)).toEqual({ lies: [], compared: 25_000 });
    const calls = simulator.record.calls('CancelInvocation');
    expect(calls).toHaveLength(250);
    expect(simulator.record.mostCallsInAnySecond('CancelInvocation')).toBeLessThanOrEqual(callsPerSecond);
    process.stderr.write(
      `25,000 instances: enqueued in ${enqueuedMs} ms, all proved after ${finishedMs} ms, ${simulator.record.ratePerSecond('CancelInvocation').toFixed(1)} calls a second\n`,
    );
    expect(enqueuedMs).toBeLessThan(10_000);
    await Promise.all(workers.map((worker) => worker.kill()));
    await rm(directory, { recursive: true });
  });
});
