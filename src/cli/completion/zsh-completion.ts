import type { CommandNode } from './command-tree.js';
import { quote, quotedPlace, valuePatternsOf } from './shell-case.js';

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
  .map((node) => `      (${quotedPlace(node)}) place=${quotedPlace(node)} ;;`)
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
  const { any } = valuePatternsOf(node);
  return any === '' ? [] : [`      (${any}) previous=''; continue ;;`];
}

function valueOffers(node: CommandNode): string[] {
  const { chosen, files, free } = valuePatternsOf(node);
  return [
    ...chosen.map(
      ({ patterns, choices }) => `    (${patterns}) compadd -- ${choices.map(quote).join(' ')}; return ;;`,
    ),
    ...(files === '' ? [] : [`    (${files}) _files; return ;;`]),
    ...(free === '' ? [] : [`    (${free}) _message value; return ;;`]),
  ];
}

function offers(node: CommandNode): string {
  const commands = node.subcommands.map(({ name, description }) => entry(name, description));
  const flags = node.options.flatMap((option) => option.flags.map((flag) => entry(flag, option.description)));
  return `    (${quotedPlace(node)}) commands=(${commands.join(' ')}) options=(${flags.join(' ')}) ;;`;
}

function entry(name: string, description: string): string {
  return quote(`${name}:${description.replaceAll(':', '\\:')}`);
}
