import { setImmediate as turn } from 'node:timers/promises';

/** Work that can be interrupted at each `yield`. */
export type Steps<Result> = Generator<void, Result, void>;

/** Others in this process wait no longer than about this for their turn. */
const longestMs = 15;

/** Does it all at once. */
export function atOnce<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Does it with everybody else getting their turn in between. Small work is done at once. */
export async function inTurns<Result>(steps: Steps<Result>): Promise<Result> {
  let since = performance.now();
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    if (performance.now() - since < longestMs) continue;
    await turn();
    since = performance.now();
  }
}
