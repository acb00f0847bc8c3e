import type { Command } from 'commander';
import type { CancelProducer } from '../../producer/index.js';
import type { CliContext } from '../cli-context.js';
import { readCliSettings } from '../cli-settings.js';
import { currentUser } from '../dead-letters/report-result.js';
import { type ExitCode, exitCodes } from '../exit-code.js';
import { withProducer } from '../open-producer.js';

interface SwitchOptions {
  readonly json?: true;
  readonly reason?: string;
}

interface Switch {
  readonly name: 'pause' | 'resume';
  readonly flip: (producer: CancelProducer, reason: string | undefined) => Promise<void>;
  readonly done: string;
  readonly help: string;
}

/** `tat-cancel pause`: no further calls, whoever asked. */
export function addPauseCommand(parent: Command, context: CliContext): void {
  addSwitch(parent, context, {
    name: 'pause',
    flip: (producer, reason) => producer.pause({ by: currentUser(), reason }),
    done: 'Paused. Calls in flight finish; nothing else is sent until `tat-cancel resume`.',
    help: `
Workers notice within about a second. Unlike held, which workers find and end by themselves, a pause lasts until resume.

Examples:
  $ tat-cancel pause
  $ tat-cancel pause --reason 'looking into incident 4711'`,
  });
}

/** `tat-cancel resume`: ends a pause. */
export function addResumeCommand(parent: Command, context: CliContext): void {
  addSwitch(parent, context, {
    name: 'resume',
    flip: (producer) => producer.resume(),
    done: 'Resumed.',
    help: `
Examples:
  $ tat-cancel resume`,
  });
}

function addSwitch(parent: Command, context: CliContext, { name, flip, done, help }: Switch): void {
  const added = parent.command(name).option('--json', 'print one JSON document');
  if (name === 'pause') added.option('--reason <text>', 'why, for the people who find it paused');
  added.addHelpText('after', help).action(
    context.action(async (options: SwitchOptions, command: Command): Promise<ExitCode> => {
      const settings = readCliSettings(context.environment, command);
      await withProducer(settings, (producer) => flip(producer, options.reason));
      if (options.json) context.output.printJson({ paused: name === 'pause' });
      else context.output.print(done);
      return exitCodes.done;
    }),
  );
}
