import type { QueueOverview } from '../../shared/queue-overview.js';
import type { Output } from '../output.js';
import { countOf, formatCount, formatDuration, formatTable, tameText } from '../text-format.js';
import { findObstacles } from './obstacles.js';

const priorities = ['urgent', 'normal', 'low'] as const;

/** The overview as a few small tables, for people. */
export function describeOverview(overview: QueueOverview, output: Output): string {
  const obstacles = findObstacles(overview);
  const state =
    obstacles.length === 0
      ? [output.paint('green', 'At work: nothing stands in the way.')]
      : obstacles.flatMap(({ what, advice }) => [output.paint('red', what), `  ${advice}`]);
  return [
    ...state,
    '',
    describeWaiting(overview),
    '',
    describeFacts(overview),
    '',
    describeQueues(overview),
  ].join('\n');
}

function describeWaiting({ waiting }: QueueOverview): string {
  const rows = priorities.map((priority) => [
    priority,
    formatCount(waiting[priority].jobs),
    formatCount(waiting[priority].instances),
  ]);
  return formatTable([['WAITING', 'JOBS', 'INSTANCES'], ...rows], [1, 2]);
}

function describeFacts(overview: QueueOverview): string {
  const { refusals, unsettledRequests, oldestWaiting, workers, deadLetters } = overview;
  const oldest =
    oldestWaiting === null
      ? ''
      : `; the oldest that waits is ${tameText(oldestWaiting.requestId)}, for ${formatDuration(oldestWaiting.ageSeconds * 1_000)}`;
  return formatTable([
    ['Calls', describeRate(overview)],
    ['Refused', `${countOf(refusals.lastMinute, 'call')} for their rate in the last minute`],
    ['Requests', `${formatCount(unsettledRequests)} not settled${oldest}`],
    ['Workers', workers.length === 0 ? 'none' : describeWorkers(workers)],
    [
      'Dead letters',
      deadLetters === 0 ? '0' : `${formatCount(deadLetters)}: tat-cancel dead-letters list --group`,
    ],
  ]);
}

/** `18.9 a second of 20, 1,890 instances a second` */
export function describeRate({
  callsPerSecond,
  callsPerSecondLimit,
  instancesPerSecond,
}: Pick<QueueOverview, 'callsPerSecond' | 'callsPerSecondLimit' | 'instancesPerSecond'>): string {
  const limit = callsPerSecondLimit === null ? '' : ` of ${formatCount(callsPerSecondLimit)}`;
  return `${callsPerSecond.toFixed(1)} a second${limit}, ${formatCount(Math.round(instancesPerSecond))} instances a second`;
}

function describeWorkers(workers: QueueOverview['workers']): string {
  const each = workers.map(({ name, jobs }) => `${tameText(name)} with ${countOf(jobs, 'job')}`);
  return `${formatCount(workers.length)}: ${each.join(', ')}`;
}

function describeQueues({ queues }: QueueOverview): string {
  const rows = queues.map(({ name, waiting, prioritized, active, delayed, failed }) => [
    name,
    formatCount(waiting + prioritized),
    formatCount(active),
    formatCount(delayed),
    formatCount(failed),
  ]);
  return formatTable([['QUEUE', 'WAITING', 'ACTIVE', 'DELAYED', 'FAILED'], ...rows], [1, 2, 3, 4]);
}
