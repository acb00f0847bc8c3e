import type { BlockedState } from './blocked-state.js';
import { judge } from './failure-table.js';

export interface BlockedWords {
  /** What waits. */
  readonly what: string;
  /** Why it waits. */
  readonly why: string;
  /** What a person does about it. */
  readonly advice: string;
}

/** A block in plain words, for every view. The message of the cloud is not among them. */
export function describeBlocked(state: BlockedState): BlockedWords {
  const { row } = judge(state.code, state.message);
  return { what: `${whatWaits(state)} blocked.`, why: row.meaning, advice: row.advice };
}

function whatWaits({ scope, region, accessPoint, targets = 1 }: BlockedState): string {
  switch (scope) {
    case 'access-point':
      return accessPoint === undefined ? 'All calls are' : `Calls to ${accessPoint} are`;
    case 'region':
      return `Calls for region ${region} are`;
    case 'targets':
      return targets === 1 ? 'One refused target is' : `${targets} refused targets are`;
    case 'everything':
      return 'All calls are';
  }
}
