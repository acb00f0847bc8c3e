import type { DeadLetterGroup } from '../../shared/dead-letters/index.js';
import { judge } from '../../shared/failure-table.js';
import { formatCount, formatTable, tameText } from '../text-format.js';

/** Groups as a table, with the meaning of each code and what to do about it. */
export function describeGroups(groups: readonly DeadLetterGroup[]): string {
  if (groups.length === 0) return 'No dead letters.';
  const rows = groups.map(({ code, letters, instances, firstDeadAt, lastDeadAt }) => [
    tameText(code),
    formatCount(letters),
    formatCount(instances),
    firstDeadAt,
    lastDeadAt,
  ]);
  const head = ['CODE', 'LETTERS', 'INSTANCES', 'FIRST', 'LAST'];
  const advice = groups.flatMap(({ code, examples }) => {
    const { row } = judge(code);
    const example = examples.at(-1);
    return [
      '',
      `${tameText(code)}: ${row.meaning}`,
      `  What to do: ${row.advice}`,
      ...(example === undefined ? [] : [`  For example: tat-cancel dead-letters show ${example.id}`]),
    ];
  });
  return [formatTable([head, ...rows], [1, 2]), ...advice].join('\n');
}
