import { EnqueueError } from '../../producer/index.js';
import { OverviewReader, type QueueOverview } from '../../shared/queue-overview.js';
import type { CliContext } from '../cli-context.js';
import type { CliSettings } from '../cli-settings.js';
import { withRedis } from '../open-redis.js';
import { countOf, formatDuration } from '../text-format.js';
import type { CancelTally } from './cancel-tally.js';

/** Whoever stops commands by hand can wait for so long without being told, in seconds. */
const patienceSeconds = 30;

/** Says on stderr that what was enqueued as normal will wait behind other work. One look at the queue. */
export async function adviseUrgency(
  tally: CancelTally,
  settings: CliSettings,
  { output }: CliContext,
): Promise<void> {
  const { queuePrefix: prefix } = settings;
  if (tally.requests.every(({ duplicate }) => duplicate)) return;
  try {
    const overview = await withRedis(settings, (client) => new OverviewReader({ client, prefix }).read());
    const advice = describeBacklog(overview, tally);
    if (advice !== undefined) output.say(advice);
  } catch (error) {
    // The requests are accepted; a Redis that has gone away since then is for the next command to tell.
    if (!(error instanceof EnqueueError)) throw error;
  }
}

/** Undefined when it is short, or when nobody works anyway. */
function describeBacklog(
  { waiting, pace, held, paused }: QueueOverview,
  own: CancelTally,
): string | undefined {
  if (pace === null || pace <= 0 || held !== null || paused !== false) return undefined;
  const ahead = (what: 'instances' | 'jobs') => waiting.urgent[what] + waiting.normal[what] - own[what];
  const seconds = ahead('jobs') / pace;
  if (seconds <= patienceSeconds || ahead('instances') <= 0) return undefined;
  const verb = ahead('instances') === 1 ? 'is' : 'are';
  return `${countOf(ahead('instances'), 'instance')} ${verb} ahead of these, for up to ${formatDuration(seconds * 1_000)}; --priority urgent goes first.`;
}
