import ipaddr from 'ipaddr.js';

const windowMs = 60_000;
const mostFailures = 10;
/** Bounds the memory; whoever has more addresses than these gets some more tries, which strong tokens bear. */
const mostRemembered = 10_000;

interface Window {
  readonly startedAt: number;
  failures: number;
}

/**
 * Counts wrong tokens by address. Beyond the limit nothing from there is let in until the minute is over, but for tokens
 * that came from there before: services that share an address with somebody who guesses go on working. Whoever comes from
 * elsewhere notices nothing.
 */
export class LoginThrottle {
  readonly #windows = new Map<string, Window>();
  readonly #known = new Set<string>();

  constructor(private readonly now: () => number = Date.now) {}

  /** Seconds to wait before a token from there is looked at; 0 when it may come now. */
  waitSeconds(address: string, tokenName?: string): number {
    const network = networkOf(address);
    if (tokenName !== undefined && this.#known.has(`${network} ${tokenName}`)) return 0;
    const window = this.#windowOf(network);
    if (window === undefined || window.failures < mostFailures) return 0;
    return Math.max(1, Math.ceil((window.startedAt + windowMs - this.now()) / 1_000));
  }

  /** Returns how many there were from there within the minute. */
  noteFailure(address: string): number {
    const network = networkOf(address);
    const window = this.#windowOf(network) ?? { startedAt: this.now(), failures: 0 };
    window.failures += 1;
    this.#windows.delete(network);
    this.#windows.set(network, window);
    forgetOldest(this.#windows);
    return window.failures;
  }

  noteSuccess(address: string, tokenName: string): void {
    const pair = `${networkOf(address)} ${tokenName}`;
    this.#known.delete(pair);
    this.#known.add(pair);
    forgetOldest(this.#known);
  }

  /** Whether that was the last failure that is counted. */
  isLast(failures: number): boolean {
    return failures === mostFailures;
  }

  #windowOf(network: string): Window | undefined {
    const window = this.#windows.get(network);
    return window === undefined || this.now() - window.startedAt >= windowMs ? undefined : window;
  }
}

function forgetOldest(entries: Map<string, unknown> | Set<string>): void {
  if (entries.size <= mostRemembered) return;
  const [oldest] = entries.keys();
  if (oldest !== undefined) entries.delete(oldest);
}

/** Whoever has one IPv6 address mostly has the 64 bits below its network, too. */
function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed instanceof ipaddr.IPv6 ? parsed.parts.slice(0, 4).join(':') : parsed.toString();
}
