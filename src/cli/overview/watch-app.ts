import type { PauseNote } from '../../shared/pause-state.js';
import type { CliContext } from '../cli-context.js';
import { type ExitCode, exitCodes } from '../exit-code.js';
import { tameText } from '../text-format.js';
import { Screen } from './screen.js';
import { paintLine } from './styled-line.js';
import { renderFrame, type WatchFrame } from './watch-view.js';

const frameEveryMs = 1_000;
const ctrlC = '\u0003';
const keysOfQuit: ReadonlySet<string> = new Set(['q', 'Q', ctrlC, '\u0004']);

export interface WatchAppDeps {
  readonly read: () => Promise<Partial<WatchFrame>>;
  readonly pause: (note: PauseNote) => Promise<void>;
  readonly resume: () => Promise<void>;
  readonly place: string;
  /** Who sits here, noted with a pause. */
  readonly user: string;
}

/** The live view: draws what the feed reads once a second, and does what keys say. */
export class WatchApp {
  readonly #screen: Screen;
  readonly #ended = new AbortController();
  #frame: WatchFrame;
  #exitCode: ExitCode = exitCodes.done;
  /** What `y` does now, after a key that wants to be confirmed. */
  #confirmed: (() => Promise<void>) | undefined;

  constructor(
    private readonly context: CliContext,
    private readonly deps: WatchAppDeps,
  ) {
    this.#screen = new Screen(context);
    this.#frame = { seconds: [], requests: [], deadLetterCodes: [], place: deps.place };
  }

  /** Resolves when somebody quits; leaves the terminal as it was, whatever happens. */
  async run(): Promise<ExitCode> {
    const interrupted = this.context.trapSignals();
    const onSignal = () => this.#end(exitCodes.interrupted);
    interrupted.addEventListener('abort', onSignal, { once: true });
    this.#screen.open({ onKey: (keys) => this.#onKeys(keys), onResize: () => this.#draw() });
    try {
      this.#draw();
      while (!this.#ended.signal.aborted && !interrupted.aborted) {
        // A Redis that does not answer must not hold up quitting.
        await Promise.race([this.#look(), this.#whenEnded()]);
        await this.context.clock.sleep(frameEveryMs, this.#ended.signal).catch(() => {}); // ended: the loop ends
      }
      return interrupted.aborted ? exitCodes.interrupted : this.#exitCode;
    } finally {
      interrupted.removeEventListener('abort', onSignal);
      this.#screen.close();
    }
  }

  async #look(): Promise<void> {
    try {
      this.#frame = { ...this.#frame, ...(await this.deps.read()), trouble: undefined };
    } catch (error) {
      this.#frame = { ...this.#frame, trouble: troubleOf(error) };
    }
    this.#draw();
  }

  #draw(): void {
    const { size } = this.#screen;
    const { output } = this.context;
    const lines = renderFrame(this.#frame, size);
    this.#screen.draw(
      lines.map((line) => paintLine(line, size.columns, (style, text) => output.paint(style, text))),
    );
  }

  /** Several keys may come at once. */
  #onKeys(keys: string): void {
    for (const key of keys) this.#onKey(key);
  }

  #onKey(key: string): void {
    const confirmed = this.#confirmed;
    this.#confirmed = undefined;
    if (confirmed !== undefined && key !== ctrlC) {
      this.#prompt(undefined);
      if (key === 'y' || key === 'Y') void this.#carryOut(confirmed);
      return;
    }
    if (keysOfQuit.has(key)) this.#end(key === ctrlC ? exitCodes.interrupted : exitCodes.done);
    else if (key === 'p' || key === 'P') this.#askToFlip();
  }

  #askToFlip(): void {
    const { overview } = this.#frame;
    if (overview === undefined) return;
    if (overview.paused === false) {
      this.#confirmed = () => this.deps.pause({ by: this.deps.user, reason: 'from tat-cancel watch' });
      this.#prompt('Pause all calls, whoever asked for them? y to confirm, any other key to go on');
    } else {
      this.#confirmed = () => this.deps.resume();
      this.#prompt('Resume calls? y to confirm, any other key to stay paused');
    }
  }

  async #carryOut(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      await this.#look();
    } catch (error) {
      this.#frame = { ...this.#frame, trouble: `That did not work: ${troubleOf(error)}` };
      this.#draw();
    }
  }

  #prompt(prompt: string | undefined): void {
    this.#frame = { ...this.#frame, prompt };
    this.#draw();
  }

  #end(exitCode: ExitCode): void {
    this.#exitCode = exitCode;
    this.#ended.abort();
  }

  async #whenEnded(): Promise<void> {
    const { signal } = this.#ended;
    if (signal.aborted) return;
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  }
}

function troubleOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return `Redis does not answer (${tameText(message).slice(0, 200)}); still trying. What is shown is from before.`;
}
