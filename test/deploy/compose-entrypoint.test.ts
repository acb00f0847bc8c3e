import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Manifest, readManifests } from './deployment-files.js';

const [compose] = readManifests('docker-compose.yml') as [Manifest];

describe.each(['worker', 'server'])('the %s of docker-compose.yml', (name) => {
  it('stays and says what to do when a setting is wrong, and ends when it is told to', async () => {
    const container = start(name, 'echo "error: AUTH_TOKENS is missing" >&2; exit 2');
    await vi.waitFor(() => expect(container.output()).toMatch(/AUTH_TOKENS is missing\n.*docker compose up/));
    expect(container.child.exitCode).toBe(null);
    container.child.kill('SIGTERM');
    await once(container.child, 'close');
  });

  it.each([0, 1, 3, 70])('ends with exit code %i, which Docker may restart', async (code) => {
    const { child } = start(name, `exit ${code}`);
    await once(child, 'close');
    expect(child.exitCode).toBe(code);
  });

  it('hands SIGTERM on, and waits until the process has finished', async () => {
    const container = start(
      name,
      'trap "echo finishing; sleep 0.3; echo finished; exit 0" TERM; echo "runs $1"; while :; do sleep 0.05; done',
    );
    const { command } = compose.services[name];
    await vi.waitFor(() => expect(container.output()).toContain(`runs ${command[0]}\n`));
    container.child.kill('SIGTERM');
    await once(container.child, 'close');
    expect([container.child.exitCode, container.output()]).toEqual([
      0,
      expect.stringContaining('finished\n'),
    ]);
  });
});

/** Runs what the container would, with a script in place of `tat-cancel`. */
function start(name: string, script: string): { child: ChildProcess; output(): string } {
  const directory = mkdtempSync(join(tmpdir(), 'tat-cancel-entrypoint-'));
  writeFileSync(join(directory, 'tat-cancel'), `#!/bin/bash\n${script}\n`);
  chmodSync(join(directory, 'tat-cancel'), 0o755);
  const { entrypoint, command } = compose.services[name];
  const words: string[] = [...entrypoint, ...command].map((part: string) => part.replaceAll('$$', '$'));
  const [program = '', ...args] = words;
  const child = spawn(program, args, {
    env: { PATH: `${directory}:${process.env.PATH}` },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => {
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL');
    } catch {
      // all of it has ended already
    }
    rmSync(directory, { recursive: true, force: true });
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += String(chunk);
    });
  }
  return { child, output: () => output };
}
