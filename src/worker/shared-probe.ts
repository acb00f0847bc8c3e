import type { BlockedStateStore } from '../shared/blocked-state.js';
import type { Failure } from '../shared/failure.js';

/** A probe that is not over by then was lost with its process. */
const longestMs = 6_000;

export interface SharedProbeOptions {
  readonly store: Pick<BlockedStateStore, 'mayProbe' | 'endProbe'>;
  /** A read call; its failure, or undefined when it succeeded. */
  readonly probe: (region: string) => Promise<Failure | undefined>;
  /** Shortest time from the end of a probe to the next one of any worker, in ms. */
  readonly probeEveryMs: number;
}

/** The one probe of all workers. */
export class SharedProbe {
  constructor(private readonly options: SharedProbeOptions) {}

  /** The failure of a read call, undefined when it succeeded, or that it is too soon for one. */
  async ask(region: string): Promise<Failure | undefined | 'not now'> {
    const { store, probe, probeEveryMs } = this.options;
    if (!(await store.mayProbe(probeEveryMs + longestMs))) return 'not now';
    try {
      return await probe(region);
    } finally {
      await store.endProbe(probeEveryMs);
    }
  }
}
