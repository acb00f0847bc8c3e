import { type CancelProducer, EnqueueError, type RequestProgress } from '../../producer/index.js';
import type { CliContext } from '../cli-context.js';
import { InterruptedError } from '../cli-errors.js';
import type { CliSettings } from '../cli-settings.js';
import { type ExitCode, exitCodes } from '../exit-code.js';
import { withDeadLetters } from '../open-dead-letters.js';
import { withProducer } from '../open-producer.js';
import { countDeadLetterCodes } from './dead-letter-codes.js';
import { createProgress } from './progress.js';
import { readKnown } from './read-known.js';
import { describeOutcome } from './watch-summary.js';
import { addUp, type WatchedTotal } from './watched-total.js';

const lookEveryMs = 250;

/** A Redis that is away for longer ends the watch. */
const outagePatienceMs = 60_000;

/** What a watch ends with, for programs. */
export interface WatchedOutcome
  extends Pick<WatchedTotal, 'total' | 'counts' | 'calls' | 'acceptedAt'>,
    Partial<Pick<WatchedTotal, 'firstCallAt' | 'lastCallAt' | 'settledAt'>> {
  /** Dead instances by error code. */
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
): Promise<{ exitCode: ExitCode; outcome: WatchedOutcome; progresses: readonly RequestProgress[] }> {
  const progresses = await withProducer(settings, (producer) =>
    followUntilFinished(requestIds, producer, context),
  );
  const watched = addUp(progresses, context.clock.now());
  const hasDead = watched.counts['dead-lettered'] > 0;
  const codes = hasDead ? await readDeadLetterCodes(settings, requestIds) : [];
  if (print) context.output.print(describeOutcome(watched, codes));
  return {
    exitCode: hasDead ? exitCodes.someDeadLettered : exitCodes.done,
    outcome: { ...outcomeFacts(watched), deadLetterCodes: Object.fromEntries(codes) },
    progresses,
  };
}

function outcomeFacts(watched: WatchedTotal): Omit<WatchedOutcome, 'deadLetterCodes'> {
  const { total, counts, calls, acceptedAt, firstCallAt, lastCallAt, settledAt } = watched;
  return {
    ...{ total, counts, calls, acceptedAt },
    ...(firstCallAt === undefined ? {} : { firstCallAt }),
    ...(lastCallAt === undefined ? {} : { lastCallAt }),
    ...(settledAt === undefined ? {} : { settledAt }),
  };
}

async function followUntilFinished(
  requestIds: readonly string[],
  producer: CancelProducer,
  context: CliContext,
): Promise<readonly RequestProgress[]> {
  const { clock, output } = context;
  const signal = context.trapSignals();
  const display = createProgress(output, () => clock.now());
  let awaySince: number | undefined;
  try {
    for (;;) {
      if (signal.aborted) throw leftAlone(requestIds);
      try {
        const progresses = await Promise.all(requestIds.map((requestId) => readKnown(producer, requestId)));
        awaySince = undefined;
        const watched = addUp(progresses, clock.now());
        display.show(watched);
        if (watched.isFinished) return progresses;
      } catch (error) {
        if (!(error instanceof EnqueueError) || error.code !== 'REDIS_UNAVAILABLE') throw error;
        if (awaySince === undefined)
          output.say('Redis does not answer; still trying. The requests are safe.');
        awaySince ??= clock.now();
        if (clock.now() - awaySince > outagePatienceMs) throw error;
      }
      await clock.sleep(lookEveryMs, signal).catch(() => {}); // the signal is looked at above
    }
  } finally {
    display.stop();
  }
}

async function readDeadLetterCodes(
  settings: CliSettings,
  requestIds: readonly string[],
): Promise<[code: string, instances: number][]> {
  return await withDeadLetters(settings, ({ store }) => countDeadLetterCodes(store, requestIds));
}

function leftAlone(requestIds: readonly string[]): InterruptedError {
  const [first] = requestIds;
  const look = `look again with: tat-cancel status ${first} --watch`;
  return new InterruptedError(
    requestIds.length === 1
      ? `Stopped watching. Request ${first} goes on; ${look}`
      : `Stopped watching. All ${requestIds.length} requests go on; ${look}\n${requestIds.join('\n')}`,
  );
}
