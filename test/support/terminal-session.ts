import { EventEmitter, once } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import { runCli } from '../../src/cli/run-cli.js';
import { systemClock } from '../../src/shared/clock.js';

/** Stands for a keyboard and a screen: what a full-screen command reads and writes. */
export class TerminalSession {
  /** All that was ever written. */
  written = '';
  isRaw = false;
  readonly exitCode: Promise<number>;
  readonly #keys: PassThrough & { isTTY?: boolean; setRawMode?: (raw: boolean) => void };
  readonly #screen: TerminalScreen;
  readonly #interruption = new AbortController();
  readonly #output = new EventEmitter();

  constructor(args: readonly string[], environment: Readonly<Record<string, string>>, size: TerminalSize) {
    this.#keys = Object.assign(new PassThrough(), {
      isTTY: true,
      setRawMode: (raw: boolean) => {
        this.isRaw = raw;
      },
    });
    this.#screen = new TerminalScreen(size, (text) => {
      this.written += text;
      this.#output.emit('text');
    });
    this.exitCode = runCli(args, {
      environment,
      stdin: this.#keys,
      stdout: this.#screen,
      stderr: this.#screen,
      clock: systemClock,
      trapSignals: () => this.#interruption.signal,
    });
  }

  press(keys: string): void {
    this.#keys.write(keys);
  }

  interrupt(): void {
    this.#interruption.abort();
  }

  resize(size: TerminalSize): void {
    Object.assign(this.#screen, size);
    this.#screen.emit('resize');
  }

  /** The lines of the last frame, without colours. */
  get lines(): string[] {
    const frame = this.written.split('\u001b[H').at(-1) ?? '';
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is taken out
    return frame.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '').split('\r\n');
  }

  /** Resolves with the lines as soon as one of them holds the text. */
  async shows(text: string): Promise<string[]> {
    const ended = this.exitCode.then((code) => {
      throw new Error(`ended with ${code} without showing ${text}: ${this.written}`);
    });
    ended.catch(() => {}); // only the loop below is interested
    while (!this.lines.some((line) => line.includes(text))) {
      await Promise.race([once(this.#output, 'text'), ended]);
    }
    return this.lines;
  }
}

interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

class TerminalScreen extends Writable {
  readonly isTTY = true;
  columns: number;
  rows: number;

  constructor(
    { columns, rows }: TerminalSize,
    private readonly onText: (text: string) => void,
  ) {
    super({ decodeStrings: false });
    this.columns = columns;
    this.rows = rows;
  }

  override _write(chunk: string, _encoding: BufferEncoding, done: () => void): void {
    this.onText(chunk);
    done();
  }
}
