import { EnqueueError } from '../errors.js';

/** What became of one instance, or how far it got. */
export const instanceStates = [
  'waiting',
  'accepted',
  'cancelled',
  'terminated',
  'already-finished',
  'dead-lettered',
  'withdrawn',
] as const;
export type InstanceState = (typeof instanceStates)[number];

/** The letter that stands for one instance in the ledger. */
export type Letter = 'w' | 's' | 'a' | 'c' | 't' | 'S' | 'F' | 'T' | 'K' | 'D' | 'R' | 'd' | 'x';

/** Stands for an instance that a redrive has moved to another job of its request. It has no state here. */
export const movedLetter = 'm';

const stateOfLetter: Readonly<Record<Letter, InstanceState>> = {
  w: 'waiting',
  s: 'waiting',
  a: 'accepted',
  c: 'cancelled',
  t: 'terminated',
  S: 'already-finished',
  F: 'already-finished',
  T: 'already-finished',
  K: 'already-finished',
  D: 'already-finished',
  R: 'already-finished',
  d: 'dead-lettered',
  x: 'withdrawn',
};

const letterOfTaskStatus: Readonly<Record<string, Letter>> = {
  CANCELLED: 'c',
  TERMINATED: 't',
  SUCCESS: 'S',
  FAILED: 'F',
  TIMEOUT: 'T',
  TASK_TIMEOUT: 'K',
  DELIVER_FAILED: 'D',
  START_FAILED: 'R',
};

const taskStatusOfLetter = new Map(
  Object.entries(letterOfTaskStatus).map(([status, letter]) => [letter, status]),
);

/** @throws {EnqueueError} `DATA_DAMAGED` for a letter that is none */
export function stateOf(letter: string): InstanceState {
  if (Object.hasOwn(stateOfLetter, letter)) return stateOfLetter[letter as Letter];
  throw new EnqueueError('DATA_DAMAGED', `The ledger holds an unknown letter: ${JSON.stringify(letter)}.`);
}

/** The letter of a task that has come to its end; undefined while it can still change. */
export function letterOfFinalTaskStatus(status: string): Letter | undefined {
  return letterOfTaskStatus[status];
}

/** The cloud's task status behind a settled letter, where the read-back has seen one. */
export function taskStatusOf(letter: string): string | undefined {
  return taskStatusOfLetter.get(letter as Letter);
}
