import { fullLengthOr } from '../../support/full-length.js';

/** `FUZZ_SEED=…` repeats a run. */
const given = process.env.FUZZ_SEED;

/** Bytes that each entry is fed with. */
export const fuzzBytes = fullLengthOr(1_000_000, 60_000);

/** Texts that have broken parsers before. */
const nastyTexts = [
  '',
  ' ',
  '\0',
  '\uFEFF',
  '\uD800',
  '\uDFFF\uD800',
  '\u202e\u0000\u001b[31m',
  '__proto__',
  'constructor',
  'toString',
  '..',
  '../../../../etc/passwd',
  '%00',
  '%2e%2e%2f',
  '%',
  "';--",
  '$'.concat('{jndi:x}'),
  '{{7*7}}',
  '<script>alert(1)</script>',
  '-1',
  '0',
  '1e309',
  '9007199254740993',
  '99999999999999999999999999',
  'NaN',
  'null',
  'true',
  '[]',
  '{}',
  '{"__proto__":{"polluted":true}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  '\r\nX-Injected: 1',
  'inv-00000001',
  'ins-00000001',
  'req-1.0',
  'ap-singapore',
  'é'.normalize('NFD'),
  '🧨'.repeat(50),
  'x'.repeat(5_000),
] as const;

/** Chance from a seed, which every failure names: the same seed gives the same inputs. */
export class FuzzSource {
  readonly seed: number;
  #state: number;

  constructor(readonly entry: string) {
    this.seed = given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given);
    this.#state = this.seed ^ hashOf(entry);
    process.stdout.write(`fuzz ${entry}: FUZZ_SEED=${this.seed}\n`);
  }

  /** A whole number from 0 up to, but not including, `below`. */
  number(below: number): number {
    return this.#next() % below;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.number(items.length)] as Item;
  }

  bytes(length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    for (let at = 0; at < length; at += 1) bytes[at] = this.#next() & 0xff;
    return bytes;
  }

  /** Of any kind and up to about `longest` characters: random ones, or a text that has broken something before. */
  text(longest = 40): string {
    switch (this.number(4)) {
      case 0:
        return this.pick(nastyTexts);
      case 1:
        return this.bytes(this.number(longest + 1)).toString('latin1');
      case 2:
        return this.bytes(this.number(longest + 1)).toString('utf8');
      default:
        return Array.from({ length: this.number(longest / 4 + 1) }, () => this.pick(printable)).join('');
    }
  }

  /** A value as JSON can hold it, at most so deep. */
  value(depth = 4): unknown {
    switch (this.number(depth <= 0 ? 5 : 7)) {
      case 0:
        return this.text();
      case 1:
        return this.pick([0, -1, 1.5, 1e308, -1e-300, Number.MAX_SAFE_INTEGER, this.number(1_000)]);
      case 2:
        return this.pick([true, false]);
      case 3:
        return null;
      case 4:
        return this.pick(['', '0', 'inv-00000001', 'CANCELLED']);
      case 5:
        return Array.from({ length: this.number(5) }, () => this.value(depth - 1));
      default:
        return Object.fromEntries(
          Array.from({ length: this.number(5) }, () => [this.text(12), this.value(depth - 1)]),
        );
    }
  }

  /** The same bytes with a few of them changed, doubled, taken out or cut off. */
  damage(original: Buffer): Buffer {
    let bytes: Buffer = Buffer.from(original);
    for (let changes = 1 + this.number(4); changes > 0; changes -= 1) {
      const at = this.number(bytes.length + 1);
      switch (this.number(4)) {
        case 0:
          bytes = Buffer.concat([bytes.subarray(0, at), this.bytes(1 + this.number(4)), bytes.subarray(at)]);
          break;
        case 1:
          bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + this.number(8))]);
          break;
        case 2:
          bytes = bytes.subarray(0, at);
          break;
        default:
          if (at < bytes.length) bytes[at] = this.number(256);
      }
    }
    return bytes;
  }

  /** Mulberry32. */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }
}

/** JSON of so many lists in each other. */
export function deepJson(depth: number): string {
  return '['.repeat(depth) + ']'.repeat(depth);
}

const printable = [...'abcdefghijklmnopqrstuvwxyz0123456789-_.,:;/\\?&=%#"\'{}[]() |<>@!$*+~^`'];

function hashOf(text: string): number {
  let hash = 0;
  for (let at = 0; at < text.length; at += 1) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
  return hash;
}
