import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';

/** A command line in a terminal of its own, as a user would run it: bash in a pty made by script(1). */
export class PseudoTerminal {
  output = '';
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown[]>;
  readonly #news = new EventEmitter();

  constructor(
    line: string,
    options: { cwd: string; environment: Readonly<Record<string, string | undefined>> },
  ) {
    this.#child = spawn('script', ['-qefc', `bash -c ${quote(line)}`, '/dev/null'], {
      cwd: options.cwd,
      env: { ...options.environment, SHELL: '/bin/bash', TERM: 'xterm' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk) => {
        this.output += String(chunk);
        this.#news.emit('text');
      });
    }
    this.#child.stdin?.on('error', () => {}); // it may have ended already
    this.#closed = once(this.#child, 'close');
  }

  /** Types at once, whether or not anybody reads yet. */
  type(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  /** Answers as soon as the text shows up; nothing happens if it never does. */
  answer(shown: RegExp, keys: string): void {
    const look = () => {
      if (!shown.test(this.output)) return;
      this.#news.off('text', look);
      this.#child.stdin?.write(keys);
    };
    this.#news.on('text', look);
  }

  /** Resolves with the exit code. The process is killed when it takes longer than `withinMs`. */
  async exitCode(withinMs: number): Promise<number | null> {
    const late = setTimeout(() => this.#child.kill('SIGKILL'), withinMs);
    await this.#closed;
    clearTimeout(late);
    return this.#child.exitCode;
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
