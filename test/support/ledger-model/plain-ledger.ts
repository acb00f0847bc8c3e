import type { InstanceState } from '../../../src/producer/index.js';

/** Where one instance stands. `sent`: some call carries it, which the outside sees as waiting. */
export type PlainState = InstanceState | 'sent';

export interface PlainInstance {
  readonly requestId: string;
  readonly invocationId: string;
  /** `*` for a whole invocation whose members are not known yet. */
  readonly instanceId: string;
  /** Which part of the request it belongs to. */
  position: number;
  state: PlainState;
  /** Its request was taken back while it was there, and nobody has sent it round again since. */
  isTakenBack: boolean;
  /** Its dead letter was put aside. */
  isDiscarded: boolean;
}

export interface PlainRequest {
  readonly requestId: string;
  readonly confirm: boolean;
  parts: number;
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
    this.requests.set(requestId, { requestId, confirm, parts: targets.length, isWithdrawn: false });
    for (const [position, [invocationId, instanceIds]] of targets.entries()) {
      for (const instanceId of instanceIds)
        this.#add({ requestId, invocationId, instanceId, position }, 'waiting');
    }
  }

  instancesOf(requestId: string): PlainInstance[] {
    return [...this.#instances.values()].filter((instance) => instance.requestId === requestId);
  }

  all(state: PlainState): PlainInstance[] {
    return [...this.#instances.values()].filter((instance) => instance.state === state);
  }

  /** The instance that a part of a request names, unless it goes on in another part since. */
  findIn(ref: string, invocationId: string, instanceId: string): PlainInstance | undefined {
    const [requestId = '', position] = ref.split('.');
    const found = this.#instances.get(nameOf({ requestId, invocationId, instanceId }));
    return found?.position === Number(position) ? found : undefined;
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

  /**
   * News of a call. A claim that has run out is believed when it tells of success, and in nothing else. Success brings
   * back what another call had given up.
   */
  answer(instance: PlainInstance, answer: Answer, isClaimOpen: boolean): void {
    if (answer === 'accept') {
      if (!['sent', 'waiting', 'dead-lettered'].includes(instance.state)) return;
      instance.state = 'accepted';
      instance.isDiscarded = false;
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
      this.#add({ ...whole, instanceId: member }, 'accepted').isTakenBack = whole.isTakenBack;
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

  /** All that one dead letter names. They go on in a part of their own where others of their part are under way. */
  redrive(instances: readonly PlainInstance[]): void {
    const [first] = instances;
    const request = this.requests.get(first?.requestId ?? '');
    if (first === undefined || request === undefined) return;
    const part = this.instancesOf(first.requestId).filter(({ position }) => position === first.position);
    const isUnderWay = part.some(({ state }) => ['waiting', 'sent', 'accepted'].includes(state));
    const position = isUnderWay || first.isTakenBack ? request.parts++ : first.position;
    for (const instance of instances) {
      instance.position = position;
      instance.state = 'waiting';
      instance.isTakenBack = false;
    }
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

  #add(
    name: Pick<PlainInstance, 'requestId' | 'invocationId' | 'instanceId' | 'position'>,
    state: PlainState,
  ): PlainInstance {
    const { requestId, invocationId, instanceId, position } = name;
    const place = { requestId, invocationId, instanceId, position };
    const instance = { ...place, state, isTakenBack: false, isDiscarded: false };
    this.#instances.set(nameOf(instance), instance);
    return instance;
  }
}

export function nameOf({
  requestId,
  invocationId,
  instanceId,
}: Pick<PlainInstance, 'requestId' | 'invocationId' | 'instanceId'>): string {
  return `${requestId} ${invocationId} ${instanceId}`;
}
