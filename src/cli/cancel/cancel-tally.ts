import type { EnqueuedRequest } from '../../producer/index.js';
import type { TargetCounts } from '../targets/target-collection.js';
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

/** What a cancel command has done, or would do with --dry-run, on a few lines. */
export function describeTally(tally: CancelTally, targets: string, doubled: number, isPlan: boolean): string {
  const { requests, jobs } = tally;
  const size = `${targets} (${countOf(jobs, 'job')})`;
  const twice = doubled > 0 ? [`${countOf(doubled, 'target')} named more than once, taken once.`] : [];
  if (isPlan) {
    const split = requests.length === 1 ? '' : `, as ${requests.length} requests`;
    return [`Would enqueue the cancel of ${size}${split}. Nothing was enqueued.`, ...twice].join('\n');
  }
  const isNew = requests.some(({ duplicate }) => !duplicate);
  const headline = isNew
    ? `Cancel enqueued: ${size}.`
    : `Accepted before, with the same key and content: ${size}. Nothing was enqueued anew.`;
  return [headline, ...twice, listRequests(requests)].join('\n');
}

/** What a collection names, in words: a person shall see when a whole invocation is meant. */
export function describeTargets(counts: TargetCounts, onlyInvocation: string | undefined): string {
  const { instances, invocations, wholeInvocations: whole } = counts;
  const single = instances - whole;
  const parts = [
    ...(whole > 0
      ? [onlyInvocation === undefined ? countOf(whole, 'whole invocation') : 'whole invocation']
      : []),
    ...(single > 0 ? [countOf(single, 'instance')] : []),
  ];
  const text = parts.join(' and ');
  if (onlyInvocation !== undefined)
    return whole > 0 ? `${text} ${onlyInvocation}` : `${text} of ${onlyInvocation}`;
  return single > 0 ? `${text} of ${countOf(invocations - whole, 'invocation')}` : text;
}

function listRequests(requests: readonly EnqueuedRequest[]): string {
  if (requests.length === 1) return `Request ${requests[0]?.requestId}`;
  const rows = requests.map(({ requestId, instances, duplicate }) => [
    `  ${requestId}`,
    countOf(instances, 'instance'),
    duplicate ? 'accepted before' : '',
  ]);
  return `${countOf(requests.length, 'request')}:\n${formatTable(rows, [1])}`;
}
