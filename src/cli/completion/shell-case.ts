import type { CommandNode, OptionNode } from './command-tree.js';

/** Patterns over "place|previous word", which bash and zsh match alike; empty where a command has no such option. */
export interface ValuePatterns {
  readonly any: string;
  readonly files: string;
  /** Anything goes, so there is nothing to offer. */
  readonly free: string;
  readonly chosen: readonly { readonly patterns: string; readonly choices: readonly string[] }[];
}

/** The words after which a value stands, by what can be offered for it. */
export function valuePatternsOf(node: CommandNode): ValuePatterns {
  return {
    any: patternsOf(node, ({ takesValue }) => takesValue),
    files: patternsOf(node, ({ isFile }) => isFile),
    free: patternsOf(
      node,
      ({ takesValue, isFile, choices }) => takesValue && !isFile && choices.length === 0,
    ),
    chosen: node.options
      .filter(({ choices }) => choices.length > 0)
      .map((option) => ({
        patterns: patternsOf(node, (each) => each === option),
        choices: option.choices,
      })),
  };
}

/** The place of a command as the scripts keep it, quoted. */
export function quotedPlace({ path }: CommandNode): string {
  return quote(placeOf(path));
}

export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function placeOf(path: string): string {
  return path === '' ? '' : ` ${path}`;
}

function patternsOf({ path, options }: CommandNode, fits: (option: OptionNode) => boolean): string {
  return options
    .filter(fits)
    .flatMap(({ flags }) => flags)
    .map((flag) => quote(`${placeOf(path)}|${flag}`))
    .join('|');
}
