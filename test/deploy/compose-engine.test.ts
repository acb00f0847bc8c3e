import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ComposeProject, findEngineProblem } from './compose-project.js';

const problem = findEngineProblem();
if (problem !== undefined) process.stderr.write(`Containers are not tried here: ${problem}\n`);

describe.runIf(problem === undefined)('docker-compose.yml, started for real', { timeout: 180_000 }, () => {
  let project: ComposeProject;

  beforeAll(async () => {
    // Slow, so that a restart meets work under way.
    project = new ComposeProject({ 'demo-worker': { CALLS_PER_SECOND: '2' } });
    await project.compose('up', '--detach', '--wait', 'demo-worker', 'demo-server');
  }, 120_000);

  afterAll(async () => await project?.remove(), 60_000);

  it('runs as a user without rights on a root that cannot be written, with a list of what is in the image', async () => {
    expect(await project.exec('demo-worker', 'id', '-u')).toBe('1000\n');
    await expect(project.exec('demo-worker', 'touch', '/app/x')).rejects.toThrow('Read-only file system');
    expect(await project.exec('demo-worker', 'grep', 'CapBnd', '/proc/1/status')).toMatch(/0{16}$/m);
    const list = JSON.parse(await project.exec('demo-worker', 'cat', '/app/sbom.spdx.json')) as {
      packages: { name: string }[];
    };
    const names = list.packages.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['bullmq', 'fastify', 'tencentcloud-sdk-nodejs']));
    expect(names).not.toContain('vitest');
  });

  it('serves the page', async () => {
    const url = await project.urlOf('simulator', 8081);
    // A fetch whose connection Docker's proxy drops may never settle by itself.
    const get = async (path: string) => await fetch(url + path, { signal: AbortSignal.timeout(10_000) });
    expect((await get('/readyz')).status).toBe(200);
    expect(await (await get('/')).text()).toContain('<title>');
    expect((await get('/v1/cancel-requests')).status).toBe(401);
  });

  it('loses nothing when Redis, workers and server are restarted in the middle', async () => {
    const enqueue = ['tat-cancel', 'cancel', '--all-running', '--yes', '--json'];
    const { requestId, instances } = JSON.parse(await project.exec('demo-server', ...enqueueAs(enqueue)));
    const status = async (...flags: string[]) =>
      JSON.parse(await project.exec('demo-server', 'tat-cancel', 'status', requestId, '--json', ...flags));
    await vi.waitFor(async () => expect((await status()).calls).toBeGreaterThan(3), { timeout: 60_000 });
    const before = await status();
    await project.compose('restart', 'redis', 'demo-worker', 'demo-server');
    const { state, total, counts, calls } = await status('--watch');
    expect(before.counts.waiting).toBeGreaterThan(0);
    expect(calls).toBeGreaterThan(before.calls);
    expect({ state, total }).toEqual({ state: 'finished', total: instances });
    expect(counts['dead-lettered'] + counts.waiting + counts.accepted + counts.withdrawn).toBe(0);
    const url = await project.urlOf('simulator', 4010);
    const report = (await (await fetch(`${url}/_simulator/report`)).json()) as {
      tasksByStatus: Record<string, number>;
      mostCallsInAnySecond: Record<string, number>;
    };
    expect(report.tasksByStatus.RUNNING ?? 0).toBe(0);
    // Two, and one that a crowded machine delivered late: a limiter that forgot its state would let many through at once.
    // That the limit holds to the call is for test/worker/call-limiter to show, on a machine that has time for it.
    expect(report.mostCallsInAnySecond.CancelInvocation).toBeLessThanOrEqual(3);
  });

  it('ends in good order on SIGTERM', async () => {
    await project.compose('stop', 'demo-worker', 'demo-server');
    for (const service of ['demo-worker', 'demo-server']) {
      for (const { State, ExitCode } of await project.states(service)) {
        expect({ State, ExitCode }).toEqual({ State: 'exited', ExitCode: 0 });
      }
    }
    expect(await project.compose('logs', '--no-log-prefix', 'demo-worker')).toContain('worker stopped');
  });
});

/** The server's container has no key for the cloud: what looks for commands brings the rehearsal's. */
function enqueueAs(command: readonly string[]): string[] {
  return [
    'env',
    'TAT_ENDPOINT=http://127.0.0.1:4010',
    'TENCENTCLOUD_SECRET_ID=AKIDSIMULATOR',
    'TENCENTCLOUD_SECRET_KEY=simulator-secret-key',
    ...command,
  ];
}
