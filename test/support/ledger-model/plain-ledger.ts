import type { InstanceState } from '../../../src/producer/index.js';

/** Where one instance stands. `sent`: some call carries it, which the outside sees as waiting. */
export type PlainState = InstanceState | 'sent';

export interface PlainInstance {
  readonly requestId: string;
  readonly invocationId: string;
  /** `*` for a whole invocation whose members are not known yet. */
  readonly instanceId: string;
  state: PlainState;
  /** Its request was taken back while it was there, and nobody has sent it round again since. */
  isTakenBack: boolean;
  /** Its dead letter was put aside. */
  isDiscarded: boolean;
}

export interface PlainRequest {
  readonly requestId: string;
  readonly confirm: boolean;
  isWithdrawn: boolean;
}

/** What a call can tell of an instance that it carries. */
export const answers = ['accept', 'retry', 'return', 'bury'] as const;
export type Answer = (typeof answers)[number];

export const ends = ['terminated', 'cancelled', 'already-finished'] as const;
/** What a look at the cloud can tell of an accepted instance. */
export const sights = [...ends, 'again', 'overdue', 'nothing'] as const;
export type Sight = (typeof sights)[number];

/** What the ledger promises, said as plainly as possible: one state for each instance, and which moves are legal. */
export class PlainLedger {
  readonly requests = new Map<string, PlainRequest>();
  readonly #instances = new Map<string, PlainInstance>();

  accept(
    requestId: string,
    confirm: boolean,
    targets: readonly (readonly [string, readonly string[]])[],
  ): void {
    this.requests.set(requestId, { requestId, confirm, isWithdrawn: false });
    for (const [invocationId, instanceIds] of targets) {
      for (const instanceId of instanceIds) this.#add(requestId, invocationId, instanceId, 'waiting');
    }
  }

  instancesOf(requestId: string): PlainInstance[] {
    return [...this.#instances.values()].filter((instance) => instance.requestId === requestId);
  }

  all(state: PlainState): PlainInstance[] {
    return [...this.#instances.values()].filter((instance) => instance.state === state);
  }

  find(requestId: string, invocationId: string, instanceId: string): PlainInstance {
    const found = this.#instances.get(`${requestId} ${invocationId} ${instanceId}`);
    if (found === undefined) throw new Error(`nobody asked for ${requestId} ${invocationId} ${instanceId}`);
    return found;
  }

  /** A call takes it. */
  send(instance: PlainInstance): void {
    if (instance.state !== 'waiting')
      throw new Error(`a call carries what is ${instance.state}: ${nameOf(instance)}`);
    instance.state = 'sent';
  }

  /** News of a call. A claim that has run out is believed when it tells of success, and in nothing else. */
  answer(instance: PlainInstance, answer: Answer, isClaimOpen: boolean): void {
    if (answer === 'accept') {
      if (instance.state === 'sent' || instance.state === 'waiting') instance.state = 'accepted';
    } else if (isClaimOpen && instance.state === 'sent') {
      instance.state = answer === 'bury' ? 'dead-lettered' : 'waiting';
      this.#dropIfTakenBack(instance);
    }
  }

  /** The claim of a call runs out: what it carries waits again. */
  release(instance: PlainInstance): void {
    if (instance.state !== 'sent') return;
    instance.state = 'waiting';
    this.#dropIfTakenBack(instance);
  }

  see(instance: PlainInstance, sight: Sight): void {
    if (instance.state !== 'accepted' || sight === 'nothing') return;
    if (sight === 'overdue') instance.state = 'dead-lettered';
    else if (sight !== 'again') instance.state = sight;
    else if (!instance.isTakenBack) instance.state = 'waiting';
  }

  /** The members of a whole invocation are known. */
  nameMembers(whole: PlainInstance, members: readonly string[]): void {
    this.#instances.delete(nameOf(whole));
    for (const member of members) {
      this.#add(whole.requestId, whole.invocationId, member, 'accepted').isTakenBack = whole.isTakenBack;
    }
  }

  withdraw(requestId: string): void {
    const request = this.requests.get(requestId);
    if (request === undefined || (this.isFinished(request) && !request.isWithdrawn)) return;
    request.isWithdrawn = true;
    for (const instance of this.instancesOf(requestId)) {
      instance.isTakenBack = true;
      this.#dropIfTakenBack(instance);
    }
  }

  redrive(instance: PlainInstance): void {
    if (instance.state !== 'dead-lettered' || instance.isDiscarded) return;
    instance.state = 'waiting';
    instance.isTakenBack = false;
  }

  discard(instance: PlainInstance): void {
    if (instance.state === 'dead-lettered') instance.isDiscarded = true;
  }

  isFinished({ requestId, confirm }: PlainRequest): boolean {
    return this.instancesOf(requestId).every(
      ({ state }) => state !== 'waiting' && state !== 'sent' && !(confirm && state === 'accepted'),
    );
  }

  #dropIfTakenBack(instance: PlainInstance): void {
    if (instance.state === 'waiting' && instance.isTakenBack) instance.state = 'withdrawn';
  }

  #add(requestId: string, invocationId: string, instanceId: string, state: PlainState): PlainInstance {
    const instance = { requestId, invocationId, instanceId, state, isTakenBack: false, isDiscarded: false };
    this.#instances.set(nameOf(instance), instance);
    return instance;
  }
}

export function nameOf({ requestId, invocationId, instanceId }: PlainInstance): string {
  return `${requestId} ${invocationId} ${instanceId}`;
}
