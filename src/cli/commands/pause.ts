import type { Command } from 'commander';
import type { CancelProducer } from '../../producer/index.js';
import type { CliContext } from '../cli-context.js';
import { readCliSettings } from '../cli-settings.js';
import { type ExitCode, exitCodes } from '../exit-code.js';
import { withProducer } from '../open-producer.js';

interface Switch {
  readonly name: 'pause' | 'resume';
  readonly description: string;
  readonly flip: (producer: CancelProducer) => Promise<void>;
  readonly done: string;
  readonly help: string;
}

/** `tat-cancel pause`: no further calls, whoever asked. */
export function addPauseCommand(parent: Command, context: CliContext): void {
  addSwitch(parent, context, {
    name: 'pause',
    description: 'make no further calls until resume; what is asked for meanwhile waits',
    flip: (producer) => producer.pause(),
    done: 'Paused. Calls in flight finish; nothing else is sent until `tat-cancel resume`.',
    help: `
Workers notice within about a second. Unlike held, which workers find and end by themselves, a pause lasts until resume.

Examples:
  $ tat-cancel pause`,
  });
}

/** `tat-cancel resume`: ends a pause. */
export function addResumeCommand(parent: Command, context: CliContext): void {
  addSwitch(parent, context, {
    name: 'resume',
    description: 'end a pause',
    flip: (producer) => producer.resume(),
    done: 'Resumed.',
    help: `
Examples:
  $ tat-cancel resume`,
  });
}

function addSwitch(
  parent: Command,
  context: CliContext,
  { name, description, flip, done, help }: Switch,
): void {
  parent
    .command(name)
    .description(description)
    .option('--json', 'print one JSON document')
    .addHelpText('after', help)
    .action(
      context.action(async (options: { json?: true }, command: Command): Promise<ExitCode> => {
        await withProducer(readCliSettings(context.environment, command), flip);
        if (options.json) context.output.printJson({ paused: name === 'pause' });
        else context.output.print(done);
        return exitCodes.done;
      }),
    );
}
