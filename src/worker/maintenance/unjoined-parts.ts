import type { JobReader, Ledger, PoolLedger, RequestOutline } from '../../shared/ledger/index.js';
import type { Logger } from '../../shared/logger.js';
import type { PoolQueuer } from '../../shared/pool-queuer.js';

export interface UnjoinedPartsOptions {
  readonly ledger: Ledger;
  readonly pools: PoolLedger;
  readonly queuer: PoolQueuer;
  readonly jobReader: JobReader;
  readonly logger: Logger;
}

/** Time that a producer has for queueing what it had accepted. */
const unjoinedAfterMs = 5_000;
const requestsPerRound = 50;
const partsPerStep = 200;
const partsPerRound = 2_000;

/** Puts parts of requests into the pools of their invocations where they are in none. */
export class UnjoinedParts {
  #nextRequest = 0;
  #nextPosition = 0;

  constructor(private readonly options: UnjoinedPartsOptions) {}

  /** Requests whose producer died, or lost Redis, after they were accepted. */
  async joinForgotten(): Promise<void> {
    const { jobReader, ledger, logger } = this.options;
    for (const requestId of await jobReader.unqueuedRequests(unjoinedAfterMs, requestsPerRound)) {
      const outline = await jobReader.outline(requestId);
      if (outline !== undefined) await this.#joinAll(outline);
      await ledger.markJoined(requestId);
      logger.warn({ requestId }, 'work queued that its producer had not');
    }
  }

  /**
   * Goes through the unfinished requests piece by piece, so that a backlog of any size costs the same each time: a pool
   * that was removed by hand, or that an earlier version knew nothing of, is filled again.
   */
  async joinSome(): Promise<void> {
    const { jobReader, logger } = this.options;
    const requests = await jobReader.openRequests(this.#nextRequest, requestsPerRound);
    let looked = 0;
    let joined = 0;
    for (const requestId of requests) {
      if (looked >= partsPerRound) break;
      // Parts that are still on their way are not missing; those that nobody brings are found another way.
      const isUnqueued = await jobReader.isUnqueued(requestId);
      const parts = isUnqueued ? 0 : ((await jobReader.outline(requestId))?.jobs ?? 0);
      const to = Math.min(parts, this.#nextPosition + partsPerRound - looked);
      joined += await this.#join(requestId, this.#nextPosition, to);
      looked += Math.max(1, to - this.#nextPosition);
      if (to < parts) {
        this.#nextPosition = to;
        break;
      }
      this.#nextRequest += 1;
      this.#nextPosition = 0;
    }
    if (requests.length < requestsPerRound && looked < partsPerRound) this.#nextRequest = 0;
    if (joined > 0) logger.warn({ parts: joined }, 'parts of requests were in no pool: added');
  }

  async #joinAll(outline: RequestOutline): Promise<void> {
    const { jobReader, ledger } = this.options;
    const { requestId, sequence } = outline;
    for (let from = 0; from < outline.jobs; from += partsPerStep) {
      const to = Math.min(from + partsPerStep, outline.jobs);
      await this.#join(requestId, from, to);
      const parts = await jobReader.jobs(requestId, from, to);
      if (parts.length === 0) return; // fewer than their count says, if that was changed by hand
      await Promise.all(
        parts.map((part) => ledger.indexInstances(sequence, part.position, part.instanceIds ?? [])),
      );
    }
  }

  async #join(requestId: string, from: number, to: number): Promise<number> {
    const { pools, queuer } = this.options;
    let joined = 0;
    for (let at = from; at < to; at += partsPerStep) {
      joined += await pools.joinParts(requestId, at, Math.min(at + partsPerStep, to));
    }
    if (joined > 0) await queuer.addUnqueued();
    return joined;
  }
}
