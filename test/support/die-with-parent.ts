import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Of util-linux, so on every Linux. Elsewhere a run that is killed leaves its servers behind. */
const setpriv = '/usr/bin/setpriv';
const canBind = existsSync(setpriv);

/** Starts a server that the kernel ends with this process, even with one that is killed. It has the child's pid. */
export function spawnBound(command: string, args: readonly string[]): ChildProcess {
  const [program, ...rest] = canBind
    ? [setpriv, '--pdeathsig', 'KILL', '--', command, ...args]
    : [command, ...args];
  return spawn(program ?? command, rest, { stdio: 'ignore' });
}
