import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

const script = 'examples/incident/stop-command.sh';

/** Runs the script with a `tat-cancel` that writes down how it was called, and ends a cancel with this code. */
function stopCommand(args: readonly string[], cancelEndsWith: number) {
  const directory = mkdtempSync(join(tmpdir(), 'tat-cancel-incident-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const command = join(directory, 'tat-cancel');
  writeFileSync(command, `#!/bin/bash\necho "called: $*"\n[ "$1" != cancel ] || exit ${cancelEndsWith}\n`);
  chmodSync(command, 0o755);
  const env = { PATH: `${directory}:${process.env.PATH}` };
  return spawnSync(script, [...args], { env, encoding: 'utf8' });
}

it('the incident example cancels one command, urgently, and says why', () => {
  const { status, stdout } = stopCommand(['cmd-1a2b3c4d', 'disk full'], 0);
  expect([status, stdout]).toEqual([
    0,
    'called: cancel --command cmd-1a2b3c4d --yes --priority urgent --label stop-cmd-1a2b3c4d --reason disk full --watch\n',
  ]);
});

it('the incident example lists where the command may still run', () => {
  const { status, stdout } = stopCommand(['cmd-1a2b3c4d'], 1);
  expect([status, stdout]).toEqual([1, expect.stringContaining('called: dead-letters list\n')]);
});

it.each([2, 3])('the incident example passes exit code %i on', (code) => {
  expect(stopCommand(['cmd-1a2b3c4d'], code).status).toBe(code);
});

it('the incident example does nothing without a command', () => {
  const { status, stdout, stderr } = stopCommand([], 0);
  expect([status, stdout, stderr]).toEqual([1, '', expect.stringContaining('which command?')]);
});
