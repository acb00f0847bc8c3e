import type { CancelRequest } from '../../src/shared/schemas.js';
import type { InvocationSpec } from '../../src/simulator/index.js';
import type { FaultScene } from './fault-scene.js';
import type { RandomSource } from './random-source.js';
import { waitUntil } from './wait-until.js';

const behaviours = ['running', 'running', 'running', 'pending', 'finished'] as const;

type KnownInvocation = ReturnType<FaultScene['simulator']['addInvocation']>;

/** Requests as people and services make them, some for the same invocations, some with strangers among the ids. */
export class RandomWork {
  /** Ids asked for that are none of their invocation's: each ends as a dead letter. */
  strangers = 0;
  readonly #known: KnownInvocation[] = [];
  #keys = 0;

  constructor(
    private readonly scene: FaultScene,
    private readonly random: RandomSource,
  ) {}

  /** Hands in a request, however often that takes. */
  async askOnce(): Promise<void> {
    const { scene, random } = this;
    const request: CancelRequest = {
      targets: this.#targets(),
      priority: random.pick(['urgent', 'normal', 'low']),
      idempotencyKey: `${random.seed}-${this.#keys++}`,
      ...(random.chance(0.2) ? { confirm: false } : {}),
    };
    await waitUntil('the request is taken', () => scene.enqueue(request).catch(() => undefined), 60_000);
  }

  #targets(): CancelRequest['targets'] {
    const { random } = this;
    const chosen = new Set<KnownInvocation>();
    for (let targets = random.between(1, 4); targets > 0; targets--) {
      const isKnown = this.#known.length > 0 && random.chance(0.25);
      chosen.add(isKnown ? random.pick(this.#known) : this.#addInvocation());
    }
    return [...chosen].map(({ region, invocationId, instanceIds }) => {
      if (random.chance(0.2)) return { region, invocationId };
      const from = random.between(0, instanceIds.length - 1);
      const ids = instanceIds.slice(from, from + random.between(1, 150));
      const strangers = random.chance(0.2) ? ['ins-stranger1', 'ins-stranger2'] : [];
      this.strangers += strangers.length;
      return { region, invocationId, instanceIds: [...strangers, ...ids] };
    });
  }

  #addInvocation(): KnownInvocation {
    const { random, scene } = this;
    const spec: InvocationSpec = {
      instances: random.pick([1, 2, 7, 60, 130, 200]),
      region: random.pick(['ap-singapore', 'ap-tokyo']),
      behaviour: random.pick(behaviours),
    };
    const added = scene.simulator.addInvocation(spec);
    this.#known.push(added);
    return added;
  }
}
