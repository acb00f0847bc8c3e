import { Presets, SingleBar } from 'cli-progress';
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

  show(watched: WatchedTotal): void {
    const { total, done } = watched;
    const payload = { progress: describeProgress(watched) };
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

  show(watched: WatchedTotal): void {
    const at = this.now();
    const text = describeProgress(watched);
    if (this.#last !== undefined && at - this.#last.at < this.everyMs && !watched.isFinished) return;
    if (text !== this.#last?.text) this.output.say(text);
    this.#last = { at, text };
  }

  stop(): void {}
}

function describeProgress(watched: WatchedTotal): string {
  const { total, done, counts, calls, etaSeconds, overdueProofs, hindrance } = watched;
  const parts = [`${formatCount(done)} of ${countOf(total, 'instance')}`, countOf(calls, 'call')];
  if (counts.accepted > 0 && done < total && overdueProofs === 0) {
    parts.push(`${formatCount(counts.accepted)} accepted, not yet seen to stop`);
  }
  if (counts['dead-lettered'] > 0) parts.push(`${formatCount(counts['dead-lettered'])} dead-lettered`);
  if (hindrance !== undefined) parts.push(tameText(hindrance).slice(0, 120));
  else if (overdueProofs > 0) parts.push(describeOverdue(overdueProofs));
  else if (etaSeconds !== null) parts.push(`about ${formatDuration(etaSeconds * 1_000)} to go`);
  return parts.join(', ');
}
