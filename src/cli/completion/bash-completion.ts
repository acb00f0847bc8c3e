import type { CommandNode } from './command-tree.js';
import { quote, quotedPlace, valuePatternsOf } from './shell-case.js';

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
  .map((node) => `      ${quotedPlace(node)}) place=${quotedPlace(node)} ;;`)
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
  const { any } = valuePatternsOf(node);
  return any === '' ? [] : [`      ${any}) previous=''; continue ;;`];
}

function valueOffers(node: CommandNode): string[] {
  const { chosen, files, free } = valuePatternsOf(node);
  return [
    ...chosen.map(
      ({ patterns, choices }) =>
        `    ${patterns}) COMPREPLY=($(compgen -W ${quote(choices.join(' '))} -- "$current")); return ;;`,
    ),
    ...(files === '' ? [] : [`    ${files}) COMPREPLY=($(compgen -f -- "$current")); return ;;`]),
    ...(free === '' ? [] : [`    ${free}) COMPREPLY=(); return ;;`]),
  ];
}

function offers(node: CommandNode): string {
  const commands = quote(node.subcommands.map(({ name }) => name).join(' '));
  const flags = quote(node.options.flatMap((option) => option.flags).join(' '));
  return `    ${quotedPlace(node)}) commands=${commands} options=${flags} ;;`;
}
