import type { CommandNode, OptionNode } from './command-tree.js';

/** A script for `source <(tat-cancel completion zsh)`, or for a file `_tat-cancel` in a folder of `$fpath`. */
export function zshCompletion(tree: readonly CommandNode[]): string {
  return `#compdef tat-cancel
# zsh completion for tat-cancel
_tat_cancel() {
  local place='' previous='' at
  local -a commands options
  for (( at = 2; at < CURRENT; at++ )); do
    case "$place|$previous" in
${tree.flatMap(skippedValues).join('\n')}
    esac
    case "$place \${words[at]}" in
${tree
  .filter(({ path }) => path !== '')
  .map(({ path }) => `      (${quote(` ${path}`)}) place=${quote(` ${path}`)} ;;`)
  .join('\n')}
    esac
    previous=\${words[at]}
  done
  case "$place|$previous" in
${tree.flatMap(valueOffers).join('\n')}
  esac
  case "$place" in
${tree.map(offers).join('\n')}
  esac
  if [[ \${words[CURRENT]} == -* || \${#commands} -eq 0 ]]; then
    _describe -o option options
  else
    _describe command commands
  fi
}
if [[ $funcstack[1] == _tat-cancel ]]; then
  _tat_cancel "$@"
else
  compdef _tat_cancel tat-cancel
fi
`;
}

function skippedValues(node: CommandNode): string[] {
  const patterns = patternsOf(node, ({ takesValue }) => takesValue);
  return patterns === '' ? [] : [`      (${patterns}) previous=''; continue ;;`];
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
        return `    (${patterns}) compadd -- ${option.choices.map(quote).join(' ')}; return ;;`;
      }),
    ...(files === '' ? [] : [`    (${files}) _files; return ;;`]),
    ...(free === '' ? [] : [`    (${free}) _message value; return ;;`]),
  ];
}

function offers({ path, subcommands, options }: CommandNode): string {
  const place = quote(path === '' ? '' : ` ${path}`);
  const commands = subcommands.map(({ name, description }) => entry(name, description));
  const flags = options.flatMap((option) => option.flags.map((flag) => entry(flag, option.description)));
  return `    (${place}) commands=(${commands.join(' ')}) options=(${flags.join(' ')}) ;;`;
}

function entry(name: string, description: string): string {
  return quote(`${name}:${description.replaceAll(':', '\\:')}`);
}

function patternsOf({ path, options }: CommandNode, fits: (option: OptionNode) => boolean): string {
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
