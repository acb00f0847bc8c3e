import { EnqueueError } from '../../producer/index.js';
import { DeadLetterQueue } from '../../shared/dead-letter-queue.js';
import { HeldStateStore } from '../../shared/held-state.js';
import { type RequestStatus, RequestStatusReader } from '../../shared/ledger/index.js';
import type { CliContext } from '../cli-context.js';
import { InterruptedError } from '../cli-errors.js';
import type { CliSettings } from '../cli-settings.js';
import { type ExitCode, exitCodes } from '../exit-code.js';
import { type RedisAccess, withRedis } from '../redis-access.js';
import { countDeadLetterCodes } from './dead-letter-codes.js';
import { estimateEtaSeconds } from './estimate-eta.js';
import { createProgress, type Progress } from './progress.js';
import { describeOutcome } from './watch-summary.js';
import { addUp, type WatchedTotal } from './watched-total.js';

const lookEveryMs = 250;

/** A Redis that is away for longer ends the watch. */
const outagePatienceMs = 60_000;

/** What a watch ends with, for programs. */
export interface WatchedOutcome extends Omit<WatchedTotal, 'done' | 'isFinished'> {
  readonly deadLetterCodes: Readonly<Record<string, number>>;
}

/**
 * Shows how requests get on, as one, until every instance has its outcome; then prints the summary if asked to.
 * @throws {EnqueueError} `REQUEST_NOT_FOUND`, or when Redis stays away
 * @throws {InterruptedError} on a signal; the requests go on
 */
export async function watchRequests(
  requestIds: readonly string[],
  settings: CliSettings,
  context: CliContext,
  { print }: { print: boolean },
): Promise<{ exitCode: ExitCode; document: WatchedOutcome; statuses: readonly RequestStatus[] }> {
  const signal = context.trapSignals();
  const progress = createProgress(context.output, () => context.clock.now());
  return await withRedis(settings, async (access) => {
    let statuses: readonly RequestStatus[];
    try {
      statuses = await followUntilFinished(requestIds, { access, settings, context, progress, signal });
    } finally {
      progress.stop();
    }
    const { done: _done, isFinished: _isFinished, ...total } = addUp(statuses);
    const codes = total.counts['dead-lettered'] === 0 ? [] : await readDeadLetterCodes(access, requestIds);
    if (print) context.output.print(describeOutcome(addUp(statuses), codes));
    const exitCode = total.counts['dead-lettered'] > 0 ? exitCodes.someDeadLettered : exitCodes.done;
    return { exitCode, document: { ...total, deadLetterCodes: Object.fromEntries(codes) }, statuses };
  });
}

interface Watch {
  readonly access: RedisAccess;
  readonly settings: CliSettings;
  readonly context: CliContext;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

async function followUntilFinished(
  requestIds: readonly string[],
  { access, settings, context, progress, signal }: Watch,
): Promise<readonly RequestStatus[]> {
  const { clock, output } = context;
  const reader = new RequestStatusReader(access.client, access.prefix);
  const heldState = new HeldStateStore(access.client, access.prefix);
  let awaySince: number | undefined;
  for (;;) {
    if (signal.aborted) throw leftAlone(requestIds);
    try {
      const { statuses, held } = await access.ask(async () => ({
        statuses: await readStatuses(reader, requestIds),
        held: await heldState.read(),
      }));
      awaySince = undefined;
      const total = addUp(statuses);
      const { callsPerSecond } = settings;
      const etaSeconds = estimateEtaSeconds(total, { callsPerSecond, isHeld: held !== undefined });
      progress.show({ total, held, etaSeconds });
      if (total.isFinished) return statuses;
    } catch (error) {
      if (!(error instanceof EnqueueError) || error.code !== 'REDIS_UNAVAILABLE') throw error;
      if (awaySince === undefined)
        output.say('Redis does not answer; still trying. The requests are not affected.');
      awaySince ??= clock.now();
      if (clock.now() - awaySince > outagePatienceMs) throw error;
    }
    await clock.sleep(lookEveryMs, signal).catch(() => {}); // the signal is looked at above
  }
}

async function readStatuses(
  reader: RequestStatusReader,
  requestIds: readonly string[],
): Promise<RequestStatus[]> {
  return await Promise.all(
    requestIds.map(async (requestId) => known(requestId, await reader.read(requestId))),
  );
}

/** @throws {EnqueueError} `REQUEST_NOT_FOUND` */
export function known(requestId: string, status: RequestStatus | undefined): RequestStatus {
  if (status !== undefined) return status;
  throw new EnqueueError(
    'REQUEST_NOT_FOUND',
    `No request ${requestId} is known. Finished ones are kept for a time only; each installation has its own QUEUE_PREFIX.`,
  );
}

async function readDeadLetterCodes(access: RedisAccess, requestIds: readonly string[]) {
  const deadLetters = new DeadLetterQueue(access.client, access.prefix);
  deadLetters.queue.on('error', () => {}); // each question tells its caller
  try {
    return await access.ask(() => countDeadLetterCodes(deadLetters, requestIds));
  } finally {
    await deadLetters.close();
  }
}

function leftAlone(requestIds: readonly string[]): InterruptedError {
  const [first] = requestIds;
  const what =
    requestIds.length === 1 ? `Request ${first} goes on` : `All ${requestIds.length} requests go on`;
  return new InterruptedError(
    `Stopped watching. ${what}; look again with: tat-cancel status ${first} --watch`,
  );
}
