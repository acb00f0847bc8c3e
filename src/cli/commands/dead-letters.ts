import type { Command } from 'commander';
import type { CliContext } from '../cli-context.js';
import { addDeadLettersListCommand } from './dead-letters-list.js';

/** `tat-cancel dead-letters …`: what could not be carried out. */
export function addDeadLettersCommand(parent: Command, context: CliContext): void {
  const group = parent
    .command('dead-letters')
    .description('look at what could not be carried out')
    .addHelpText(
      'after',
      '\nExample:\n  $ tat-cancel dead-letters list --code ResourceNotFound.InstanceNotFound',
    );
  addDeadLettersListCommand(group, context);
}
