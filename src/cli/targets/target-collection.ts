import type { Target } from '../../shared/schemas.js';

/** The instances asked for of one invocation. Most lists in a file of single instances are short, so one id needs no set. */
type Wanted = 'whole' | string | Set<string>;

/** Targets by region and invocation, each instance once. A whole invocation takes in the lists that it covers. */
export class TargetCollection {
  readonly #regions = new Map<string, Map<string, Wanted>>();
  /** Instances and whole invocations that were asked for more than once. */
  doubled = 0;

  add(region: string, invocationId: string, instanceIds: readonly string[] | undefined): void {
    let invocations = this.#regions.get(region);
    if (invocations === undefined) {
      invocations = new Map();
      this.#regions.set(region, invocations);
    }
    const known = invocations.get(invocationId);
    if (instanceIds === undefined || known === 'whole') {
      this.doubled +=
        known === undefined ? 0 : known === 'whole' ? (instanceIds?.length ?? 1) : sizeOf(known);
      invocations.set(invocationId, 'whole');
      return;
    }
    for (const id of instanceIds) this.#addInstance(invocations, invocationId, id);
  }

  /** In the order in which the invocations were first named, which makes the same file the same parts. */
  *targets(): Generator<Required<Pick<Target, 'region'>> & Target> {
    for (const [region, invocations] of this.#regions) {
      for (const [invocationId, wanted] of invocations) {
        yield wanted === 'whole'
          ? { region, invocationId }
          : { region, invocationId, instanceIds: typeof wanted === 'string' ? [wanted] : [...wanted] };
      }
    }
  }

  /** Instances, with a whole invocation counted as one. */
  get size(): number {
    let size = 0;
    for (const invocations of this.#regions.values()) {
      for (const wanted of invocations.values()) size += wanted === 'whole' ? 1 : sizeOf(wanted);
    }
    return size;
  }

  get wholeInvocations(): number {
    let count = 0;
    for (const invocations of this.#regions.values()) {
      for (const wanted of invocations.values()) count += wanted === 'whole' ? 1 : 0;
    }
    return count;
  }

  #addInstance(invocations: Map<string, Wanted>, invocationId: string, id: string): void {
    const known = invocations.get(invocationId);
    if (known === undefined) invocations.set(invocationId, id);
    else if (known === id) this.doubled += 1;
    else if (typeof known === 'string') invocations.set(invocationId, new Set([known, id]));
    else if (known.has(id)) this.doubled += 1;
    else known.add(id);
  }
}

function sizeOf(wanted: string | Set<string>): number {
  return typeof wanted === 'string' ? 1 : wanted.size;
}
