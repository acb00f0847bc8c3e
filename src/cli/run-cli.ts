import { CommanderError } from 'commander';
import { CliContext, type Surroundings } from './cli-context.js';
import { InterruptedError } from './cli-errors.js';
import { createProgram } from './cli-program.js';
import { exitCodeOf, exitCodes } from './exit-code.js';

/**
 * Runs the `tat-cancel` command with the arguments after its name, and resolves with the exit code. Never rejects, and
 * leaves the process alone: whatever fails is told on stderr in one message.
 */
export async function runCli(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const context = new CliContext(surroundings);
  try {
    const program = await createProgram(context, args);
    await program.parseAsync(args, { from: 'user' });
    return context.exitCode;
  } catch (error) {
    // Commander has written its help or complaint already; it calls every usage error 1, which is taken here.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.badInput;
    return tellFailure(error, context);
  }
}

function tellFailure(error: unknown, context: CliContext): number {
  const exitCode = exitCodeOf(error);
  if (error instanceof InterruptedError) {
    // Somebody wanted it so: no error.
    context.output.say(error.message);
    return exitCode;
  }
  const level = context.environment.TAT_CANCEL_LOG_LEVEL ?? context.environment.LOG_LEVEL;
  const showsStack = level === 'debug' || level === 'trace';
  const message = error instanceof Error ? error.message : String(error);
  const unexpected = exitCode === exitCodes.unexpected;
  const advice = unexpected && !showsStack ? ' (LOG_LEVEL=debug shows where)' : '';
  context.output.complain(`${unexpected ? 'unexpected: ' : ''}${message}${advice}`);
  if (showsStack && error instanceof Error && error.stack !== undefined) context.output.say(error.stack);
  return exitCode;
}
