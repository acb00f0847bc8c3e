/** Who a notification goes to, and who asked for it. */
export interface Delivery {
  /** Host and port. */
  readonly host: string;
  readonly caller: string;
}

export interface PlaceLimits {
  readonly atOnce: number;
  readonly perCaller: number;
  readonly perHost: number;
  /** After so many failures in a row a host is left alone for a time. */
  readonly failuresUntilOpen: number;
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
}

export const defaultPlaceLimits: PlaceLimits = {
  atOnce: 20,
  perCaller: 6,
  perHost: 2,
  failuresUntilOpen: 3,
  firstPauseMs: 5_000,
  longestPauseMs: 5 * 60_000,
};

/** A notification is for now, or for later. */
export type Place = { readonly kind: 'free' } | { readonly kind: 'later'; readonly delayMs: number };

interface HostState {
  failures: number;
  /** Until when nobody knocks there; then one does. */
  closedUntil: number;
}

/** How long a delivery waits for a place that is taken. */
const takenDelayMs = 1_000;
/** Bounds the memory; hosts that were forgotten are new ones. */
const mostHosts = 10_000;

/**
 * Who may be told something now. Receivers that do not answer hold a place for as long as their time-out, so each host and
 * each caller has a few places only, and a host that keeps failing has none for a while: its circuit breaker is open.
 */
export class ReceiverPlaces {
  readonly #inUse = { hosts: new Map<string, number>(), callers: new Map<string, number>() };
  readonly #hosts = new Map<string, HostState>();
  #atOnce = 0;

  constructor(
    private readonly limits: PlaceLimits = defaultPlaceLimits,
    private readonly now: () => number = Date.now,
  ) {}

  /** Takes a place, if there is one; `leave` gives it back. */
  enter({ host, caller }: Delivery): Place {
    const state = this.#hosts.get(host);
    const isOpen = state !== undefined && state.failures >= this.limits.failuresUntilOpen;
    const hostPlaces = isOpen ? 1 : this.limits.perHost;
    if (isOpen && state.closedUntil > this.now()) return later(state.closedUntil - this.now());
    const { hosts, callers } = this.#inUse;
    const isTaken =
      this.#atOnce >= this.limits.atOnce ||
      (hosts.get(host) ?? 0) >= hostPlaces ||
      (callers.get(caller) ?? 0) >= this.limits.perCaller;
    if (isTaken) return later(takenDelayMs);
    this.#atOnce += 1;
    add(hosts, host, 1);
    add(callers, caller, 1);
    return { kind: 'free' };
  }

  leave({ host, caller }: Delivery, hasAnswered: boolean): void {
    this.#atOnce -= 1;
    add(this.#inUse.hosts, host, -1);
    add(this.#inUse.callers, caller, -1);
    if (hasAnswered) this.#hosts.delete(host);
    else this.#noteFailure(host);
  }

  #noteFailure(host: string): void {
    const { failuresUntilOpen, firstPauseMs, longestPauseMs } = this.limits;
    const failures = (this.#hosts.get(host)?.failures ?? 0) + 1;
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.max(0, failures - failuresUntilOpen));
    this.#hosts.delete(host);
    this.#hosts.set(host, { failures, closedUntil: this.now() + pauseMs });
    const [oldest] = this.#hosts.keys();
    if (this.#hosts.size > mostHosts && oldest !== undefined) this.#hosts.delete(oldest);
  }
}

function later(delayMs: number): Place {
  // At random, so that those who wait for the same place do not all come at the same moment.
  return { kind: 'later', delayMs: Math.round(delayMs * (1 + Math.random() / 2)) };
}

function add(counts: Map<string, number>, name: string, change: number): void {
  const count = (counts.get(name) ?? 0) + change;
  if (count > 0) counts.set(name, count);
  else counts.delete(name);
}
