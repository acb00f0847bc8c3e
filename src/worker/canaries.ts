/** How long a canary may be under way before another one goes in its place. */
const lastsMs = 15_000;
/** Blocked work comes back within so many pauses after the next canary is due, at different times. */
const spread = 4 / 3;
/** Jobs that stay away for longer, though the ledger has work for them, are taken for lost. */
const longestMs = 8_000;

interface Canary {
  target: string;
  until: number;
  nextAt: number;
}

/**
 * Lets one target of each blocked group through from time to time, to see whether it is still blocked. All others are
 * told when to ask again, so that blocked work holds no place meanwhile.
 */
export class Canaries {
  readonly #canaries = new Map<string, Canary>();

  /** How long the target has to wait; 0 when it is its group's canary, now or already. */
  waitMs(group: string, target: string, everyMs: number): number {
    const now = performance.now();
    const canary = this.#canaries.get(group) ?? { target: '', until: 0, nextAt: now + everyMs };
    this.#canaries.set(group, canary);
    if (canary.target === target && now < canary.until) return 0;
    if (now < canary.nextAt) {
      return Math.ceil(Math.min(longestMs, canary.nextAt - now + Math.random() * everyMs * spread));
    }
    canary.target = target;
    canary.until = now + lastsMs;
    canary.nextAt = now + everyMs;
    return 0;
  }

  /** It has come back: until the next one is due, its group waits. */
  end(group: string, target: string): void {
    const canary = this.#canaries.get(group);
    if (canary?.target === target) canary.until = 0;
  }

  forget(group: string): void {
    this.#canaries.delete(group);
  }
}
