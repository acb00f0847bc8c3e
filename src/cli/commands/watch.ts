import type { Command } from 'commander';
import { CancelQueue } from '../../shared/cancel-queue.js';
import { type RedisClient, withoutPassword } from '../../shared/redis-connection.js';
import type { CliContext } from '../cli-context.js';
import { UsageError } from '../cli-errors.js';
import { type CliSettings, readCliSettings } from '../cli-settings.js';
import { currentUser } from '../dead-letters/report-result.js';
import type { ExitCode } from '../exit-code.js';
import { onDeadLetters } from '../open-dead-letters.js';
import { withRedis } from '../open-redis.js';
import { WatchApp } from '../overview/watch-app.js';
import { WatchFeed } from '../overview/watch-feed.js';

const closingHelp = `
Keys: q quits, p pauses or resumes (after a y). It needs a terminal; in scripts use tat-cancel queues --json.

Examples:
  $ tat-cancel watch`;

/** `tat-cancel watch`: the overview, live and over the whole terminal. */
export function addWatchCommand(parent: Command, context: CliContext): void {
  parent
    .command('watch')
    .addHelpText('after', closingHelp)
    .action(
      context.action(async (_options: object, command: Command): Promise<ExitCode> => {
        const settings = readCliSettings(context.environment, command);
        const { stdin, output, environment } = context;
        if (stdin.isTTY !== true || output.stdout.isTTY !== true || environment.TERM === 'dumb') {
          throw new UsageError(
            'tat-cancel watch needs a terminal. Use tat-cancel queues, with --json for programs.',
          );
        }
        return await withRedis(settings, (client) => watch(client, settings, context));
      }),
    );
}

async function watch(
  client: RedisClient,
  { redisUrl, queuePrefix }: CliSettings,
  context: CliContext,
): Promise<ExitCode> {
  const queue = new CancelQueue(client, queuePrefix);
  queue.queue.on('error', () => {}); // the feed tells when Redis is away
  try {
    return await onDeadLetters(client, queuePrefix, ({ store }) => {
      const feed = new WatchFeed(client, queuePrefix, store);
      return new WatchApp(context, {
        read: () => feed.read(),
        pause: (note) => queue.pause(note),
        resume: () => queue.resume(),
        place: `${withoutPassword(redisUrl)} ${queuePrefix}`,
        user: currentUser(),
      }).run();
    });
  } finally {
    await queue.close();
  }
}
