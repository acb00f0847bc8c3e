/** A job that found no place comes back no sooner than that. */
const soonestMs = 1_000;

export interface PlacesOptions {
  /** Jobs that a worker holds at a time. */
  readonly most: number;
  /** Calls that an access point takes a second: no more of its jobs need to come back in that time. */
  readonly callsPerSecond: number;
}

interface Holder {
  /** Places by rank of the job: 0 for urgent. */
  readonly held: number[];
  /** When the next job of each rank comes back that found no place. */
  readonly nextReturnAt: number[];
}

/**
 * Shares the places of a worker out among access points. One that hangs or is throttled would take them all, for its jobs
 * never leave. So each has as many as are free at most: one alone half of them, two a third each. More urgent jobs do not see
 * those that are less so.
 */
export class Places {
  readonly #holders = new Map<string, Holder>();
  #total = 0;

  constructor(private readonly options: PlacesOptions) {}

  /** Takes a place, to be left by `leave`, and returns 0; or returns how long the job has to stay away. */
  take(accessPoint: string, rank: number): number {
    const holder = this.#holderOf(accessPoint);
    const ahead = holder.held.slice(0, rank + 1).reduce((sum, count) => sum + count, 0);
    const free = Math.max(0, this.options.most - this.#total);
    if (ahead >= Math.max(1, free)) return this.#awayMs(holder, rank);
    holder.held[rank] = (holder.held[rank] ?? 0) + 1;
    this.#total += 1;
    return 0;
  }

  leave(accessPoint: string, rank: number): void {
    const { held } = this.#holderOf(accessPoint);
    held[rank] = (held[rank] ?? 0) - 1;
    this.#total -= 1;
  }

  /** Jobs come back one after the other, as fast as they could be called: all at once, most would find no place again. */
  #awayMs(holder: Holder, rank: number): number {
    const now = performance.now();
    const next = Math.max(now + soonestMs, holder.nextReturnAt[rank] ?? 0);
    holder.nextReturnAt[rank] = next + 1_000 / this.options.callsPerSecond;
    return Math.ceil(next - now);
  }

  #holderOf(accessPoint: string): Holder {
    const known = this.#holders.get(accessPoint);
    if (known !== undefined) return known;
    const holder: Holder = { held: [0, 0, 0], nextReturnAt: [0, 0, 0] };
    this.#holders.set(accessPoint, holder);
    return holder;
  }
}
