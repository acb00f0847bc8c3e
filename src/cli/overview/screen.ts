import type { CliContext, Surroundings } from '../cli-context.js';
import type { OutputStream } from '../output.js';

const esc = '\u001b';
/** Alternate screen, cursor hidden, long lines cut: what is drawn never scrolls. */
const enter = `${esc}[?1049h${esc}[?25l${esc}[?7l`;
const leave = `${esc}[?7h${esc}[?25h${esc}[?1049l`;

/**
 * The whole terminal, for a view that draws itself again and again. Whatever ends the process short of a kill -9 gives
 * the terminal back as it was.
 */
export class Screen {
  readonly #stdin: Surroundings['stdin'];
  readonly #stdout: OutputStream;
  #isOpen = false;
  readonly #restore = () => this.close();
  #onKey: (key: string) => void = () => {};
  #onResize: () => void = () => {};

  constructor(context: Pick<CliContext, 'stdin' | 'output'>) {
    this.#stdin = context.stdin;
    this.#stdout = context.output.stdout;
  }

  get size(): { columns: number; rows: number } {
    return { columns: this.#stdout.columns || 80, rows: this.#stdout.rows || 24 };
  }

  /** From now on keys come one by one, Ctrl-C among them. */
  open(listeners: { onKey: (key: string) => void; onResize: () => void }): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#onKey = listeners.onKey;
    this.#onResize = listeners.onResize;
    process.once('exit', this.#restore);
    process.once('uncaughtExceptionMonitor', this.#restore); // or the message would go with the alternate screen
    this.#stdin.setRawMode?.(true);
    this.#stdin.setEncoding('utf8');
    this.#stdin.on('data', this.#onKey);
    this.#stdout.on('resize', this.#onResize);
    this.#stdout.write(enter);
  }

  /** Draws over what is there; lines beyond the last row are left out. */
  draw(lines: readonly string[]): void {
    if (!this.#isOpen) return;
    const text = lines.slice(0, this.size.rows).map((line) => `${line}${esc}[K`);
    this.#stdout.write(`${esc}[H${text.join('\r\n')}${esc}[J`);
  }

  /** Safe to call twice. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    process.off('exit', this.#restore);
    process.off('uncaughtExceptionMonitor', this.#restore);
    this.#stdin.off('data', this.#onKey);
    this.#stdout.off('resize', this.#onResize);
    this.#stdin.setRawMode?.(false);
    this.#stdin.pause();
    this.#stdout.write(leave);
  }
}
