import type { Behaviour, InvocationSpec, Simulator } from '../../../src/simulator/index.js';
import type { RandomSource } from '../random-source.js';
import { type MixFeature, sourceFor } from './mix-features.js';
import type { MixPace } from './mix-pace.js';

export interface MixInvocation {
  readonly region: string;
  readonly invocationId: string;
  readonly instanceIds: readonly string[];
}

const regions = ['ap-singapore', 'ap-tokyo'] as const;
const sizes = [1, 1, 2, 7, 60, 99, 100, 101, 150, 200, 200] as const;
const endings = ['SUCCESS', 'FAILED', 'TIMEOUT'] as const;

/** Fills a simulated cloud: running, waiting and finished tasks, agents that miss the first cancel, agents that are gone. */
export class MixWorld {
  readonly #random: RandomSource;
  readonly #known: MixInvocation[] = [];
  readonly #deafShare: number;

  constructor(
    seed: number,
    private readonly simulator: Simulator,
    private readonly features: ReadonlySet<MixFeature>,
    private readonly pace: MixPace,
  ) {
    this.#random = sourceFor(seed, 'world');
    this.#deafShare = this.#random.pick([0, 0.02, 0.05, 0.1]);
  }

  /** Any of the invocations that there are, or a new one. */
  any(): MixInvocation {
    const isKnown = this.#known.length > 0 && this.#random.chance(0.4);
    return isKnown ? this.#random.pick(this.#known) : this.add();
  }

  add(size: number = this.#random.pick(sizes)): MixInvocation {
    const spec: InvocationSpec = {
      instances: size,
      region: this.#random.pick(regions),
      behaviour: this.#behaviour(),
      exceptions: Object.fromEntries(this.#exceptions(size)),
    };
    const added = this.simulator.addInvocation(spec);
    this.#known.push(added);
    return added;
  }

  #behaviour(): Behaviour {
    const drawn = this.#random.unit();
    const runMs = [0, 4_000 * this.pace.stretch] as const;
    if (drawn < 0.12) return 'pending';
    if (drawn < 0.25) return { runMs, ending: this.#random.pick(endings) };
    return { cancelMs: [0, 300] };
  }

  *#exceptions(size: number): Generator<[string, Behaviour]> {
    const hasGone = this.features.has('gone');
    for (let position = 0; position < size; position++) {
      const drawn = this.#random.unit();
      const ending = this.#random.pick(endings);
      const behaviour = exceptionFor(drawn, this.#deafShare, ending, hasGone);
      if (behaviour !== undefined) yield [String(position), behaviour];
    }
  }
}

/** Deaf ones from below, others from above, so that features leave the rest as it was. */
function exceptionFor(
  drawn: number,
  deafShare: number,
  ending: (typeof endings)[number],
  hasGone: boolean,
): Behaviour | undefined {
  if (drawn < deafShare) return { ignoredCancels: 1 };
  if (drawn > 0.96) return { runMs: 0, ending };
  if (hasGone && drawn > 0.945)
    return { cancelMs: 'never', ...(drawn > 0.955 ? { agentTimeoutMs: 500 } : {}) };
  return undefined;
}
