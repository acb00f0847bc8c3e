import type { Target } from '../../shared/schemas.js';

/** The instances asked for of one invocation. In a file of single instances most have one, and that needs no set. */
type Wanted = 'whole' | string | Set<string>;

/** How many targets a collection has taken in. */
export interface TargetCounts {
  /** Instances, each once, with a whole invocation counted as one. */
  readonly instances: number;
  readonly invocations: number;
  /** Of these, as a whole. */
  readonly wholeInvocations: number;
  /** Instances and whole invocations that were named again, or that a whole invocation covers. */
  readonly doubled: number;
}

/** Targets by region and invocation, each instance once. A whole invocation takes in the lists that it covers. */
export class TargetCollection {
  readonly #regions = new Map<string, Map<string, Wanted>>();
  #instances = 0;
  #invocations = 0;
  #whole = 0;
  #doubled = 0;

  add(region: string, invocationId: string, instanceIds: readonly string[] | undefined): void {
    let wanted = this.#regions.get(region);
    if (wanted === undefined) {
      wanted = new Map();
      this.#regions.set(region, wanted);
    }
    if (instanceIds === undefined) this.#addWhole(wanted, invocationId);
    else for (const id of instanceIds) this.#addInstance(wanted, invocationId, id);
  }

  /** Of all that was added, drained or not. */
  get counts(): TargetCounts {
    return {
      instances: this.#instances,
      invocations: this.#invocations,
      wholeInvocations: this.#whole,
      doubled: this.#doubled,
    };
  }

  /**
   * Takes the targets out, in the order in which their invocations were first named, which makes the same file the same
   * parts. What is taken out can be collected as garbage: a million instances and the requests made of them do not fit
   * into the memory that a small machine has to spare.
   */
  *drain(): Generator<Target> {
    for (const [region, invocations] of this.#regions) {
      for (const [invocationId, wanted] of invocations) {
        invocations.delete(invocationId);
        yield wanted === 'whole'
          ? { region, invocationId }
          : { region, invocationId, instanceIds: typeof wanted === 'string' ? [wanted] : [...wanted] };
      }
    }
  }

  #addWhole(invocations: Map<string, Wanted>, invocationId: string): void {
    const known = invocations.get(invocationId);
    if (known === 'whole') {
      this.#doubled += 1;
      return;
    }
    const covered = known === undefined ? 0 : typeof known === 'string' ? 1 : known.size;
    this.#doubled += covered;
    this.#instances += 1 - covered;
    this.#whole += 1;
    if (known === undefined) this.#invocations += 1;
    invocations.set(invocationId, 'whole');
  }

  #addInstance(invocations: Map<string, Wanted>, invocationId: string, id: string): void {
    const known = invocations.get(invocationId);
    if (known === 'whole' || known === id || (known instanceof Set && known.has(id))) {
      this.#doubled += 1;
      return;
    }
    this.#instances += 1;
    if (known instanceof Set) known.add(id);
    else if (known !== undefined) invocations.set(invocationId, new Set([known, id]));
    else {
      this.#invocations += 1;
      invocations.set(invocationId, id);
    }
  }
}
