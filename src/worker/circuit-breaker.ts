import { setMaxListeners } from 'node:events';
import type { BlockedState } from '../shared/blocked-state.js';
import type { Failure } from '../shared/failure.js';
import { policyOf, scopeOf } from '../shared/failure-policy.js';
import { Canaries } from './canaries.js';
import { Reachability } from './reachability.js';
import { RefusedTargets } from './refused-targets.js';
import { SharedBlocks, type SharedBlocksOptions } from './shared-blocks.js';
import { SharedProbe, type SharedProbeOptions } from './shared-probe.js';

export interface CallTarget {
  readonly region: string;
  readonly invocationId: string;
}

export interface CircuitBreakerOptions
  extends Omit<SharedBlocksOptions, 'store' | 'probe' | 'watchEveryMs'>,
    Pick<SharedProbeOptions, 'probe'> {
  readonly store: SharedBlocksOptions['store'] & SharedProbeOptions['store'];
  /** Where calls for a region enter the cloud. */
  readonly accessPointOf: (region: string) => string;
  readonly workerName: string;
  readonly timings?: Partial<BreakerTimings> | undefined;
}

export interface BreakerTimings {
  /** How often the shared state is looked at, in ms; default 1000. */
  readonly watchEveryMs: number;
  /** Shortest time from one probe of any worker to the next, in ms; default 2100. */
  readonly probeEveryMs: number;
  /** How often one target of what is blocked is let through, in ms; default 3000. */
  readonly canaryEveryMs: number;
  /** How long a failed call waits at most until it is known whether the cloud can be reached, in ms; default 4500. */
  readonly findOutMs: number;
}

const defaultTimings: BreakerTimings = {
  watchEveryMs: 1_000,
  probeEveryMs: 2_100,
  canaryEveryMs: 3_000,
  findOutMs: 4_500,
};

/** A target whose failure could not be judged is tried again after so long. */
const undecidedMs = 2_000;
/** Work of a region that was refused goes behind all other for so long. */
const suspectMs = 60_000;
const mostSuspects = 1_000;
const mostFailedAlone = 10_000;

/**
 * Keeps those calls back that would fail for one common cause, and no others: all of them (the key, or the only access
 * point), those to one access point, those to one region, or those to targets that the key may not touch. What is
 * blocked waits, and nothing of it is spent. A probe, or one call of what is blocked (a canary), tells when it is over.
 */
export class CircuitBreaker {
  readonly #draining = new AbortController();
  readonly #timings: BreakerTimings;
  readonly #blocks: SharedBlocks;
  readonly #reachability: Reachability;
  readonly #refused: RefusedTargets;
  readonly #canaries = new Canaries();
  readonly #pausedUntil = new Map<string, number>();
  readonly #suspectRegions = new Map<string, number>();
  /** Targets whose last call failed though the cloud answered others. */
  readonly #failedAlone = new Set<string>();
  readonly #isOnlyAccessPoint: boolean;

  constructor(private readonly options: CircuitBreakerOptions) {
    const { accessPointOf, timings } = options;
    this.#timings = { ...defaultTimings, ...timings };
    this.#refused = new RefusedTargets(this.#timings.canaryEveryMs);
    const probe = new SharedProbe({ ...options, ...this.#timings });
    this.#blocks = new SharedBlocks({ ...options, ...this.#timings, probe });
    this.#isOnlyAccessPoint = accessPointOf('ap-guangzhou') === accessPointOf('ap-singapore');
    setMaxListeners(0, this.#draining.signal); // one for each call that asks whether the cloud can be reached
    this.#reachability = new Reachability(probe);
  }

  /** Why no calls are made at all; undefined while some may. */
  get held(): BlockedState | undefined {
    return this.#blocks.held;
  }

  /** False while no call may go, whatever its target. */
  get allowsCalls(): boolean {
    return this.#blocks.allowsCalls;
  }

  /** How long `judge` may take with this failure, apart from what Redis takes: the claim has to last as long. */
  judgementMs(failure: Failure): number {
    const mustAsk = scopeOf(failure) === 'access-point' && !policyOf(failure).blocks;
    return mustAsk ? this.#timings.findOutMs : 0;
  }

  /** Watches the shared state until `close`. Safe to call twice. */
  start(): void {
    this.#blocks.start();
  }

  /** The worker stops: failures that wait for a judgement get none, and nothing is spent. */
  drain(): void {
    this.#draining.abort();
  }

  async close(): Promise<void> {
    this.drain();
    await this.#blocks.close();
  }

  /** Resolves when `allowsCalls` is true, or when the signal aborts. */
  async whenAllowed(signal: AbortSignal): Promise<void> {
    await this.#blocks.whenAllowed(signal);
  }

  /**
   * How long calls for this target have to wait, apart from what keeps all calls back; 0 when they may go. Ask again after
   * that: whoever asks first then may be let through to see whether it is over.
   */
  blockedForMs(target: CallTarget): number {
    const key = keyOf(target);
    const pausedMs = (this.#pausedUntil.get(key) ?? 0) - performance.now();
    if (pausedMs > 0) return Math.ceil(pausedMs);
    for (const id of this.#blocksOf(target)) {
      const waitMs = this.#canaries.waitMs(id, key, this.#timings.canaryEveryMs);
      if (waitMs > 0) return waitMs;
    }
    return this.#refused.waitMs(key);
  }

  /** Whether others go first: it, or its region, was refused before, or its last call got no answer. */
  goesLast(target: CallTarget): boolean {
    if (this.#failedAlone.has(keyOf(target))) return true;
    const refusedAt = this.#suspectRegions.get(target.region);
    if (refusedAt !== undefined && performance.now() - refusedAt < suspectMs) return true;
    return this.#refused.has(keyOf(target));
  }

  /** The cloud has accepted a cancel that was sent then (`performance.now()`). */
  noteAccepted(target: CallTarget, sentAt: number): void {
    const hadRefused = this.#refused.waiting > 0;
    this.#refused.noteAccepted(keyOf(target), sentAt);
    if (hadRefused && this.#refused.waiting === 0) this.#blocks.lift(this.#refusedId);
    this.#failedAlone.delete(keyOf(target));
    this.noteReached(target.region);
  }

  /** The cloud has answered a call for this region as it should. */
  noteReached(region: string): void {
    this.#reachability.note(this.options.accessPointOf(region));
    this.#suspectRegions.delete(region);
    for (const id of [regionId(region), this.#accessPointId(region)]) {
      if (this.#blocks.lift(id)) this.#canaries.forget(id);
    }
    if (this.held?.scope === 'access-point') this.#blocks.liftHeld();
  }

  /**
   * The last word on a failed cancel. Class `hold`: nothing is spent, and `blockedForMs` says how long it waits. `dead`: the
   * target alone is to blame, others are accepted. `retry`: it failed alone, for the cloud answers others.
   */
  async judge(failure: Failure, target: CallTarget): Promise<Failure> {
    const scope = scopeOf(failure);
    if (scope !== 'access-point' && failure.cloudRequestId !== undefined) {
      this.#reachability.note(this.options.accessPointOf(target.region));
    }
    switch (scope) {
      case undefined:
        return failure;
      case 'access-point':
        return await this.#judgeWay(failure, target);
      case 'region':
        return await this.#judgeRegion(failure, target);
      case 'targets':
        return await this.#judgeRefusal(failure, target);
      case 'everything':
        await this.#raiseHeld(failure, target.region);
        return failure;
    }
  }

  /** The last word on a failed read. That a read is refused says nothing of cancels. */
  async judgeRead(failure: Failure, region: string): Promise<Failure> {
    if (scopeOf(failure) === 'targets') return this.#refused.hasAccepted ? condemn(failure) : failure;
    return await this.judge(failure, { region, invocationId: 'read' });
  }

  async #judgeWay(failure: Failure, target: CallTarget): Promise<Failure> {
    const { region } = target;
    const id = this.#accessPointId(region);
    const known = () => this.held ?? this.#blocks.partial(id);
    const blocked: Failure = { ...failure, class: 'hold' };
    this.#canaries.end(id, keyOf(target));
    // A fault of the set-up needs no second opinion: no target brings it about.
    if (policyOf(failure).blocks) {
      await this.#raiseWay(failure, region);
      return blocked;
    }
    if (known() === undefined) {
      const { findOutMs } = this.#timings;
      const where = { accessPoint: this.options.accessPointOf(region), region };
      const isKnown = () => known() !== undefined;
      const reach = await this.#reachability.find(where, isKnown, findOutMs, this.#draining.signal);
      if (reach === 'reachable') {
        this.#noteFailedAlone(target);
        return failure;
      }
      if (reach !== 'unknown') await this.#raiseWay(reach.failure, region);
      else if (!isKnown()) this.#pause(target);
      return blocked;
    }
    const partial = this.#blocks.partial(id);
    if (partial !== undefined) await this.#blocks.raisePartial(id, partial);
    return blocked;
  }

  async #judgeRegion(failure: Failure, target: CallTarget): Promise<Failure> {
    const { region } = target;
    if (this.#suspectRegions.size > mostSuspects) this.#suspectRegions.clear();
    this.#suspectRegions.set(region, performance.now());
    this.#canaries.end(regionId(region), keyOf(target));
    if (this.#refused.hasAccepted) return condemn(failure);
    await this.#blocks.raisePartial(regionId(region), this.#stateOf(failure, region, 'region'));
    return failure;
  }

  async #judgeRefusal(failure: Failure, target: CallTarget): Promise<Failure> {
    if (this.#refused.refuse(keyOf(target))) return condemn(failure);
    const fresh = this.#stateOf(failure, target.region, 'targets');
    const since = this.#blocks.partial(this.#refusedId)?.since ?? fresh.since;
    const state = { ...fresh, since, targets: this.#refused.waiting };
    await this.#blocks.raisePartial(this.#refusedId, state, 'replace');
    return failure;
  }

  async #raiseWay(cause: Failure, region: string): Promise<void> {
    if (scopeOf(cause) === 'everything' || this.#isOnlyAccessPoint) {
      await this.#raiseHeld(cause, region);
      return;
    }
    const accessPoint = this.options.accessPointOf(region);
    const state = { ...this.#stateOf(cause, region, 'access-point'), accessPoint };
    await this.#blocks.raisePartial(this.#accessPointId(region), state);
  }

  async #raiseHeld(cause: Failure, region: string): Promise<void> {
    await this.#blocks.raiseHeld(this.#stateOf(cause, region, scopeOf(cause) ?? 'everything'));
  }

  #stateOf({ code, message }: Failure, region: string, scope: BlockedState['scope']): BlockedState {
    return { code, message, region, since: Date.now(), worker: this.options.workerName, scope };
  }

  /** The partial blocks that calls for this target meet. */
  #blocksOf({ region }: CallTarget): string[] {
    // A worker whose key has proved good gives up what a region refuses, however others see it.
    const ids = this.#refused.hasAccepted ? [] : [regionId(region)];
    return [...ids, this.#accessPointId(region)].filter((id) => this.#blocks.partial(id) !== undefined);
  }

  get #refusedId(): string {
    return `targets ${this.options.workerName}`;
  }

  #accessPointId(region: string): string {
    return `access-point ${this.options.accessPointOf(region)}`;
  }

  #noteFailedAlone(target: CallTarget): void {
    this.#failedAlone.add(keyOf(target));
    const [oldest] = this.#failedAlone;
    if (this.#failedAlone.size > mostFailedAlone && oldest !== undefined) this.#failedAlone.delete(oldest);
  }

  #pause(target: CallTarget): void {
    const now = performance.now();
    for (const [key, until] of this.#pausedUntil) if (until < now) this.#pausedUntil.delete(key);
    this.#pausedUntil.set(keyOf(target), now + undecidedMs);
  }
}

function condemn(failure: Failure): Failure {
  return { ...failure, class: 'dead', scope: failure.perRegion ? 'invocation' : failure.scope };
}

function regionId(region: string): string {
  return `region ${region}`;
}

function keyOf({ region, invocationId }: CallTarget): string {
  return `${region}|${invocationId}`;
}
