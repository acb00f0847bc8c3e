import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

export interface DocBlock {
  /** As `docs/operating.md:41 sh`, for the name of the test. */
  readonly name: string;
  readonly language: string;
  readonly text: string;
  /** Why it is not run; undefined when it is. */
  readonly excuse?: string;
  /** It takes too long for every day. */
  readonly isLong: boolean;
}

/** Languages of blocks that are looked at and not run. */
export const passiveLanguages: ReadonlySet<string> = new Set(['', 'mermaid', 'csv', 'promql', 'nginx']);

/** Every page for users and maintainers. */
export function findPages(): string[] {
  const found = ['docs', 'deploy'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.md'))
      .map((path) => join(folder, path)),
  );
  return ['README.md', 'CONTRIBUTING.md', ...found.sort()];
}

/**
 * The fenced blocks of a page. A comment in the line above excuses one: `<!-- not run: reason -->`, or
 * `<!-- run at full length only: reason -->`.
 */
export function readBlocks(page: string): DocBlock[] {
  const blocks: DocBlock[] = [];
  const lines = readFileSync(page, 'utf8').split('\n');
  let open: { at: number; language: string } | undefined;
  for (const [at, line] of lines.entries()) {
    const fence = /^```(\w*)\s*$/.exec(line);
    if (fence === null) continue;
    if (open === undefined) {
      open = { at, language: fence[1] ?? '' };
      continue;
    }
    const above = lines[open.at - 1] ?? '';
    const excuse = /^<!-- not run: (.+) -->$/.exec(above)?.[1];
    blocks.push({
      name: `${page}:${open.at + 1} ${open.language}`,
      language: open.language,
      text: lines.slice(open.at + 1, at).join('\n'),
      isLong: /^<!-- run at full length only: .+ -->$/.test(above),
      ...(excuse === undefined ? {} : { excuse }),
    });
    open = undefined;
  }
  if (open !== undefined) throw new Error(`${page}: the block in line ${open.at + 1} has no end`);
  return blocks;
}

export interface ConsoleStep {
  readonly command: string;
  /** What the page shows below it; `…` stands for anything. */
  readonly shown: readonly string[];
}

/** The commands of a console block, behind `$ `, with what is shown below each. A backslash carries a command on. */
export function readSteps(text: string): ConsoleStep[] {
  const steps: { command: string; shown: string[] }[] = [];
  let isCarriedOn = false;
  for (const line of text.split('\n')) {
    const last = steps.at(-1);
    if (isCarriedOn && last !== undefined) last.command += `\n${line}`;
    else if (line.startsWith('$ ')) steps.push({ command: line.slice(2), shown: [] });
    else if (last === undefined) throw new Error(`output without a command: ${line}`);
    else last.shown.push(line);
    isCarriedOn = line.endsWith('\\') && (isCarriedOn || line.startsWith('$ '));
  }
  return steps;
}

/** Lines that the page shows and the output lacks. Numbers and ids may differ, and blanks. */
export function findMissingLines(shown: readonly string[], output: string): string[] {
  const lines = output.split(/\r?\n/).map(withoutParticulars);
  return shown
    .filter((line) => line.replaceAll('…', '').trim() !== '')
    .filter((line) => {
      const parts = line.split('…').map((part) => asPattern(withoutParticulars(part)));
      const pattern = new RegExp(parts.join('.*'));
      return !lines.some((candidate) => pattern.test(candidate));
    });
}

function withoutParticulars(line: string): string {
  return line
    .replace(/\b(req|key|inv|ins|lhins|cmd)-[a-z0-9]+/g, '$1-0')
    .replace(/\d[\d.,:]*/g, '0')
    .replace(/\s+/g, ' ')
    .trim();
}

function asPattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Paths within this repository that a page links to or shows, from its root. */
export function findLinks(page: string): string[] {
  const text = readFileSync(page, 'utf8').replaceAll(/^```[\s\S]*?^```/gm, '');
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)|\b(?:src|srcset)="([^"]+)"/g)].map(
    ([, link, picture]) => link ?? picture ?? '',
  );
  return targets
    .filter((target) => !/^(https?:|#)/.test(target))
    .map((target) => posix.normalize(posix.join(posix.dirname(page), target.replace(/#.*$/, ''))))
    .map((path) => path.replace(/\/$/, ''));
}
