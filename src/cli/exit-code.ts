import { EnqueueError, RedisUnfitError, SettingsError } from '../shared/errors.js';
import { CloudCallError, InterruptedError, UsageError } from './cli-errors.js';

/** What a script can tell from `$?`. */
export const exitCodes = {
  done: 0,
  /** With --watch: some instances ended as dead letters. */
  someDeadLettered: 1,
  /** With doctor: something is at fault. */
  faultsFound: 1,
  /** With --until-quiet: new invocations kept coming. */
  notQuiet: 1,
  /** Bad usage, settings or input; nothing was done. */
  badInput: 2,
  /** Redis or the cloud cannot be reached or used. */
  outOfReach: 3,
  /** A fault of this program (EX_SOFTWARE of sysexits.h). */
  unexpected: 70,
  /** Interrupted from the terminal, as shells count it: 128 + SIGINT. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The exit code for a command that failed. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof UsageError || error instanceof SettingsError) return exitCodes.badInput;
  if (error instanceof InterruptedError) return exitCodes.interrupted;
  if (error instanceof CloudCallError) return error.isBadInput ? exitCodes.badInput : exitCodes.outOfReach;
  if (error instanceof RedisUnfitError) return exitCodes.outOfReach;
  if (!(error instanceof EnqueueError)) return exitCodes.unexpected;
  switch (error.code) {
    case 'INVALID_REQUEST':
    case 'IDEMPOTENCY_CONFLICT':
    case 'REQUEST_WITHDRAWN':
    case 'REQUEST_NOT_FOUND':
      return exitCodes.badInput;
    case 'REDIS_UNAVAILABLE':
    case 'REDIS_REFUSED':
    case 'DATA_DAMAGED':
      return exitCodes.outOfReach;
    case 'CLOSED':
      return exitCodes.unexpected;
  }
}
