import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';

/** The built `tat-cancel` command as a process of its own. */
export class CliProcess {
  stdout = '';
  stderr = '';
  readonly #child: ChildProcess;
  readonly #output = new EventEmitter();
  readonly #closed: Promise<unknown[]>;

  constructor(
    args: readonly string[],
    environment: Readonly<Record<string, string>>,
    options: { readsNothing?: true } = {},
  ) {
    this.#child = spawn(process.execPath, ['dist/cli/main.js', ...args], {
      env: { PATH: process.env.PATH, HOME: '/nonexistent', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#closed = once(this.#child, 'close');
    if (options.readsNothing) this.#child.stdout?.destroy();
    else this.#child.stdout?.on('data', (chunk) => this.#take('stdout', String(chunk)));
    this.#child.stderr?.on('data', (chunk) => this.#take('stderr', String(chunk)));
  }

  /** Resolves once the process has written this, on either stream. */
  async wrote(text: string): Promise<void> {
    const ended = this.#closed.then(() => {
      throw new Error(`the process ended without writing ${text}: ${this.stdout}${this.stderr}`);
    });
    ended.catch(() => {}); // only the loop below is interested
    while (!this.stdout.includes(text) && !this.stderr.includes(text)) {
      await Promise.race([once(this.#output, 'text'), ended]);
    }
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  async exitCode(): Promise<number | null> {
    await this.#closed;
    return this.#child.exitCode;
  }

  /** For the end of a test, whatever became of it. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#closed;
  }

  #take(stream: 'stdout' | 'stderr', text: string): void {
    this[stream] += text;
    this.#output.emit('text');
  }
}
