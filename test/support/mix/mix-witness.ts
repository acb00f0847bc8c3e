import type { CancelProducer, InstanceRecord } from '../../../src/producer/index.js';
import type { MixLetter, MixOperator, MixResult } from './mix-operator.js';
import type { MixAsk } from './mix-plan.js';

/** A request on its way. Times by `performance.now()`. */
export interface MixRequest {
  readonly ask: MixAsk;
  requestId?: string;
  /** Somebody began to take it back. */
  withdrawnFromMs?: number;
  /** The answer was there. */
  withdrawnAtMs?: number;
}

const finals: ReadonlySet<string> = new Set(['cancelled', 'terminated', 'already-finished', 'withdrawn']);
/** Watches what the outside is told while it happens, and remembers what must stay true. */
export class MixWitness {
  readonly #violations = new Map<string, { readonly first: string; readonly all: Set<string> }>();
  /** Every dead letter that was ever seen, by id. */
  readonly letters = new Map<string, MixLetter>();
  /** `request region invocation instance` of what was put aside for good, or may have been. */
  readonly discarded = new Set<string>();
  /** The same of what was sent round again, or may have been, with the time of the last try. */
  readonly redriven = new Map<string, number>();
  readonly #finals = new Map<string, string>();

  constructor(
    readonly requests: readonly MixRequest[],
    private readonly producer: CancelProducer,
    private readonly operator: MixOperator,
  ) {}

  /** Those of a kind together: the first of them, and how many there are. */
  get violations(): string[] {
    return [...this.#violations.values()].map(({ first, all }) =>
      all.size === 1 ? first : `${first} (and ${all.size - 1} more of this kind)`,
    );
  }

  note(violation: string): void {
    const kind = violation.replace(/\b(?:key|inv|ins)-\w+|\b\d+\b/g, '#');
    const known = this.#violations.get(kind) ?? { first: violation, all: new Set<string>() };
    this.#violations.set(kind, known);
    known.all.add(violation);
  }

  /** One look at everything. Rejects while Redis is away. */
  async look(): Promise<void> {
    for (const { requestId } of this.requests) if (requestId !== undefined) await this.#lookAt(requestId);
    for (const letter of await this.operator.letters()) this.letters.set(letter.id, letter);
  }

  /** True when no request has anything left to do. */
  async areFinished(requests: readonly MixRequest[] = this.requests): Promise<boolean> {
    for (const { requestId } of requests) {
      const status = requestId === undefined ? undefined : await this.producer.status(requestId);
      if (status?.state !== 'finished' && status?.state !== 'withdrawn') return false;
    }
    return true;
  }

  /** Sends these letters round again, or puts them aside, once or twice at the same time. */
  async deal(kind: 'redrive' | 'discard', letters: readonly MixLetter[], times: number): Promise<void> {
    const names = letters.flatMap((letter) => letter.names.map((name) => `${letter.requestId} ${name}`));
    // Noted before: what an answer that got lost has done is done.
    for (const name of names) {
      if (kind === 'redrive') this.redriven.set(name, performance.now());
      else this.discarded.add(name);
    }
    const ids = letters.map(({ id }) => id);
    const results = await Promise.all(Array.from({ length: times }, () => this.operator[kind](ids)));
    this.#compare(kind, results, letters.length, names.length);
  }

  async recordsOf(requestId: string): Promise<InstanceRecord[]> {
    const found: InstanceRecord[] = [];
    let cursor: number | undefined = 0;
    while (cursor !== undefined) {
      const page = await this.producer.instances(requestId, { cursor, limit: 5_000 });
      found.push(...page.instances);
      cursor = page.nextCursor;
    }
    return found;
  }

  async #lookAt(requestId: string): Promise<void> {
    const status = await this.producer.status(requestId);
    if (status === undefined) {
      this.note(`request ${requestId} was accepted and is not known`);
      return;
    }
    const sum = Object.values(status.counts).reduce((total, count) => total + count, 0);
    if (sum !== status.total)
      this.note(`${requestId} counts ${sum} of ${status.total}: ${JSON.stringify(status.counts)}`);
    for (const { region, invocationId, instanceId = '*', state } of await this.recordsOf(requestId)) {
      const name = `${requestId} ${region} ${invocationId} ${instanceId}`;
      const before = this.#finals.get(name);
      if (before !== undefined && before !== state) this.note(`${name} was ${before} and is ${state}`);
      if (finals.has(state)) this.#finals.set(name, state);
    }
  }

  /** However many deal with a letter at once, it is dealt with once. */
  #compare(kind: string, results: readonly MixResult[], letters: number, instances: number): void {
    const sum = results.reduce((total, result) => total + result.instances, 0);
    if (sum > instances)
      this.note(`${results.length} × ${kind} of ${letters} letters count ${sum} of ${instances} instances`);
    const unknown = results.flatMap((result) => result.unknown);
    if (unknown.length > 0) this.note(`${kind} does not know ${unknown.join(', ')}`);
  }
}
