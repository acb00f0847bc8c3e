import { Argument, type Command } from 'commander';
import type { CliContext } from '../cli-context.js';
import { bashCompletion } from '../completion/bash-completion.js';
import { type CommandNode, readCommandTree } from '../completion/command-tree.js';
import { fishCompletion } from '../completion/fish-completion.js';
import { zshCompletion } from '../completion/zsh-completion.js';
import { type ExitCode, exitCodes } from '../exit-code.js';

const shells = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const satisfies Record<
  string,
  (tree: readonly CommandNode[]) => string
>;

const closingHelp = `
To have it in every shell, put the line into ~/.bashrc, or ~/.zshrc behind compinit, or ~/.config/fish/config.fish.

Examples:
  $ source <(tat-cancel completion bash)
  $ tat-cancel completion zsh > _tat-cancel
  $ tat-cancel completion fish > tat-cancel.fish`;

/** `tat-cancel completion`: a script that lets the shell complete commands, options and their values. */
export function addCompletionCommand(parent: Command, context: CliContext): void {
  parent
    .command('completion')
    .addArgument(new Argument('<shell>', 'which shell').choices(Object.keys(shells)))
    .addHelpText('after', closingHelp)
    .action(
      context.action(async (shell: keyof typeof shells): Promise<ExitCode> => {
        context.output.write('stdout', shells[shell](readCommandTree(parent)));
        return exitCodes.done;
      }),
    );
}
