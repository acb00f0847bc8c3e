import type { Finding } from './finding.js';

const head = ['bench', 'what', 'who', 'measured', 'target', '', 'note'];

/** Aligned columns, one line per finding. */
export function formatFindings(findings: readonly (Finding & { bench: string })[]): string {
  const rows = findings.map(({ bench, what, who, measured, target = '', isMet, note = '' }) => [
    bench,
    what,
    who,
    measured,
    target,
    isMet === undefined ? '' : isMet ? 'ok' : 'MISSED',
    note,
  ]);
  const all = [head, ...rows];
  const widths = head.map((_title, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
