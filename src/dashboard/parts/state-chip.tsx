import type { RequestState } from '../../shared/ledger/request-status.js';

const words: Readonly<Record<RequestState, string>> = {
  waiting: 'Waiting',
  running: 'Running',
  finished: 'Finished',
  withdrawn: 'Withdrawn',
};

export function StateChip({ state }: { state: RequestState }) {
  return <span className={`chip state-${state}`}>{words[state]}</span>;
}
