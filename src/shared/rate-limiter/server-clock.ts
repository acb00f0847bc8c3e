/** One exchange with the server: the local clock before and after it, and what the server's clock said in between. */
export interface ClockReading {
  readonly sentAt: number;
  readonly receivedAt: number;
  readonly serverTime: number;
}

interface Bounds {
  readonly at: number;
  readonly least: number;
  readonly most: number;
}

/** How far two sound clocks drift apart at worst, in ms for each ms: NTP slews both of them, in opposite directions. */
const drift = 1e-3;

/** Clocks are read and sent with this much rounding, in ms. */
const rounding = 0.05;

const readingsKept = 128;

/**
 * Tells the server's time by a local clock that only runs forwards.
 *
 * The server read its clock somewhere between sending and receiving, so each exchange bounds the offset of the two
 * clocks from both sides. The tightest bounds over many exchanges hold, also where single round trips vary wildly:
 * what counts is the fastest way there and the fastest way back.
 */
export class ServerClock {
  #readings: Bounds[] = [];
  #least = Number.NEGATIVE_INFINITY;
  #most = Number.POSITIVE_INFINITY;

  /**
   * Takes a reading in. False if it contradicts the earlier ones: one of the clocks jumped (or the machine was
   * suspended), everything known is forgotten but this reading, and no permit timed before can be trusted.
   */
  add({ sentAt, receivedAt, serverTime }: ClockReading): boolean {
    this.#readings.push({
      at: receivedAt,
      least: serverTime - receivedAt - rounding,
      most: serverTime - sentAt + rounding,
    });
    if (this.#readings.length > readingsKept) this.#readings.shift();
    this.#narrow(receivedAt);
    if (this.#least <= this.#most) return true;
    this.#readings = this.#readings.slice(-1);
    this.#narrow(receivedAt);
    return false;
  }

  /** The local time at which the server's clock shows `serverTime`. */
  toLocal(serverTime: number): number {
    return serverTime - (this.#least + this.#most) / 2;
  }

  /** What the server's clock shows at that local time. */
  toServer(localTime: number): number {
    return localTime + (this.#least + this.#most) / 2;
  }

  /** Both are wrong by at most this much, in ms. Infinite before the first reading. */
  get uncertaintyMs(): number {
    return (this.#most - this.#least) / 2;
  }

  #narrow(now: number): void {
    const widened = this.#readings.map(({ at, least, most }) => {
      const doubt = drift * Math.max(now - at, 0);
      return { least: least - doubt, most: most + doubt };
    });
    this.#least = Math.max(...widened.map(({ least }) => least));
    this.#most = Math.min(...widened.map(({ most }) => most));
  }
}
