import { Presets, SingleBar } from 'cli-progress';
import stringWidth from 'string-width';
import type { Output } from '../output.js';
import { countOf, formatCount, formatDuration, tameText } from '../text-format.js';
import { describeOverdue } from './describe-status.js';
import type { WatchedTotal } from './watched-total.js';

/** Shows how requests get on, on stderr. */
export interface Progress {
  show(watched: WatchedTotal): void;
  /** Leaves the last state on the screen and the cursor on a new line. Safe to call twice. */
  stop(): void;
}

/** A bar where somebody looks at a terminal, else a line at most every `lineEveryMs`. */
export function createProgress(output: Output, now: () => number, lineEveryMs = 5_000): Progress {
  return output.isLive ? new ProgressBar(output) : new ProgressLines(output, now, lineEveryMs);
}

class ProgressBar implements Progress {
  readonly #bar: SingleBar;
  #started = false;

  constructor(private readonly output: Output) {
    this.#bar = new SingleBar(
      {
        stream: output.stderr as NodeJS.WriteStream,
        format: '{bar} {percentage}% | {progress}',
        hideCursor: true,
        linewrap: false,
        barsize: barWidthOf(output),
      },
      Presets.shades_classic,
    );
  }

  show(watched: WatchedTotal): void {
    const { total, done } = watched;
    const payload = { progress: describeProgress(watched, this.#textWidth) };
    if (!this.#started) {
      this.#started = true;
      this.#bar.start(total, done, payload);
      return;
    }
    this.#bar.setTotal(total);
    this.#bar.update(done, payload);
  }

  /** What bar and percentage leave of the line. */
  get #textWidth(): number {
    return columnsOf(this.output) - barWidthOf(this.output) - ' 100% | '.length - 1;
  }

  stop(): void {
    if (this.#started) this.#bar.stop();
    this.#started = false;
  }
}

class ProgressLines implements Progress {
  #last: { at: number; text: string } | undefined;

  constructor(
    private readonly output: Output,
    private readonly now: () => number,
    private readonly everyMs: number,
  ) {}

  show(watched: WatchedTotal): void {
    const at = this.now();
    const text = describeProgress(watched);
    if (this.#last !== undefined && at - this.#last.at < this.everyMs && !watched.isFinished) return;
    if (text !== this.#last?.text) this.output.say(text);
    this.#last = { at, text };
  }

  stop(): void {}
}

/** As many parts as have room, those that matter most before the others; all of them without a width. */
function describeProgress(watched: WatchedTotal, width = Number.POSITIVE_INFINITY): string {
  const parts = partsOf(watched);
  const text = (most: number) =>
    parts
      .filter(({ importance }) => importance <= most)
      .map((part) => part.text)
      .join(', ');
  for (let most = leastImportant; most > 0; most -= 1) {
    if (stringWidth(text(most)) <= width) return text(most);
  }
  return text(0);
}

const leastImportant = 4;

/** In the order in which they are read; 0 is shown in any case. */
function partsOf(watched: WatchedTotal): { readonly text: string; readonly importance: number }[] {
  const { total, done, counts, calls, etaSeconds, overdueProofs, hindrance } = watched;
  const dead = counts['dead-lettered'];
  const parts = [
    { text: `${formatCount(done)} of ${countOf(total, 'instance')}`, importance: 0 },
    { text: countOf(calls, 'call'), importance: 3 },
  ];
  if (counts.accepted > 0 && done < total && overdueProofs === 0) {
    parts.push({ text: `${formatCount(counts.accepted)} accepted, not yet seen to stop`, importance: 4 });
  }
  if (dead > 0) parts.push({ text: `${formatCount(dead)} dead-lettered`, importance: 2 });
  if (hindrance !== undefined) parts.push({ text: tameText(hindrance).slice(0, 120), importance: 1 });
  else if (overdueProofs > 0) parts.push({ text: describeOverdue(overdueProofs), importance: 1 });
  else if (etaSeconds !== null) {
    parts.push({ text: `about ${formatDuration(etaSeconds * 1_000)} to go`, importance: 1 });
  }
  return parts;
}

function columnsOf(output: Output): number {
  return output.stderr.columns || 80;
}

function barWidthOf(output: Output): number {
  return columnsOf(output) >= 120 ? 30 : 10;
}
