import { createInterface } from 'node:readline';
import type { CliContext } from '../cli-context.js';
import { InterruptedError } from '../cli-errors.js';
import { discardTypedAhead } from './discard-typed-ahead.js';

/**
 * Asks at the terminal. Nothing but `y` or `yes` is a yes; the end of the input is a no. What was typed before a question
 * appeared was not an answer to it, and is thrown away.
 */
export class YesNoQuestions {
  constructor(private readonly context: Pick<CliContext, 'stdin' | 'output'>) {}

  /** @throws {InterruptedError} when Ctrl-C is among what was typed ahead */
  async ask(question: string): Promise<boolean> {
    const { stdin, output } = this.context;
    if ((await discardTypedAhead(stdin)) === 'interrupted') {
      throw new InterruptedError('Interrupted: nothing was cancelled.');
    }
    output.show('stderr', `${question} [y/N] `);
    const line = await readLine(stdin);
    if (line === undefined) output.say('');
    return line !== undefined && /^y(?:es)?$/i.test(line.trim());
  }
}

/** One line, or undefined at the end of the input. */
async function readLine(stdin: CliContext['stdin']): Promise<string | undefined> {
  if (stdin.readableEnded || stdin.destroyed) return undefined;
  // Not as a terminal: that would take Ctrl-C away from the process.
  const lines = createInterface({ input: stdin, terminal: false });
  try {
    return await new Promise((resolve) =>
      lines.once('line', resolve).once('close', () => resolve(undefined)),
    );
  } finally {
    lines.close();
  }
}
