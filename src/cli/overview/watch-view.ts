import type { CallSecond } from '../../shared/call-history.js';
import type { RequestStatus } from '../../shared/ledger/index.js';
import type { QueueOverview } from '../../shared/queue-overview.js';
import { countOf, formatCount, formatDuration, tameText } from '../text-format.js';
import { countDone } from '../watch/watched-total.js';
import { bar, sparkline } from './bars.js';
import { describeRate } from './describe-overview.js';
import { findObstacles } from './obstacles.js';
import { type Line, piece, wrapText } from './styled-line.js';

/** What one frame shows. */
export interface WatchFrame {
  /** Undefined until the first answer. */
  readonly overview?: QueueOverview | undefined;
  readonly seconds: readonly CallSecond[];
  /** The newest first. */
  readonly requests: readonly RequestStatus[];
  readonly deadLetterCodes: readonly { readonly code: string; readonly letters: number }[];
  /** What is in the way of knowing more, such as a Redis that does not answer. */
  readonly trouble?: string | undefined;
  /** What the last line asks or tells; else it names the keys. */
  readonly prompt?: string | undefined;
  /** Where the data comes from. */
  readonly place: string;
}

const priorities = ['urgent', 'normal', 'low'] as const;
const labelWidth = 13;

/** The lines of one frame, at most `rows`. Pure: the same frame gives the same lines. */
export function renderFrame(frame: WatchFrame, { columns, rows }: { columns: number; rows: number }): Line[] {
  const last: Line = [piece(` ${frame.prompt ?? 'q quit   p pause or resume'} `, 'inverse')];
  const { overview } = frame;
  if (overview === undefined) {
    const trouble: Line[] = frame.trouble === undefined ? [] : troubleLines(frame.trouble, columns);
    return [...[titleLine(frame), [], ...trouble].slice(0, rows - 1), last];
  }
  const body: Line[] = [
    titleLine(frame),
    ...(frame.trouble === undefined ? [] : troubleLines(frame.trouble, columns)),
    ...obstacleLines(overview, columns),
    [],
    ...rateLines(overview, frame.seconds, columns),
    ...waitingLines(overview, columns),
    workerLine(overview),
    deadLetterLine(overview, frame.deadLetterCodes),
    [],
  ];
  const requests = requestLines(frame.requests, columns);
  return [...[...body, ...requests].slice(0, Math.max(1, rows - 1)), last];
}

function titleLine({ overview, place }: WatchFrame): Line {
  const at = overview === undefined ? '' : `   ${overview.at.slice(0, 19).replace('T', ' ')} UTC`;
  return [piece('tat-cancel', 'bold'), piece(`${at}   ${tameText(place)}`, 'dim')];
}

function troubleLines(trouble: string, columns: number): Line[] {
  return wrapText(tameText(trouble), columns).map((text) => [piece(text, 'red')]);
}

function obstacleLines(overview: QueueOverview, columns: number): Line[] {
  const obstacles = findObstacles(overview);
  if (obstacles.length === 0) return [[piece('At work: nothing stands in the way.', 'green')]];
  return obstacles.flatMap(({ kind, what, advice }) => [
    ...wrapText(what, columns).map((text) => [
      piece(text, kind === 'slowed' || kind === 'limited' ? 'yellow' : 'red'),
    ]),
    ...wrapText(advice, columns - 2).map((text) => [piece(`  ${text}`)]),
  ]);
}

function rateLines(overview: QueueOverview, seconds: readonly CallSecond[], columns: number): Line[] {
  const width = Math.max(10, columns - labelWidth);
  const limit = overview.callsPerSecondLimit ?? Math.max(1, ...seconds.map(({ calls }) => calls));
  const barWidth = Math.min(30, width);
  const { lastMinute } = overview.refusals;
  return [
    [
      label('Calls'),
      piece(bar(overview.callsPerSecond / limit, barWidth), 'cyan'),
      piece(` ${describeRate(overview)}`),
      ...(lastMinute === 0
        ? []
        : [piece(`, ${countOf(lastMinute, 'call')} refused in the last minute`, 'yellow')]),
    ],
    [
      label(''),
      piece(
        sparkline(
          seconds.slice(-width).map(({ calls }) => calls),
          limit,
        ),
        'cyan',
      ),
    ],
  ];
}

function waitingLines({ waiting, oldestWaiting, unsettledRequests }: QueueOverview, columns: number): Line[] {
  const most = Math.max(1, ...priorities.map((priority) => waiting[priority].instances));
  const lines = priorities.map((priority, index): Line => {
    const { jobs, instances } = waiting[priority];
    const figures = `${formatCount(instances).padStart(11)} instances ${formatCount(jobs).padStart(9)} jobs `;
    const width = Math.max(0, Math.min(30, columns - labelWidth - 7 - figures.length));
    return [
      label(index === 0 ? 'Waiting' : ''),
      piece(priority.padEnd(7)),
      piece(figures, instances === 0 ? 'dim' : undefined),
      piece(bar(instances / most, width), 'yellow'),
    ];
  });
  const oldest =
    oldestWaiting === null
      ? ''
      : `, the oldest waits for ${formatDuration(oldestWaiting.ageSeconds * 1_000)}: ${tameText(oldestWaiting.requestId)}`;
  return [...lines, [label('Requests'), piece(`${formatCount(unsettledRequests)} not settled${oldest}`)]];
}

function workerLine({ workers }: QueueOverview): Line {
  const each = workers.map(({ name, jobs }) => `${tameText(name)} (${countOf(jobs, 'job')})`);
  return [label('Workers'), piece(workers.length === 0 ? 'none' : `${workers.length}: ${each.join(', ')}`)];
}

function deadLetterLine({ deadLetters }: QueueOverview, codes: WatchFrame['deadLetterCodes']): Line {
  if (deadLetters === 0) return [label('Dead letters'), piece('0', 'dim')];
  const each = codes.map(({ code, letters }) => `${tameText(code)} ${formatCount(letters)}`);
  return [label('Dead letters'), piece(`${formatCount(deadLetters)}: ${each.join(', ')}`, 'magenta')];
}

function requestLines(requests: readonly RequestStatus[], columns: number): Line[] {
  if (requests.length === 0) return [[piece('No requests.', 'dim')]];
  // An id that is cut cannot be used; the bar is what there may be no room for.
  const idWidth = Math.min(40, Math.max(7, ...requests.map(({ requestId }) => requestId.length)));
  const barWidth = Math.max(0, Math.min(20, columns - idWidth - 48));
  const head = `${'REQUEST'.padEnd(idWidth)}  ${'STATE'.padEnd(9)}  ${'SETTLED'.padEnd(barWidth + 6)}  ${'INSTANCES'.padStart(9)}  ${'DEAD'.padStart(6)}  BY · REASON`;
  return [[piece(head, 'dim')], ...requests.map((request) => requestLine(request, idWidth, barWidth))];
}

function requestLine(request: RequestStatus, idWidth: number, barWidth: number): Line {
  const { requestId, state, total, counts, label: name, requestedBy, reason } = request;
  const share = total === 0 ? 1 : countDone(request) / total;
  const percent = ` ${String(Math.floor(share * 100)).padStart(3)} %`;
  const dead = counts['dead-lettered'];
  const about = [name, requestedBy, reason].filter((text) => text !== undefined).join(' · ');
  const styles = { waiting: 'yellow', running: 'cyan', finished: 'green', withdrawn: 'gray' } as const;
  return [
    piece(`${tameText(requestId).slice(0, idWidth).padEnd(idWidth)}  `),
    piece(`${state.padEnd(9)}  `, styles[state]),
    piece(bar(share, barWidth), styles[state]),
    piece(`${percent}  ${formatCount(total).padStart(9)}  `),
    piece(formatCount(dead).padStart(6), dead === 0 ? 'dim' : 'magenta'),
    piece(`  ${tameText(about)}`),
  ];
}

function label(text: string) {
  return piece(text.padEnd(labelWidth), 'bold');
}
