import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, inject, it, onTestFinished, vi } from 'vitest';
import { simulatorOptionsSchema } from '../../src/simulator/process/simulator-process-options.js';
import { findPages } from '../docs/doc-blocks.js';
import { CliProcess } from '../support/cli-process.js';
import { freePort } from '../support/free-port.js';
import { freshPrefix } from '../support/test-prefix.js';
import { redisImage } from '../support/test-redis.js';
import { findStrayNames, type Manifest, readAs, readManifests } from './deployment-files.js';

const file = 'deploy/rehearsal/docker-compose.yml';
const [production] = readManifests('docker-compose.yml') as [Manifest];
const [compose] = readManifests(file) as [Manifest];
const { rehearsal } = compose.services;
const script = rehearsal.command[0].replaceAll('$$', '$') as string;
const namesOf = (part: Record<string, unknown> | undefined) => Object.keys(part ?? {});

describe('the rehearsal', () => {
  it('shares no project, container, volume or network with production', () => {
    expect(production.name).toBe('tat-cancel');
    expect(compose.name).not.toBe(production.name);
    for (const part of ['services', 'volumes', 'networks']) {
      const shared = namesOf(compose[part]).filter((name) => namesOf(production[part]).includes(name));
      expect(shared, part).toEqual([]);
    }
    const profiles = Object.values<Manifest>(production.services).flatMap(({ profiles }) => profiles ?? []);
    expect(profiles).not.toContain('demo');
    for (const service of Object.values<Manifest>(compose.services)) {
      expect(service.container_name).toBeUndefined();
      expect(service.external_links).toBeUndefined();
      expect(service.network_mode).toBeUndefined();
    }
  });

  it('is what every documented command ends that takes containers away', () => {
    const commands = [...findPages(), file, 'docker-compose.yml']
      .flatMap((page) => readFileSync(page, 'utf8').split('\n'))
      .filter((line) => /^[#\s$]*docker compose\b/.test(line));
    const removing = commands.filter((line) => /\b(down|rm|kill|stop)\b/.test(line));
    expect(removing.length).toBeGreaterThan(0);
    expect(removing.filter((line) => !line.includes(`-f ${file} `))).toEqual([]);
  });

  it('runs without rights, and is reached from this machine only', () => {
    for (const service of Object.values<Manifest>(compose.services)) {
      expect(service).toMatchObject({
        init: true,
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        pids_limit: expect.any(Number),
        mem_limit: expect.any(String),
      });
      for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
    }
    expect(compose.services['rehearsal-redis'].image).toBe(redisImage);
  });

  it('has settings and simulator options that exist, and time to stop', () => {
    const { environment, stop_grace_period } = rehearsal;
    expect(findStrayNames('worker', environment, ['PORT', 'AUTH_TOKENS', 'TENCENTCLOUD_REGION'])).toEqual([]);
    expect(findStrayNames('serve', environment, Object.keys(environment))).toEqual([]);
    const { shutdownGraceMs } = readAs('worker', environment);
    expect(Number.parseInt(stop_grace_period, 10) * 1_000).toBeGreaterThan(shutdownGraceMs);
    const options = /tat-cancel simulator (.*) &/.exec(script)?.[1]?.match(/--[a-z-]+/g) ?? [];
    const known = Object.keys(simulatorOptionsSchema.shape).map(
      (name) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    );
    expect(options.length).toBeGreaterThan(0);
    expect(known).toEqual(expect.arrayContaining(options));
  });

  it('starts, stops every simulated command on demand, and ends in good order on SIGTERM', {
    timeout: 60_000,
  }, async () => {
    const place = await startScript();
    const cancel = ['cancel', '--all-running', '--yes', '--watch', '--json'];
    const command = new CliProcess(cancel, place.environment);
    onTestFinished(() => command.kill());
    expect([await command.exitCode(), command.stderr]).toMatchObject([0, expect.any(String)]);
    const { outcome } = JSON.parse(command.stdout);
    expect(outcome.total).toBeGreaterThan(0);
    expect(outcome.counts).toMatchObject({ 'dead-lettered': 0, waiting: 0 });
    place.child.kill('SIGTERM');
    await once(place.child, 'close');
    expect([place.child.exitCode, place.output()]).toEqual([0, expect.stringContaining('worker stopped')]);
  });

  it('ends as a whole when one of its processes ends', { timeout: 60_000 }, async () => {
    const place = await startScript();
    const worker = /"pid":(\d+)[^\n]*"worker started"/.exec(place.output())?.[1];
    process.kill(Number(worker), 'SIGKILL');
    await once(place.child, 'close');
    expect(place.child.exitCode).toBe(1);
  });
});

interface RunningScript {
  readonly child: ChildProcess;
  readonly environment: Record<string, string>;
  output(): string;
}

/** Runs the container's script as bash does there, on ports and a Redis of the test's. */
async function startScript(): Promise<RunningScript> {
  const directory = mkdtempSync(join(tmpdir(), 'tat-cancel-rehearsal-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const command = join(directory, 'tat-cancel');
  writeFileSync(command, `#!/bin/sh\nexec ${process.execPath} ${resolve('dist/cli/main.js')} "$@"\n`);
  chmodSync(command, 0o755);
  const [simulatorPort, serverPort] = [await freePort(), await freePort()];
  const environment = {
    ...rehearsal.environment,
    REDIS_URL: inject('redisUrl'),
    QUEUE_PREFIX: freshPrefix(),
    TAT_ENDPOINT: `http://127.0.0.1:${simulatorPort}`,
    HOST: '127.0.0.1',
    PORT: String(serverPort),
  };
  const local = script.replace(
    '--host 0.0.0.0',
    `--host 127.0.0.1 --port ${simulatorPort} --invocations 3 --instances-per-invocation 40`,
  );
  const child = spawn('bash', ['-c', local], {
    env: { ...environment, PATH: `${directory}:${process.env.PATH}` },
    // A process group of its own, so that nothing of it is left behind.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => {
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL');
    } catch {
      // all of it has ended already
    }
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += String(chunk);
    });
  }
  await vi.waitFor(
    async () => {
      expect(output.match(/worker started/g)).toHaveLength(2);
      expect((await fetch(`http://127.0.0.1:${serverPort}/readyz`)).status).toBe(200);
    },
    { timeout: 30_000, interval: 200 },
  );
  return { child, environment, output: () => output };
}
