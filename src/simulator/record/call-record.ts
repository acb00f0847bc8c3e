import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { type CallFacts, RecordedCall } from './recorded-call.js';
import { meanRatePerSecond, mostInAnyWindow } from './sliding-window.js';

const maxNames = 1000;

interface CallEvents {
  /** A call is in, completely, and nothing was decided yet. */
  arrival: [call: RecordedCall];
  /** A call's answer is out, or its connection is gone. */
  answer: [call: RecordedCall];
}

/**
 * Every call that reached the simulator, in the order of arrival, whatever became of it. A call arrives when the last
 * byte of its request is there. The newest `limit` calls are kept; the counts stay complete.
 */
export class CallRecord extends EventEmitter<CallEvents> {
  readonly #kept: RecordedCall[] = [];
  readonly #names = new Map<string, string>();
  #oldest = 0;
  #lastNumber = 0;
  #arrived = 0;
  readonly #arrivedByAction = new Map<string, number>();
  readonly #answeredByCode = new Map<string, Map<string, number>>();
  readonly #requestIdPrefix = randomUUID().slice(0, 23);

  constructor(private readonly limit: number) {
    super();
    this.setMaxListeners(0);
  }

  /** Notes a call as arrived now. */
  add(facts: CallFacts): RecordedCall {
    this.#lastNumber += 1;
    this.#arrived += 1;
    this.#arrivedByAction.set(facts.action, this.count(facts.action) + 1);
    const interned = this.#internNames(facts);
    const call = new RecordedCall(interned, this.#lastNumber, performance.now(), this.#requestIdPrefix);
    if (this.#kept.length < this.limit) {
      this.#kept.push(call);
    } else {
      this.#kept[this.#oldest] = call;
      this.#oldest = (this.#oldest + 1) % this.limit;
    }
    this.emit('arrival', call);
    return call;
  }

  /** Notes that a call is over. Only the first time counts. */
  finish(call: RecordedCall): void {
    if (call.answeredAtMs !== undefined) return;
    call.answeredAtMs = performance.now();
    const byCode = this.#answeredByCode.get(call.action) ?? new Map<string, number>();
    this.#answeredByCode.set(call.action, byCode);
    const code = call.code ?? 'unanswered';
    byCode.set(code, (byCode.get(code) ?? 0) + 1);
    this.emit('answer', call);
  }

  /** How many calls arrived, also those no longer kept. */
  count(action?: string): number {
    return action === undefined ? this.#arrived : (this.#arrivedByAction.get(action) ?? 0);
  }

  /** How many calls are over, by action and code: `{ CancelInvocation: { OK: 25 } }`. */
  countByCode(): Record<string, Record<string, number>> {
    const entries = [...this.#answeredByCode].map(([action, codes]) => [action, Object.fromEntries(codes)]);
    return Object.fromEntries(entries);
  }

  /** The actions that were called. */
  actions(): string[] {
    return [...this.#arrivedByAction.keys()];
  }

  /** The kept calls, oldest first. */
  calls(action?: string): RecordedCall[] {
    const inOrder = [...this.#kept.slice(this.#oldest), ...this.#kept.slice(0, this.#oldest)];
    return action === undefined ? inOrder : inOrder.filter((call) => call.action === action);
  }

  /** The highest number of kept calls that arrived within any sliding second. */
  mostCallsInAnySecond(action?: string): number {
    return mostInAnyWindow(this.#arrivals(action), 1000);
  }

  /** (n - 1) / (last - first), over the kept calls. */
  ratePerSecond(action?: string): number {
    return meanRatePerSecond(this.#arrivals(action));
  }

  /** Resolves once `total` calls have arrived since the beginning; rejects with the signal's reason. */
  waitForCalls(total: number, action?: string, signal?: AbortSignal): Promise<void> {
    return this.#waitUntil('arrival', () => this.count(action) >= total, signal);
  }

  /** Resolves once `total` calls are over; rejects with the signal's reason. */
  waitForAnswers(total: number, action?: string, signal?: AbortSignal): Promise<void> {
    return this.#waitUntil('answer', () => this.#answers(action) >= total, signal);
  }

  /** Forgets all calls and counts. Numbers and RequestIds go on. */
  clear(): void {
    this.#kept.length = 0;
    this.#oldest = 0;
    this.#arrived = 0;
    this.#arrivedByAction.clear();
    this.#answeredByCode.clear();
  }

  // Headers come as new strings with every call; few of them differ.
  #internNames(facts: CallFacts): CallFacts {
    const intern = (name: string) => {
      const known = this.#names.get(name);
      if (known === undefined && this.#names.size < maxNames) this.#names.set(name, name);
      return known ?? name;
    };
    return {
      ...facts,
      action: intern(facts.action),
      region: intern(facts.region),
      secretId: intern(facts.secretId),
    };
  }

  #answers(action?: string): number {
    let total = 0;
    for (const [name, codes] of this.#answeredByCode) {
      if (action !== undefined && name !== action) continue;
      for (const count of codes.values()) total += count;
    }
    return total;
  }

  #arrivals(action?: string): Float64Array {
    return Float64Array.from(this.calls(action), (call) => call.atMs);
  }

  #waitUntil(event: keyof CallEvents, isReached: () => boolean, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = () => {
        this.off(event, check);
        signal?.removeEventListener('abort', onAbort);
      };
      const check = () => {
        if (!isReached()) return;
        stop();
        resolve();
      };
      const onAbort = () => {
        stop();
        reject(signal?.reason);
      };
      if (signal?.aborted) {
        onAbort();
        return;
      }
      this.on(event, check);
      signal?.addEventListener('abort', onAbort, { once: true });
      check();
    });
  }
}
