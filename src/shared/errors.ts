/** Something is wrong with what was asked for or set, found at `path` (`targets[3].instanceIds[7]`, `line 12`). */
export interface Problem {
  readonly path: string;
  readonly message: string;
}

/** Whoever has more than these wrong has one thing wrong, many times; looking further would keep others waiting. */
export const mostProblems = 100;

/** Comes last where there is more to tell. */
export const moreProblems: Problem = { path: 'request', message: 'has more problems than these' };

export function limitProblems(problems: readonly Problem[]): readonly Problem[] {
  return problems.length <= mostProblems + 1 ? problems : [...problems.slice(0, mostProblems), moreProblems];
}

/** One or more settings are missing, malformed, out of bounds or unknown. Lists every problem at once. */
export class SettingsError extends Error {
  readonly code = 'SETTINGS_INVALID';
  override readonly name = 'SettingsError';

  constructor(readonly problems: readonly Problem[]) {
    super(`Settings are not usable:\n${listProblems(problems)}`);
  }
}

export type EnqueueErrorCode =
  /** The request itself is wrong; `problems` says where. Nothing was enqueued. */
  | 'INVALID_REQUEST'
  /** The idempotency key was used before, for other content. Nothing was enqueued. */
  | 'IDEMPOTENCY_CONFLICT'
  /** The request with this idempotency key was taken back: nothing of it will be done. Nothing was enqueued. */
  | 'REQUEST_WITHDRAWN'
  /** Redis did not answer in time. Repeat with the same idempotency key: it is carried out once in any case. */
  | 'REDIS_UNAVAILABLE'
  /** Redis answered, but cannot take the request (out of memory, read-only, missing rights). */
  | 'REDIS_REFUSED'
  /** What Redis holds of this installation does not fit together: somebody changed it by hand. */
  | 'DATA_DAMAGED'
  /** No request with this id is known. */
  | 'REQUEST_NOT_FOUND'
  /** The producer was closed. */
  | 'CLOSED';

/** Why the producer could not do what it was asked for. `message` says what to do next. */
export class EnqueueError extends Error {
  override readonly name = 'EnqueueError';

  constructor(
    readonly code: EnqueueErrorCode,
    message: string,
    readonly problems: readonly Problem[] = [],
    options?: ErrorOptions,
  ) {
    super(problems.length === 0 ? message : `${message}\n${listProblems(problems)}`, options);
  }
}

/** Redis answers but must not be used as it is set up. */
export class RedisUnfitError extends Error {
  readonly code = 'REDIS_UNFIT';
  override readonly name = 'RedisUnfitError';
}

function listProblems(problems: readonly Problem[]): string {
  return problems.map(({ path, message }) => `  ${path}: ${message}`).join('\n');
}
