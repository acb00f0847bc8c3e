import type { Identifiers } from './identifiers.js';

/** When an invoker starts its command. */
export type InvokerSchedule =
  | { readonly policy: 'ONCE'; readonly invokeTime: string }
  | { readonly policy: 'RECURRENCE'; readonly recurrence: string };

/** What to make an invoker of. Whatever is left out is made up. */
export interface InvokerSpec {
  readonly region?: string;
  readonly invokerId?: string;
  readonly name?: string;
  readonly commandId?: string;
  readonly instanceIds?: readonly string[];
  /** Default true. */
  readonly enabled?: boolean;
  /** Default every five minutes. */
  readonly schedule?: InvokerSchedule;
}

export interface InvokerFacts {
  readonly number: number;
  readonly region: string;
  readonly invokerId: string;
  readonly name: string;
  readonly commandId: string;
  readonly instanceIds: readonly string[];
  readonly schedule: InvokerSchedule;
  readonly createdAtMs: number;
}

export interface InvokerRecord {
  readonly invocationId: string;
  readonly invokedAtMs: number;
}

/** A schedule that starts a command. It never fires by itself: a test says when, with `World.invoke`. */
export class SimulatedInvoker {
  readonly records: InvokerRecord[] = [];
  #enabled: boolean;
  #updatedAtMs: number;

  constructor(
    readonly facts: InvokerFacts,
    enabled: boolean,
  ) {
    this.#enabled = enabled;
    this.#updatedAtMs = facts.createdAtMs;
  }

  get enabled(): boolean {
    return this.#enabled;
  }

  get updatedAtMs(): number {
    return this.#updatedAtMs;
  }

  disable(nowMs: number): void {
    if (this.#enabled) this.#updatedAtMs = nowMs;
    this.#enabled = false;
  }
}

/** All invokers of the simulated cloud, with the invocations that they started. */
export class Invokers {
  readonly #byId = new Map<string, SimulatedInvoker>();

  constructor(
    private readonly identifiers: Identifiers,
    private readonly defaultRegion: string,
  ) {}

  /** Throws a RangeError for an id that is taken. */
  add(spec: InvokerSpec, nowMs: number): SimulatedInvoker {
    const number = this.#byId.size;
    const invokerId = spec.invokerId ?? this.identifiers.invokerId(number);
    if (this.#byId.has(invokerId)) throw new RangeError(`invoker ${invokerId} exists already`);
    const facts: InvokerFacts = {
      number,
      region: spec.region ?? this.defaultRegion,
      invokerId,
      name: spec.name ?? `simulated-invoker-${number + 1}`,
      commandId: spec.commandId ?? this.identifiers.commandId(number),
      instanceIds: spec.instanceIds ?? [],
      schedule: spec.schedule ?? { policy: 'RECURRENCE', recurrence: '*/5 * * * *' },
      createdAtMs: nowMs,
    };
    const invoker = new SimulatedInvoker(facts, spec.enabled ?? true);
    this.#byId.set(invokerId, invoker);
    return invoker;
  }

  /** The invoker of that id, wherever it lives. Throws a RangeError for one that was never added. */
  get(invokerId: string): SimulatedInvoker {
    const invoker = this.#byId.get(invokerId);
    if (invoker === undefined) throw new RangeError(`there is no invoker ${invokerId}`);
    return invoker;
  }

  /** The invoker of that id, if it lives in that region. */
  find(region: string, invokerId: string): SimulatedInvoker | undefined {
    const invoker = this.#byId.get(invokerId);
    return invoker?.facts.region === region ? invoker : undefined;
  }

  /** Those of one region, in order of creation. */
  of(region: string): SimulatedInvoker[] {
    return [...this.#byId.values()].filter(({ facts }) => facts.region === region);
  }
}
