import type { EnqueuedRequest } from '../../producer/index.js';
import type { TargetCollection } from '../targets/target-collection.js';
import { countOf, formatTable } from '../text-format.js';

/** What a cancel command has enqueued, or would. */
export interface CancelTally {
  readonly requests: readonly EnqueuedRequest[];
  readonly instances: number;
  readonly jobs: number;
}

export function tallyOf(requests: readonly EnqueuedRequest[]): CancelTally {
  const sum = (field: 'instances' | 'jobs') => requests.reduce((total, request) => total + request[field], 0);
  return { requests, instances: sum('instances'), jobs: sum('jobs') };
}

export function describeTally(tally: CancelTally, targets: TargetCollection, isPlan: boolean): string {
  const { requests } = tally;
  const lines = [headline(tally, targets, isPlan)];
  if (targets.doubled > 0)
    lines.push(`${countOf(targets.doubled, 'target')} named more than once, taken once.`);
  if (isPlan) return lines.join('\n');
  if (requests.length === 1) lines.push(`Request ${requests[0]?.requestId}`);
  else {
    const rows = requests.map(({ requestId, instances, duplicate }) => [
      `  ${requestId}`,
      countOf(instances, 'instance'),
      duplicate ? 'accepted before' : '',
    ]);
    lines.push(`${countOf(requests.length, 'request')}:`, formatTable(rows, [1]));
  }
  if (requests.length > 0 && requests.every(({ duplicate }) => duplicate)) {
    lines.push('All of it was accepted before, with the same key and content: nothing was enqueued anew.');
  }
  return lines.join('\n');
}

function headline(
  { requests, instances, jobs }: CancelTally,
  targets: TargetCollection,
  isPlan: boolean,
): string {
  const whole = targets.wholeInvocations;
  const what = [
    ...(whole > 0 ? [whole === 1 ? 'a whole invocation' : `${countOf(whole, 'whole invocation')}`] : []),
    ...(instances > whole ? [countOf(instances - whole, 'instance')] : []),
  ].join(' and ');
  const size = `${what} in ${countOf(jobs, 'job')}`;
  if (!isPlan) return `Cancel of ${size} enqueued.`;
  const split = requests.length === 1 ? '' : `, ${requests.length} requests`;
  return `Would enqueue the cancel of ${size}${split}. Nothing was enqueued (--dry-run).`;
}
