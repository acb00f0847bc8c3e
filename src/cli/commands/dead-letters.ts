import type { Command } from 'commander';
import type { CliContext } from '../cli-context.js';
import { addDeadLettersDiscardCommand } from './dead-letters-discard.js';
import { addDeadLettersExportCommand } from './dead-letters-export.js';
import { addDeadLettersListCommand } from './dead-letters-list.js';
import { addDeadLettersRedriveCommand } from './dead-letters-redrive.js';
import { addDeadLettersShowCommand } from './dead-letters-show.js';

/** `tat-cancel dead-letters …`: what could not be carried out. */
export function addDeadLettersCommand(parent: Command, context: CliContext): void {
  const group = parent
    .command('dead-letters')
    .addHelpText(
      'after',
      '\nExamples:\n  $ tat-cancel dead-letters list --code ResourceNotFound.InstanceNotFound',
    );
  addDeadLettersListCommand(group, context);
  addDeadLettersShowCommand(group, context);
  addDeadLettersRedriveCommand(group, context);
  addDeadLettersDiscardCommand(group, context);
  addDeadLettersExportCommand(group, context);
}
