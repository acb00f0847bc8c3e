import type { Command, Option } from 'commander';

/** What a shell needs to know of one command. */
export interface CommandNode {
  /** The words that lead to it, as `dead-letters list`; empty for the program itself. */
  readonly path: string;
  /** Words that may follow, those of an argument with choices too. */
  readonly subcommands: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly OptionNode[];
}

export interface OptionNode {
  /** `--file` and `-f`. */
  readonly flags: readonly string[];
  readonly description: string;
  readonly takesValue: boolean;
  /** The values to offer; none when anything goes. */
  readonly choices: readonly string[];
  /** Its value is the name of a file. */
  readonly isFile: boolean;
}

/** Every command with its options, those of the program included since they are taken anywhere. */
export function readCommandTree(program: Command): CommandNode[] {
  return collect(program, '', program.options);
}

function collect(command: Command, path: string, globals: readonly Option[]): CommandNode[] {
  const subcommands = command.commands.map((each) => ({
    name: each.name(),
    description: each.description(),
  }));
  // The words that its first argument may be come in the same place.
  const words = command.registeredArguments[0]?.argChoices ?? [];
  subcommands.push(...words.map((name) => ({ name, description: '' })));
  if (path === '') subcommands.push({ name: 'help', description: 'display help for command' });
  const own = path === '' ? [] : command.options;
  const help: OptionNode = {
    flags: ['--help', '-h'],
    description: 'display help for command',
    takesValue: false,
    choices: [],
    isFile: false,
  };
  const node: CommandNode = { path, subcommands, options: [...[...own, ...globals].map(toNode), help] };
  return [
    node,
    ...command.commands.flatMap((each) => collect(each, `${path} ${each.name()}`.trim(), globals)),
  ];
}

function toNode(option: Option): OptionNode {
  return {
    flags: [option.long, option.short].filter((flag) => typeof flag === 'string'),
    description: option.description,
    takesValue: option.required || option.optional,
    choices: option.argChoices ?? [],
    isFile: /<(?:path|file)>/.test(option.flags),
  };
}
