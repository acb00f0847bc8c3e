import type { CommandNode, OptionNode } from './command-tree.js';

/** A script for `tat-cancel completion fish | source`. */
export function fishCompletion(tree: readonly CommandNode[]): string {
  const places = tree.filter(({ path }) => path !== '').map(({ path }) => quote(`at ${path}`));
  return `# fish completion for tat-cancel
function __tat_cancel_place
    set -l place at
    for word in (commandline -opc)[2..-1]
        if contains -- "$place $word" ${places.join(' ')}
            set place "$place $word"
        end
    end
    echo $place
end
complete -c tat-cancel -f
${tree.flatMap(offers).join('\n')}
`;
}

function offers({ path, subcommands, options }: CommandNode): string[] {
  const at = `complete -c tat-cancel -n ${quote(`test "$(__tat_cancel_place)" = ${quote(`at ${path}`.trim())}`)}`;
  return [
    ...subcommands.map(({ name, description }) => `${at} -a ${quote(name)} -d ${quote(description)}`),
    ...options.map(
      (option) => `${at} ${flagsOf(option)} -d ${quote(option.description)}${valueRule(option)}`,
    ),
  ];
}

function flagsOf({ flags }: OptionNode): string {
  return flags
    .map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`))
    .join(' ');
}

function valueRule({ takesValue, isFile, choices }: OptionNode): string {
  if (!takesValue) return '';
  if (isFile) return ' -r -F';
  return choices.length > 0 ? ` -x -a ${quote(choices.join(' '))}` : ' -x';
}

/** Inside single quotes, fish takes a backslash before a quote or another backslash. */
function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
