import type { CliContext } from '../cli-context.js';

/** Shorter than anybody needs to read a question and answer it, longer than the gaps of a key that is held down. */
const quietMs = 250;
const interruptKey = '\u0003';

/**
 * Reads what was typed before now, forgets it, and resolves once the keyboard has been quiet for a moment.
 * @returns `interrupted` when Ctrl-C was pressed meanwhile
 */
export async function discardTypedAhead(stdin: CliContext['stdin']): Promise<'quiet' | 'interrupted'> {
  if (stdin.readableEnded || stdin.destroyed) return 'quiet';
  // A terminal keeps a line back until Enter; in raw mode it hands out the half of one, too.
  stdin.setRawMode?.(true);
  try {
    return await becomeQuiet(stdin);
  } finally {
    stdin.setRawMode?.(false);
  }
}

function becomeQuiet(stdin: CliContext['stdin']): Promise<'quiet' | 'interrupted'> {
  return new Promise((resolve) => {
    const finish = (result: 'quiet' | 'interrupted') => {
      clearTimeout(patience);
      stdin.off('data', forget).off('end', end);
      stdin.pause();
      resolve(result);
    };
    const end = () => finish('quiet');
    const forget = (chunk: Buffer | string) => {
      if (chunk.includes(interruptKey)) finish('interrupted');
      else patience.refresh();
    };
    const patience = setTimeout(end, quietMs);
    stdin.on('data', forget).on('end', end).resume();
  });
}
