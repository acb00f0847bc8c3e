import type { Command } from 'commander';
import type { StoredDeadLetter } from '../../shared/dead-letters/index.js';
import { judge } from '../../shared/failure-table.js';
import type { CliContext } from '../cli-context.js';
import { UsageError } from '../cli-errors.js';
import { readCliSettings } from '../cli-settings.js';
import { type ExitCode, exitCodes } from '../exit-code.js';
import { withDeadLetters } from '../open-dead-letters.js';
import { formatTable, tameText } from '../text-format.js';

const closingHelp = `
Examples:
  $ tat-cancel dead-letters show req-m3x8k2p1f00dfeed.0.1a2b3c4d`;

/** `tat-cancel dead-letters show`: one letter with the history of its attempts. */
export function addDeadLettersShowCommand(group: Command, context: CliContext): void {
  group
    .command('show')
    .description('show one dead letter with the history of its attempts')
    .argument('<letterId>', 'as printed by list')
    .option('--json', 'print one JSON document')
    .addHelpText('after', closingHelp)
    .action(
      context.action(async (id: string, options: { json?: true }, command: Command): Promise<ExitCode> => {
        const settings = readCliSettings(context.environment, command);
        const letter = await withDeadLetters(settings, ({ store }) => store.read(id));
        if (letter === undefined) throw new UsageError(`There is no dead letter ${id} (any more).`);
        if (options.json) context.output.printJson(letter);
        else context.output.print(describeLetter(letter));
        return exitCodes.done;
      }),
    );
}

function describeLetter(letter: StoredDeadLetter): string {
  const { target, error, history } = letter;
  const { row } = judge(error.code, error.message);
  const facts = [
    ['Letter', letter.id],
    ['Request', letter.requestId],
    ['Invocation', `${target.invocationId} in ${target.region}`],
    ['Code', tameText(error.code)],
    ['Message', tameText(error.message)],
    ...(error.cloudRequestId === undefined ? [] : [['Cloud request', error.cloudRequestId]]),
    ['Meaning', row.meaning],
    ['What to do', row.advice],
    ['Accepted', letter.firstSeenAt],
    ['Died', letter.deadAt],
    ['Attempts', String(letter.attempts)],
  ];
  const attempts = history.map(({ at, worker, code, message, cloudRequestId }) => [
    new Date(at).toISOString(),
    worker,
    code,
    cloudRequestId ?? '-',
    tameText(message).slice(0, 100),
  ]);
  return [
    formatTable(facts),
    '',
    formatTable([['WHEN', 'WORKER', 'CODE', 'CLOUD REQUEST', 'MESSAGE'], ...attempts]),
    '',
    target.instanceIds === undefined ? 'The whole invocation.' : `Instances: ${target.instanceIds.join(' ')}`,
  ].join('\n');
}
