import type { Flight, Ledger, LedgerMove } from '../shared/ledger/index.js';

/** Writes down in the ledger what one flight brings. */
export class FlightLog {
  #calls = 0;
  #sentAt = 0;
  #heldSinceMs: number;

  constructor(
    private readonly ledger: Ledger,
    private readonly flight: Flight,
    private leaseMs: number,
  ) {
    this.#heldSinceMs = flight.claimedAtMs;
  }

  /**
   * Whether what the flight carries is certain to be this worker's for so long from now. A worker that stood still
   * (stopped, starved, cut off from Redis) may have lost it to others, who have sent it by now.
   */
  holdsFor(durationMs: number): boolean {
    return performance.now() - this.#heldSinceMs <= this.leaseMs - durationMs;
  }

  /** Prolongs the claim, each time for longer, as permits may be slow to come; false when it was lost. */
  async renew(): Promise<boolean> {
    this.leaseMs *= 2;
    return (await this.#settle([], false)).claimWasOpen;
  }

  /** Makes sure that the claim lasts for so long; what has lost it already is for others to carry. */
  async keepFor(durationMs: number): Promise<void> {
    this.leaseMs = Math.max(this.leaseMs, durationMs);
    await this.#settle([], false);
  }

  countCall(sentAt: number): void {
    this.#calls += 1;
    this.#sentAt = sentAt;
  }

  /** `landed` ends the flight; until then its claim is prolonged. Returns whether a dead letter was written. */
  async write(moves: readonly LedgerMove[], landed: boolean): Promise<boolean> {
    const { jobs } = await this.#settle(moves, landed);
    this.#calls = 0;
    return jobs.some((job, index) => moves[index]?.kind === 'bury' && job.moved > 0);
  }

  async #settle(moves: readonly LedgerMove[], landed: boolean) {
    const reportedAtMs = performance.now();
    const report = await this.ledger.settle({
      callId: this.flight.callId,
      landed,
      leaseMs: this.leaseMs,
      calls: this.#calls,
      sentAt: this.#sentAt,
      moves,
    });
    this.#heldSinceMs = reportedAtMs;
    return report;
  }
}
