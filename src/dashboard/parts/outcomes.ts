import type { InstanceState } from '../../shared/ledger/outcome.js';
import type { RequestStatus } from '../../shared/ledger/request-status.js';

export interface OutcomeWords {
  readonly state: InstanceState;
  /** Short, for legends and filters. */
  readonly label: string;
  /** A sentence about one instance. */
  readonly sentence: string;
}

/** In the order in which a bar shows them: what is done first, what is open last. */
export const outcomes: readonly OutcomeWords[] = [
  { state: 'cancelled', label: 'Cancelled', sentence: 'The command was cancelled before it ran.' },
  { state: 'terminated', label: 'Terminated', sentence: 'The command ran and was stopped.' },
  {
    state: 'already-finished',
    label: 'Had finished',
    sentence: 'The command had come to its end before it could be stopped.',
  },
  {
    state: 'dead-lettered',
    label: 'Dead-lettered',
    sentence: 'It could not be stopped; a dead letter says why.',
  },
  { state: 'withdrawn', label: 'Withdrawn', sentence: 'The request was taken back before a call was made.' },
  {
    state: 'accepted',
    label: 'Sent',
    sentence: 'The cloud took the call; whether the command stopped is not proved yet.',
  },
  { state: 'waiting', label: 'Waiting', sentence: 'No call was made for it yet.' },
];

const wordsOf = new Map(outcomes.map((words) => [words.state, words]));

export function outcomeWords(state: InstanceState): OutcomeWords {
  return wordsOf.get(state) ?? { state, label: state, sentence: '' };
}

const statusWords: Readonly<Record<string, string>> = {
  CANCELLED: 'was cancelled',
  TERMINATED: 'was terminated',
  SUCCESS: 'had succeeded',
  FAILED: 'had failed',
  TIMEOUT: 'had timed out',
  TASK_TIMEOUT: 'had timed out before it ran',
  DELIVER_FAILED: 'had not reached the instance',
  START_FAILED: 'had not started',
};

/** The cloud's own name for how a task ended, in words. */
export function taskStatusWords(status: string): string {
  return statusWords[status] ?? status;
}

/** What is needed of a request to count its instances. */
export type Tally = Pick<RequestStatus, 'counts' | 'total' | 'confirm' | 'settledAt'>;

/** Instances that have come to their end; without proof, that is when the cloud took the call. */
export function settledOf(tally: Tally): number {
  const { counts, total } = tally;
  return total - counts.waiting - (awaitsProof(tally) ? counts.accepted : 0);
}

/** The outcomes that some instance of the request has, with how many have it. */
export function presentOutcomes(tally: Tally): (OutcomeWords & { readonly count: number })[] {
  const words = awaitsProof(tally) ? outcomes : outcomes.map((each) => withoutProof.get(each.state) ?? each);
  return words.map((each) => ({ ...each, count: tally.counts[each.state] })).filter(({ count }) => count > 0);
}

const withoutProof = new Map<InstanceState, OutcomeWords>([
  [
    'accepted',
    {
      state: 'accepted',
      label: 'Sent, no proof asked for',
      sentence: 'The cloud took the call; whether the command stopped was not to be looked up.',
    },
  ],
]);

/** A worker may be set up to ask for no proof, so that a settled request can have instances without it, too. */
function awaitsProof({ confirm, settledAt }: Tally): boolean {
  return confirm && settledAt === undefined;
}

/** Whether news of the request may still come. */
export function isUnfinished(state: string): boolean {
  return state === 'waiting' || state === 'running';
}
