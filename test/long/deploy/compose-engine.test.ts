import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ComposeProject, findEngineProblem } from './compose-project.js';

const problem = findEngineProblem();
if (problem !== undefined) process.stderr.write(`Containers are not tried here: ${problem}\n`);

describe.runIf(problem === undefined)('the rehearsal, started for real', { timeout: 180_000 }, () => {
  let project: ComposeProject;

  beforeAll(async () => {
    project = new ComposeProject('deploy/rehearsal/docker-compose.yml');
    await project.compose('up', '--detach', '--wait');
  }, 120_000);

  afterAll(async () => await project?.remove(), 60_000);

  it('runs as a user without rights on a root that cannot be written, with a list of what is in the image', async () => {
    expect(await project.exec('rehearsal', 'id', '-u')).toBe('1000\n');
    await expect(project.exec('rehearsal', 'touch', '/app/x')).rejects.toThrow('Read-only file system');
    expect(await project.exec('rehearsal', 'grep', 'CapBnd', '/proc/1/status')).toMatch(/0{16}$/m);
    const list = JSON.parse(await project.exec('rehearsal', 'cat', '/app/sbom.spdx.json')) as {
      packages: { name: string }[];
    };
    const names = list.packages.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['bullmq', 'fastify', 'tencentcloud-sdk-nodejs']));
    expect(names).not.toContain('vitest');
  });

  it('serves the page', async () => {
    const url = await project.urlOf('rehearsal', 8081);
    // A fetch whose connection Docker's proxy drops may never settle by itself.
    const get = async (path: string) => await fetch(url + path, { signal: AbortSignal.timeout(10_000) });
    expect((await get('/readyz')).status).toBe(200);
    expect(await (await get('/')).text()).toContain('<title>');
    expect((await get('/v1/cancel-requests')).status).toBe(401);
  });

  it('stops every simulated command, and works again after a restart of all of it', async () => {
    const cancel = ['tat-cancel', 'cancel', '--all-running', '--yes', '--watch', '--json'];
    for (const round of ['first', 'restarted']) {
      if (round === 'restarted') {
        await project.compose('restart');
        await project.compose('up', '--detach', '--wait');
      }
      const { outcome } = JSON.parse(await project.exec('rehearsal', ...cancel));
      expect(outcome.total, round).toBeGreaterThan(0);
      expect(outcome.counts['dead-lettered'], round).toBe(0);
      const url = await project.urlOf('rehearsal', 4010);
      const report = await (await fetch(`${url}/_simulator/report`)).json();
      expect((report as { tasksByStatus: { RUNNING?: number } }).tasksByStatus.RUNNING ?? 0, round).toBe(0);
    }
  });

  it('ends in good order on SIGTERM', async () => {
    await project.compose('stop', 'rehearsal');
    const states = await project.states('rehearsal');
    expect(states).toMatchObject([{ State: 'exited', ExitCode: 0 }]);
    expect(await project.compose('logs', '--no-log-prefix', 'rehearsal')).toContain('worker stopped');
  });
});

describe.runIf(problem === undefined)("production's Redis, started for real", { timeout: 120_000 }, () => {
  it('keeps what it acknowledged when it is killed', async () => {
    const project = new ComposeProject('docker-compose.yml');
    try {
      await project.compose('up', '--detach', '--wait', 'redis');
      expect(await project.exec('redis', 'redis-cli', 'set', 'kept', 'yes')).toBe('OK\n');
      await project.compose('kill', 'redis');
      await project.compose('up', '--detach', '--wait', 'redis');
      expect(await project.exec('redis', 'redis-cli', 'get', 'kept')).toBe('yes\n');
    } finally {
      await project.remove();
    }
  });
});
