import type { HeldState } from '../../shared/held-state.js';
import { instanceStates, type RequestStatus } from '../../shared/ledger/index.js';
import type { Output, Style } from '../output.js';
import { formatCount, formatDuration, formatTable, tameText } from '../text-format.js';

export interface ShownStatus {
  readonly status: RequestStatus;
  readonly held: HeldState | undefined;
  readonly etaSeconds: number | null;
}

const styleOfState: Readonly<Record<RequestStatus['state'], Style>> = {
  waiting: 'yellow',
  running: 'cyan',
  finished: 'green',
  withdrawn: 'gray',
};

/** A request on a few lines, for people. */
export function describeStatus({ status, held, etaSeconds }: ShownStatus, output: Output): string {
  const { state, counts } = status;
  const isOver = state === 'finished' || state === 'withdrawn';
  const facts = [
    ['Request', status.requestId],
    ['State', state],
    ['Priority', status.priority],
    ...(status.label === undefined ? [] : [['Label', tameText(status.label)]]),
    ...(status.reason === undefined ? [] : [['Reason', tameText(status.reason)]]),
    ...(status.requestedBy === undefined ? [] : [['Requested by', tameText(status.requestedBy)]]),
    ['Accepted', status.acceptedAt],
    ...(status.settledAt === undefined ? [] : [['Settled', status.settledAt]]),
    ['Calls', formatCount(status.calls)],
    ...(isOver || etaSeconds === null ? [] : [['To go', `${formatDuration(etaSeconds * 1_000)} or more`]]),
  ];
  const states = instanceStates
    .filter((name) => counts[name] > 0)
    .map((name) => [`  ${name}`, formatCount(counts[name])]);
  const text = [
    formatTable(facts),
    formatTable([['Instances', formatCount(status.total)], ...states], [1]),
    ...(held === undefined || isOver ? [] : [output.paint('red', describeHeld(held))]),
    ...(counts['dead-lettered'] === 0
      ? []
      : [`Why: tat-cancel dead-letters list --request ${status.requestId}`]),
  ].join('\n');
  return text.replace(/^(State {2,})(\w+)$/m, (_line, name: string, word: string) => {
    return name + output.paint(styleOfState[state], word);
  });
}

function describeHeld({ code, message, since, region }: HeldState): string {
  return `Held since ${new Date(since).toISOString()}: ${code} in ${region}. ${tameText(message)}\nNo calls are made until that is mended; nothing is lost meanwhile.`;
}
