import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const command = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** A process of the built `tat-cancel` command. */
export class CommandProcess {
  private constructor(readonly child: ChildProcess) {}

  static start(args: readonly string[], environment: Readonly<Record<string, string>>): CommandProcess {
    if (!existsSync(command)) throw new Error('the command is not built: npm run build');
    const child = spawn(process.execPath, [...profiling(args), command, ...args], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    return new CommandProcess(child);
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('the process did not start');
    return this.child.pid;
  }

  /** Resolves with the exit code when the process ends by itself. */
  async ended(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
    return this.child.exitCode;
  }

  /** SIGTERM, and SIGKILL for one that does not heed it. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const insist = setTimeout(() => this.child.kill('SIGKILL'), 5_000);
    await gone;
    clearTimeout(insist);
  }
}

/** BENCH_PROFILE_DIR: a folder that gets a CPU profile of each process. */
function profiling(args: readonly string[]): string[] {
  const folder = process.env.BENCH_PROFILE_DIR;
  return folder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${folder}/${args[0]}`];
}
