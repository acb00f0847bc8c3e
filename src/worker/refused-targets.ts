import { Canaries } from './canaries.js';

/** So many invocations refused in a row: it may be the rights of the key, so none of them is given up any more. */
const refusalsThatPark = 3;
/** So many refused in a row: those that were not tried yet wait as well. */
const refusalsThatBlock = 100;
/** A target that was given up is refused for the same reason when its parts are asked about one by one. */
const condemnedMs = 60_000;
const mostRemembered = 10_000;
/** While nothing is accepted, the pauses between canaries grow to so many times the first. */
const longestPause = 3;
const untried = 'untried';
const refused = 'refused';

interface Refusal {
  at: number;
  condemned: boolean;
}

/**
 * Targets that the cloud refuses for want of rights, while others may be allowed. A refused target waits, and nobody waits
 * for it: it is refused for good when the cloud has accepted the cancel of another one since.
 */
export class RefusedTargets {
  readonly #refusals = new Map<string, Refusal>();
  readonly #inARow = new Set<string>();
  readonly #canaries = new Canaries();
  #acceptedSentAt = Number.NEGATIVE_INFINITY;
  #everyMs: number;

  /** `canaryEveryMs`: how soon the first of those that wait is tried again. */
  constructor(private readonly canaryEveryMs: number) {
    this.#everyMs = canaryEveryMs;
  }

  /** Whether the cloud has accepted any cancel yet. */
  get hasAccepted(): boolean {
    return this.#acceptedSentAt > Number.NEGATIVE_INFINITY;
  }

  /** How many targets wait. */
  get waiting(): number {
    let waiting = 0;
    for (const refusal of this.#refusals.values()) if (this.#waits(refusal)) waiting += 1;
    return waiting;
  }

  /** The cloud has refused it. True when that is the target's own fault, false when it waits. */
  refuse(target: string): boolean {
    this.#inARow.add(target);
    const now = performance.now();
    const known = this.#refusals.get(target);
    const isKnownBad = known?.condemned === true && now - known.at < condemnedMs;
    const otherAcceptedSince = known !== undefined && !known.condemned && !this.#waits(known);
    const isException = this.hasAccepted && this.#inARow.size < refusalsThatPark;
    const condemned = isKnownBad || otherAcceptedSince || isException;
    this.#refusals.delete(target); // so that the oldest stays first
    this.#refusals.set(target, { at: now, condemned });
    this.#canaries.end(refused, target);
    this.#canaries.end(untried, target);
    this.#forgetSome();
    return condemned;
  }

  /** `sentAt` as `performance.now()` tells it: what left before a refusal proves nothing about it. */
  noteAccepted(target: string, sentAt: number): void {
    this.#inARow.clear();
    this.#refusals.delete(target);
    this.#acceptedSentAt = Math.max(this.#acceptedSentAt, sentAt);
    this.#everyMs = this.canaryEveryMs;
    for (const group of [refused, untried]) this.#canaries.forget(group);
  }

  /** How long the target has to wait; 0 when it may be tried. */
  waitMs(target: string): number {
    const refusal = this.#refusals.get(target);
    if (refusal !== undefined) return this.#waits(refusal) ? this.#canaryWaitMs(refused, target) : 0;
    if (this.#inARow.size < refusalsThatBlock) return 0;
    return this.#canaryWaitMs(untried, target);
  }

  /** Whether it was refused lately, so that others go first. */
  has(target: string): boolean {
    return this.#refusals.has(target);
  }

  #waits({ at, condemned }: Refusal): boolean {
    return !condemned && this.#acceptedSentAt <= at;
  }

  #canaryWaitMs(group: string, target: string): number {
    const waitMs = this.#canaries.waitMs(group, target, this.#everyMs);
    if (waitMs === 0) this.#everyMs = Math.min(this.canaryEveryMs * longestPause, this.#everyMs * 1.5);
    return waitMs;
  }

  #forgetSome(): void {
    for (const target of this.#refusals.keys()) {
      if (this.#refusals.size <= mostRemembered) return;
      this.#refusals.delete(target);
    }
  }
}
