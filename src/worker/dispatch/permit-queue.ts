import type { Permit, RateLimiter } from '../../shared/rate-limiter/index.js';

export interface PermitRequest {
  /** 0 for urgent, 1 for normal, 2 for low. */
  readonly rank: number;
  /** Whether all others go first for now: its target was refused before. */
  readonly goesLast?: () => boolean;
  readonly signal: AbortSignal;
  /** Whether the call will carry as many instances as a call takes. */
  readonly isFull: boolean;
}

interface Waiter extends PermitRequest {
  readonly resolve: (permit: Permit) => void;
}

/** Permits that are asked for ahead of their time, or a slow Redis would limit the rate to one for each round trip. */
const mostAsked = 8;

/**
 * Of twenty permits, one goes to a low invocation first and two to a normal one, so that urgent work starves nobody. One
 * more goes to those that go last.
 */
const turnsPerRound = 20;
const lowTurn = 10;
const normalTurns = [5, 15];
const lastTurn = 0;
const rankOfNormal = 1;
const rankOfLow = 2;
/** Behind every rank. */
const lastPlace = 10;

/**
 * The invocations of this worker that wait to send a call, of one access point. Who gets a permit is decided when it comes:
 * the most urgent, and of those the one that has waited longest.
 */
export class PermitQueue {
  readonly #waiters = new Set<Waiter>();
  #asked = 0;
  #askedFull = 0;
  #inFlight = 0;
  #turns = 0;

  constructor(
    private readonly limiter: Pick<RateLimiter, 'acquire'>,
    /** Calls that may be without an answer at a time. */
    private readonly mostInFlight: number,
  ) {}

  /** Nothing else waits for a permit or for an answer. */
  get isIdle(): boolean {
    return this.#waiters.size === 0 && this.#inFlight === 0;
  }

  /** Follow it by `giveBack`, or by `noteAnswered` once its call is over. Rejects only with the signal's reason. */
  async acquire(request: PermitRequest): Promise<Permit> {
    request.signal.throwIfAborted();
    return await new Promise<Permit>((resolve, reject) => {
      const { signal } = request;
      const abort = () => {
        this.#waiters.delete(waiter);
        reject(signal.reason);
      };
      const waiter: Waiter = {
        ...request,
        resolve: (permit) => {
          signal.removeEventListener('abort', abort);
          resolve(permit);
        },
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#waiters.add(waiter);
      this.#ask();
    });
  }

  /** Nothing was there to be sent with it: whoever waits gets it. */
  giveBack(permit: Permit): void {
    this.#inFlight -= 1;
    this.#grant(permit);
    this.#ask();
  }

  /** A call that was sent with a permit has its answer. */
  noteAnswered(): void {
    this.#inFlight -= 1;
    this.#ask();
  }

  /** No more than there are waiters and room for: a permit without a call would be lost to everybody. */
  #ask(): void {
    while (this.#asked < Math.min(this.#waiters.size, mostAsked, this.mostInFlight - this.#inFlight)) {
      const isFull = this.#wantsFull();
      const count = (by: number) => {
        this.#asked += by;
        if (isFull) this.#askedFull += by;
      };
      count(1);
      this.limiter.acquire({ isFull, isAhead: true }).then(
        (permit) => {
          count(-1);
          this.#grant(permit);
          this.#ask();
        },
        () => count(-1), // closed: the worker is about to end
      );
    }
  }

  #grant(permit: Permit): void {
    const waiter = this.#next();
    if (waiter === undefined) {
      permit.giveBack();
      return;
    }
    this.#waiters.delete(waiter);
    this.#inFlight += 1;
    waiter.resolve(permit);
  }

  /** Permits for full calls are asked for first, since they may come earlier. */
  #wantsFull(): boolean {
    let full = 0;
    for (const waiter of this.#waiters) if (waiter.isFull) full += 1;
    return full > this.#askedFull;
  }

  #next(): Waiter | undefined {
    this.#turns = (this.#turns + 1) % turnsPerRound;
    let next: Waiter | undefined;
    let place = Number.POSITIVE_INFINITY;
    for (const waiter of this.#waiters) {
      const itsPlace = this.#placeOf(waiter);
      if (itsPlace < place) [next, place] = [waiter, itsPlace];
    }
    return next;
  }

  /** The smallest goes first, and among equals the one that has waited longest. */
  #placeOf({ rank, goesLast }: Waiter): number {
    const isItsTurn =
      (this.#turns === lowTurn && rank === rankOfLow) ||
      (normalTurns.includes(this.#turns) && rank === rankOfNormal);
    const isBehind = goesLast?.() === true;
    return (isItsTurn ? 0 : rank + 1) + (isBehind === (this.#turns === lastTurn) ? 0 : lastPlace);
  }
}
