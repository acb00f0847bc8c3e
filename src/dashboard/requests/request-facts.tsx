import type { ReactNode } from 'react';
import type { RequestProgress } from '../api/answers.js';
import { countOf, formatCount, formatRate } from '../format/format-count.js';
import { formatDuration } from '../format/format-time.js';
import { useNow } from '../live/use-now.js';
import { isUnfinished } from '../parts/outcomes.js';
import { isDamaged } from './damage.js';
import { describeEta } from './eta.js';

const webhookWords = {
  waiting: 'will be sent at the end',
  delivered: 'was delivered',
  failed: 'could not be delivered',
} as const;

/** Pace, time to stop and the like, each with a name. */
export function RequestFacts({ progress }: { progress: RequestProgress }) {
  const now = useNow();
  const facts: [string, ReactNode][] = [
    ['Calls', describeCalls(progress)],
    ['Time to stop', describeTimeToStop(progress)],
    ['Proof', progress.confirm ? 'waits until the cloud shows the end' : 'not asked for'],
    ['Jobs', formatCount(progress.jobs)],
  ];
  if (isUnfinished(progress.state) && !isDamaged(progress)) {
    facts.unshift(['To go', describeEta(progress, now)]);
  }
  if (progress.webhook !== undefined) facts.push(['Notification', describeWebhook(progress.webhook)]);
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function describeCalls({ calls, callsPerSecond }: RequestProgress): string {
  if (calls === 0) return 'none yet';
  const rate = callsPerSecond === undefined ? '' : `, ${formatRate(callsPerSecond)} a second`;
  return `${formatCount(calls)}${rate}`;
}

function describeTimeToStop({ timeToStopMs, confirm }: RequestProgress): string {
  if (timeToStopMs === undefined) return confirm ? 'no proof yet' : 'not measured without proof';
  const { p50, p99 } = timeToStopMs;
  return `half within ${formatDuration(p50 / 1_000)}, 99 % within ${formatDuration(p99 / 1_000)}`;
}

function describeWebhook({
  url,
  state,
  attempts,
  error,
}: NonNullable<RequestProgress['webhook']>): ReactNode {
  return (
    <span className="breakable">
      {webhookWords[state]} to {url}
      {attempts > 0 && ` (${countOf(attempts, 'attempt')})`}
      {error !== undefined && `: ${error}`}
    </span>
  );
}
