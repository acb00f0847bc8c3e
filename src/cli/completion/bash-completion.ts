import type { CommandNode } from './command-tree.js';

/** A script for `source <(tat-cancel completion bash)`. */
export function bashCompletion(tree: readonly CommandNode[]): string {
  return `# bash completion for tat-cancel
_tat_cancel() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous='' place='' commands='' options='' at
  for (( at = 1; at < COMP_CWORD; at++ )); do
    case "$place|$previous" in
${tree.flatMap(skippedValues).join('\n')}
    esac
    case "$place \${COMP_WORDS[at]}" in
${tree
  .filter(({ path }) => path !== '')
  .map(({ path }) => `      ${quote(` ${path}`)}) place=${quote(` ${path}`)} ;;`)
  .join('\n')}
    esac
    previous=\${COMP_WORDS[at]}
  done
  case "$place|$previous" in
${tree.flatMap(valueOffers).join('\n')}
  esac
  case "$place" in
${tree.map(offers).join('\n')}
  esac
  if [[ $current == -* || -z $commands ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
  else
    COMPREPLY=($(compgen -W "$commands" -- "$current"))
  fi
}
complete -F _tat_cancel tat-cancel
`;
}

/** A value may look like a command; the word after its option is none. */
function skippedValues(node: CommandNode): string[] {
  const patterns = patternsOf(node, ({ takesValue }) => takesValue);
  return patterns === '' ? [] : [`      ${patterns}) previous=''; continue ;;`];
}

function valueOffers(node: CommandNode): string[] {
  const files = patternsOf(node, ({ isFile }) => isFile);
  const free = patternsOf(
    node,
    ({ takesValue, isFile, choices }) => takesValue && !isFile && choices.length === 0,
  );
  return [
    ...node.options
      .filter(({ choices }) => choices.length > 0)
      .map((option) => {
        const patterns = patternsOf(node, (each) => each === option);
        return `    ${patterns}) COMPREPLY=($(compgen -W ${quote(option.choices.join(' '))} -- "$current")); return ;;`;
      }),
    ...(files === '' ? [] : [`    ${files}) COMPREPLY=($(compgen -f -- "$current")); return ;;`]),
    ...(free === '' ? [] : [`    ${free}) COMPREPLY=(); return ;;`]),
  ];
}

function offers({ path, subcommands, options }: CommandNode): string {
  const place = quote(path === '' ? '' : ` ${path}`);
  const commands = quote(subcommands.map(({ name }) => name).join(' '));
  const flags = quote(options.flatMap((option) => option.flags).join(' '));
  return `    ${place}) commands=${commands} options=${flags} ;;`;
}

function patternsOf(
  { path, options }: CommandNode,
  fits: (option: CommandNode['options'][number]) => boolean,
): string {
  const place = path === '' ? '' : ` ${path}`;
  return options
    .filter(fits)
    .flatMap(({ flags }) => flags)
    .map((flag) => quote(`${place}|${flag}`))
    .join('|');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
