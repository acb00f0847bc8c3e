import { createHash } from 'node:crypto';
import type { LimitedAction } from '../../worker/cloud-limiters.js';
import type { EnqueueMore } from '../cancel/carry-out.js';
import type { CliContext } from '../cli-context.js';
import { InterruptedError } from '../cli-errors.js';
import { type ExitCode, exitCodes } from '../exit-code.js';
import type { RequestFacts } from '../targets/split-into-requests.js';
import { TargetCollection } from '../targets/target-collection.js';
import { countOf, formatDuration } from '../text-format.js';
import { findInvocations } from './find-invocations.js';
import type { Selection } from './find-options.js';
import type { FindSettings } from './find-settings.js';
import { countInstances, type Findings, type FoundInvocation } from './found-invocation.js';
import { withCloud } from './open-cloud.js';

/** What is started in a burst follows within seconds; a search costs calls that read-backs need, too. */
const pauseMs = 5_000;

/** Whatever starts commands for longer than this has to be stopped itself. */
const patienceMs = 10 * 60_000;

const quietRoundsNeeded = 2;

export interface SearchRoundsDeps {
  readonly selection: Selection;
  readonly facts: RequestFacts;
  readonly key: string | undefined;
  readonly settings: FindSettings;
  readonly context: CliContext;
  readonly actions: readonly LimitedAction[];
}

/** Searches again and again, and has what is new cancelled, until nothing new is found any more. */
export class SearchRounds {
  readonly #covered = new Map<string, 'whole' | Set<string>>();
  readonly #found: FoundInvocation[] = [];
  #examined: number;
  #startedMeanwhile: number;
  #calls = 0;
  #rounds = 1;
  #quietRounds: number;

  /** `first` is what was found and enqueued already. */
  constructor(
    private readonly deps: SearchRoundsDeps,
    first: Findings,
  ) {
    this.#quietRounds = this.#take(first).length === 0 ? 1 : 0;
    this.#examined = first.examined;
    this.#startedMeanwhile = first.startedMeanwhile;
  }

  /** All that was found so far, each once. */
  get findings(): Findings {
    return {
      invocations: this.#found,
      examined: this.#examined,
      startedMeanwhile: this.#startedMeanwhile,
    };
  }

  /** Calls made in rounds after the first. */
  get calls(): number {
    return this.#calls;
  }

  get document(): object {
    return { rounds: this.#rounds, isQuiet: this.#isQuiet };
  }

  /**
   * Ends after two rounds in a row that found nothing new, or after ten minutes, which the exit code tells.
   * @throws {CloudCallError} when the cloud cannot be asked
   * @throws {InterruptedError} on a signal
   */
  async run(enqueue: EnqueueMore): Promise<ExitCode> {
    const { settings, context, actions } = this.deps;
    const { clock, output } = context;
    const signal = context.trapSignals();
    const endsAt = clock.now() + patienceMs;
    await withCloud(settings, clock, actions, async (cloud) => {
      while (!this.#isQuiet && clock.now() < endsAt) {
        await clock.sleep(pauseMs, signal).catch(() => {}); // the signal is looked at below
        if (signal.aborted) {
          throw new InterruptedError('Stopped searching. What was enqueued so far goes on.');
        }
        const before = cloud.calls;
        const findings = await findInvocations(cloud, settings.region, this.deps.selection, () => {});
        this.#calls += cloud.calls - before;
        await this.#takeRound(findings, enqueue);
      }
    });
    if (this.#isQuiet) {
      output.say(`Quiet: ${quietRoundsNeeded} searches in a row found nothing new.`);
      return exitCodes.done;
    }
    output.complain(
      `Not quiet after ${formatDuration(patienceMs)}: new invocations keep coming. Find out what starts them, and run the command again.`,
    );
    return exitCodes.notQuiet;
  }

  get #isQuiet(): boolean {
    return this.#quietRounds >= quietRoundsNeeded;
  }

  async #takeRound(findings: Findings, enqueue: EnqueueMore): Promise<void> {
    this.#rounds += 1;
    this.#examined = findings.examined;
    this.#startedMeanwhile = findings.startedMeanwhile;
    const fresh = this.#take(findings);
    // A list that grew while it was read may hide something new.
    this.#quietRounds = fresh.length === 0 && findings.startedMeanwhile === 0 ? this.#quietRounds + 1 : 0;
    if (fresh.length === 0) return;
    const { facts, key, context } = this.deps;
    const size = `${countOf(fresh.length, 'more unfinished invocation')} on ${countOf(countInstances(fresh), 'instance')}`;
    context.output.say(`Search ${this.#rounds} found ${size}.`);
    const targets = new TargetCollection();
    for (const { region, invocationId, instanceIds } of fresh) targets.add(region, invocationId, instanceIds);
    await enqueue({ targets, facts, key: key === undefined ? undefined : keyOfRound(key, fresh) });
  }

  /** Notes what was found, and tells what of it is new. */
  #take({ invocations }: Findings): FoundInvocation[] {
    const fresh = invocations.flatMap((found) => this.#takeOne(found));
    this.#found.push(...fresh);
    return fresh;
  }

  #takeOne(found: FoundInvocation): FoundInvocation[] {
    const { invocationId, instanceIds } = found;
    const covered = this.#covered.get(invocationId);
    if (covered === 'whole') return [];
    if (instanceIds === undefined) {
      this.#covered.set(invocationId, 'whole');
      return [found];
    }
    const known = covered ?? new Set<string>();
    this.#covered.set(invocationId, known);
    const fresh = instanceIds.filter((id) => !known.has(id));
    for (const id of fresh) known.add(id);
    if (fresh.length === 0) return [];
    return [{ ...found, instanceIds: fresh, unfinished: fresh.length }];
  }
}

/** The same command run again finds other things in its rounds: a key that only counted them would be refused. */
function keyOfRound(key: string, found: readonly FoundInvocation[]): string {
  const content = found.map(({ region, invocationId, instanceIds }) => [region, invocationId, instanceIds]);
  return `round-${createHash('sha256')
    .update(JSON.stringify([key, content]))
    .digest('hex')
    .slice(0, 40)}`;
}
