import { Presets, SingleBar } from 'cli-progress';
import type { HeldState } from '../../shared/held-state.js';
import type { Output } from '../output.js';
import { countOf, formatCount, formatDuration, tameText } from '../text-format.js';
import type { WatchedTotal } from './watched-total.js';

export interface ProgressNews {
  readonly total: WatchedTotal;
  readonly held: HeldState | undefined;
  readonly etaSeconds: number | null;
}

/** Shows how requests get on, on stderr. */
export interface Progress {
  show(news: ProgressNews): void;
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

  constructor(output: Output) {
    this.#bar = new SingleBar(
      {
        stream: output.stderr as NodeJS.WriteStream,
        format: '{bar} {percentage}% | {progress}',
        hideCursor: true,
        linewrap: false,
        barsize: 30,
      },
      Presets.shades_classic,
    );
  }

  show(news: ProgressNews): void {
    const { total, done } = news.total;
    const payload = { progress: describeProgress(news) };
    if (!this.#started) {
      this.#started = true;
      this.#bar.start(total, done, payload);
      return;
    }
    this.#bar.setTotal(total);
    this.#bar.update(done, payload);
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

  show(news: ProgressNews): void {
    const at = this.now();
    const text = describeProgress(news);
    if (this.#last !== undefined && at - this.#last.at < this.everyMs && !news.total.isFinished) return;
    if (text !== this.#last?.text) this.output.say(text);
    this.#last = { at, text };
  }

  stop(): void {}
}

function describeProgress({ total: watched, held, etaSeconds }: ProgressNews): string {
  const { total, done, counts, calls, isFinished } = watched;
  const parts = [`${formatCount(done)} of ${countOf(total, 'instance')}`, countOf(calls, 'call')];
  const unproved = counts.accepted > 0 && done < total;
  if (unproved) parts.push(`${formatCount(counts.accepted)} accepted, not yet seen to stop`);
  if (counts['dead-lettered'] > 0) parts.push(`${formatCount(counts['dead-lettered'])} dead-lettered`);
  if (held !== undefined) parts.push(`held: ${held.code} (${tameText(held.message).slice(0, 60)})`);
  else if (!isFinished && etaSeconds !== null && etaSeconds > 0) {
    parts.push(`${formatDuration(etaSeconds * 1_000)} or more to go`);
  }
  return parts.join(', ');
}
