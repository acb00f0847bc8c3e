import { isDamagedData } from '../shared/damaged-data.js';
import { EnqueueError } from '../shared/errors.js';
import { withoutPassword } from '../shared/redis-connection.js';

const refusals = /^(?:OOM|READONLY|NOPERM|NOAUTH|WRONGPASS|MISCONF|NOREPLICAS|LOADING)/;

/** For callers whose request may or may not have got through. */
export const repeatAdvice =
  ' Then repeat the request; with an idempotency key it is carried out once, even if the first try got through.';

/** Turns what Redis or its client says into an error that tells the caller what to do; `advice` is what to do after that. */
export function toEnqueueError(error: unknown, redisUrl: string, advice = ''): EnqueueError {
  if (error instanceof EnqueueError) return error;
  const said = error instanceof Error ? error.message.split('\n')[0] : String(error);
  if (said !== undefined && refusals.test(said)) {
    return new EnqueueError(
      'REDIS_REFUSED',
      `Redis at ${withoutPassword(redisUrl)} refuses: ${said}. Mend Redis.${advice}`,
      [],
      { cause: withoutCommand(error) },
    );
  }
  if (isDamagedData(error)) {
    return new EnqueueError(
      'DATA_DAMAGED',
      `What Redis at ${withoutPassword(redisUrl)} holds of this installation is damaged: ${said}. See what \`tat-cancel doctor\` says of it.`,
      [],
      { cause: withoutCommand(error) },
    );
  }
  return unavailable(redisUrl, said, error, advice);
}

export function unavailable(
  redisUrl: string,
  said = 'no answer in time',
  cause?: unknown,
  advice = '',
): EnqueueError {
  return new EnqueueError(
    'REDIS_UNAVAILABLE',
    `Redis at ${withoutPassword(redisUrl)} cannot be reached (${said}). Check that it runs and that REDIS_URL is right.${advice}`,
    [],
    cause === undefined ? {} : { cause: withoutCommand(cause) },
  );
}

/**
 * The client's errors carry the command that failed, arguments and all: that of a refused login holds the password, and
 * whoever logs our error with its cause would log that.
 */
function withoutCommand(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { code } = error as NodeJS.ErrnoException;
  const clean = new Error(error.message);
  clean.name = error.name;
  if (error.stack !== undefined) clean.stack = error.stack;
  return code === undefined ? clean : Object.assign(clean, { code });
}
