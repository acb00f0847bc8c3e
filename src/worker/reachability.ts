import { setTimeout as sleep } from 'node:timers/promises';
import type { Failure } from '../shared/failure.js';
import { scopeOf } from '../shared/failure-policy.js';
import type { SharedProbe } from './shared-probe.js';

/** `unknown`: nobody could find out in time. */
export type Reach = 'reachable' | 'unknown' | { readonly failure: Failure };

const lookEveryMs = 50;
/** Where other calls go well, one of them answers before a probe is needed. */
const patienceMs = 200;

/**
 * Tells a target that fails from a cloud that cannot be reached. After a failure, any answer that the same access point
 * gives proves it reachable; when none comes by itself, a probe asks for one.
 */
export class Reachability {
  readonly #reachedAt = new Map<string, number>();
  readonly #probes = new Map<string, Promise<Failure | undefined | 'not now'>>();

  constructor(private readonly probe: Pick<SharedProbe, 'ask'>) {}

  /** The access point has answered. */
  note(accessPoint: string): void {
    this.#reachedAt.set(accessPoint, performance.now());
  }

  /** Whether it answers after this moment. `isKnownAway` says that somebody else has found out. Gives up after `withinMs`. */
  async find(
    target: { readonly accessPoint: string; readonly region: string },
    isKnownAway: () => boolean,
    withinMs: number,
    signal: AbortSignal,
  ): Promise<Reach> {
    const since = performance.now();
    const waitedMs = () => performance.now() - since;
    while (!signal.aborted && waitedMs() < withinMs && !isKnownAway()) {
      if ((this.#reachedAt.get(target.accessPoint) ?? 0) > since) return 'reachable';
      if (waitedMs() >= patienceMs) {
        const answered = new AbortController();
        const ends = AbortSignal.any([signal, answered.signal]);
        const late = sleep(withinMs - waitedMs(), 'not now' as const, { signal: ends, ref: false });
        const answer = await Promise.race([this.#probe(target), late.catch(() => 'not now' as const)]);
        answered.abort(); // else each look of each call would leave a timer behind
        if (answer !== undefined && answer !== 'not now' && isAway(answer)) return { failure: answer };
        if (answer !== 'not now') return 'reachable';
      }
      await sleep(lookEveryMs, undefined, { signal }).catch(() => {}); // aborted: the loop ends
    }
    return 'unknown';
  }

  /** Those that suspect the same access point share one. */
  async #probe(target: { accessPoint: string; region: string }): Promise<Failure | undefined | 'not now'> {
    const { accessPoint, region } = target;
    const running = this.#probes.get(accessPoint);
    if (running !== undefined) return await running;
    const probe = this.#ask(accessPoint, region).finally(() => this.#probes.delete(accessPoint));
    this.#probes.set(accessPoint, probe);
    return await probe;
  }

  async #ask(accessPoint: string, region: string): Promise<Failure | undefined | 'not now'> {
    const answer = await this.probe.ask(region);
    if (answer !== 'not now' && (answer === undefined || !isAway(answer))) this.note(accessPoint);
    return answer;
  }
}

/** A read that fails so says that no call would go well: neither the way, nor the key, is in order. */
export function isAway(failure: Failure): boolean {
  const scope = scopeOf(failure);
  return scope === 'access-point' || scope === 'everything';
}
