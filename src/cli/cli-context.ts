import type { Readable } from 'node:stream';
import type { Clock } from '../shared/clock.js';
import type { Environment } from '../shared/settings/index.js';
import { type ExitCode, exitCodes } from './exit-code.js';
import { Output, type OutputStream } from './output.js';

/** What a process gives to the program; tests hand in their own. */
export interface Surroundings {
  readonly environment: Environment;
  readonly stdin: Readable & { readonly isTTY?: boolean; setRawMode?: (raw: boolean) => unknown };
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly clock: Clock;
  /** From this call on, the first SIGINT or SIGTERM aborts the signal instead of ending the process. */
  trapSignals(): AbortSignal;
}

/** What every command works with. */
export class CliContext {
  readonly environment: Environment;
  readonly stdin: Surroundings['stdin'];
  readonly clock: Clock;
  readonly output: Output;
  exitCode: ExitCode = exitCodes.done;

  constructor(private readonly surroundings: Surroundings) {
    this.environment = surroundings.environment;
    this.stdin = surroundings.stdin;
    this.clock = surroundings.clock;
    this.output = new Output(surroundings.stdout, surroundings.stderr, surroundings.environment);
  }

  trapSignals(): AbortSignal {
    return this.surroundings.trapSignals();
  }

  /** Makes a command's action of a function that answers with the exit code. */
  action<Args extends unknown[]>(
    run: (...args: Args) => Promise<ExitCode>,
  ): (...args: Args) => Promise<void> {
    return async (...args) => {
      this.exitCode = await run(...args);
    };
  }
}
