import { createInterface, type Interface } from 'node:readline';
import type { CliContext } from '../cli-context.js';

/** Asks at the terminal. Nothing but `y` or `yes` is a yes; the end of the input is a no. */
export class YesNoQuestions {
  readonly #lines: Interface;
  readonly #iterator: AsyncIterator<string>;

  constructor(private readonly context: Pick<CliContext, 'stdin' | 'output'>) {
    // Not as a terminal: that would take Ctrl-C away from the process.
    this.#lines = createInterface({ input: context.stdin, terminal: false });
    this.#iterator = this.#lines[Symbol.asyncIterator]();
  }

  async ask(question: string): Promise<boolean> {
    this.context.output.write('stderr', `${question} [y/N] `);
    const { value, done } = await this.#iterator.next();
    if (done) this.context.output.say('');
    return !done && /^y(?:es)?$/i.test(value.trim());
  }

  close(): void {
    this.#lines.close();
  }
}
