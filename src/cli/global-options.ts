import type { Command } from 'commander';
import { UsageError } from './cli-errors.js';

interface GlobalOptions {
  readonly redisUrl?: string;
  readonly queuePrefix?: string;
}

/** The options that every command takes, before or after its name. */
export function addGlobalOptions(program: Command): void {
  program
    .option('--redis-url <url>', 'where Redis is (REDIS_URL; default redis://127.0.0.1:6379)')
    .option('--queue-prefix <prefix>', 'start of every key in Redis (QUEUE_PREFIX; default {tat-cancel})');
}

/** What the global options say, by the name of the setting. They beat the environment. */
export function globalFlags(command: Command): { redisUrl?: string; queuePrefix?: string } {
  const { redisUrl, queuePrefix } = command.optsWithGlobals<GlobalOptions>();
  if (redisUrl !== undefined && /^[^/]*\/\/[^/@]*:[^/@]+@/.test(redisUrl)) {
    throw new UsageError(
      '--redis-url must not hold a password: everybody on this machine can see arguments. Put the URL into REDIS_URL.',
    );
  }
  return {
    ...(redisUrl === undefined ? {} : { redisUrl }),
    ...(queuePrefix === undefined ? {} : { queuePrefix }),
  };
}
