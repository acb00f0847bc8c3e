import { type Logger, type LoggerOptions, pino } from 'pino';
import type { LogLevel } from './log-levels.js';

export type { Logger } from 'pino';

const censored = [
  'secretId',
  'secretKey',
  'sessionToken',
  'token',
  'password',
  'authorization',
  'SecretId',
  'SecretKey',
  'Authorization',
  'CommandContent',
];

/** Structured logs on stderr, so that stdout stays free for results. Secrets are cut out by field name. */
export function createLogger(options: { level: LogLevel; name: string }): Logger {
  return pino(loggerOptions(options), pino.destination({ dest: 2, sync: true }));
}

/** Exported for tests, which send the lines elsewhere. */
export function loggerOptions({ level, name }: { level: LogLevel; name: string }): LoggerOptions {
  return {
    name,
    level,
    redact: {
      paths: [...censored, ...censored.map((field) => `*.${field}`)],
      censor: '[redacted]',
    },
    serializers: { err: serializeError },
  };
}

/**
 * A Redis error carries the whole command with its arguments, and errors of other libraries carry requests. So only
 * what names the error goes into the log.
 */
function serializeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { code } = error as { code?: unknown };
  return {
    type: error.name,
    message: withoutUserInfo(error.message),
    ...(typeof code === 'string' ? { code } : {}),
    ...(error.stack === undefined ? {} : { stack: withoutUserInfo(error.stack) }),
    ...(error.cause instanceof Error ? { cause: withoutUserInfo(error.cause.message) } : {}),
  };
}

/** Passwords in URLs have no place in a log. */
function withoutUserInfo(text: string): string {
  // Greedy: a password may hold an @ of its own.
  return text.replace(/(rediss?(?:\+\w+)?:\/\/)\S*@/g, '$1***@');
}
