/** How much a JSON text may hold. */
export interface JsonBounds {
  /** Lists and objects inside each other. */
  readonly depth: number;
  /** Commas and opening brackets over all, which is about the number of values. */
  readonly values: number;
  /** Different field names. */
  readonly names: number;
}

/** Far more than any request, answer or target of ours holds, and far less than what stops a process. */
export const ordinaryBounds: JsonBounds = { depth: 32, values: 600_000, names: 1_000 };

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openList = 0x5b;
const closeList = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;

/** Differs from process to process, so that nobody can send names that only look the same. */
const hashSeed = Math.floor(Math.random() * 2 ** 32);

/**
 * Looks at JSON before it is parsed, without building anything: a megabyte of brackets or of different field names
 * takes the parser seconds and a hundred megabytes. It does not check the syntax; that is left to the parser.
 * Feed it the bytes as they come.
 */
export class JsonScan {
  #depth = 0;
  #values = 0;
  #isText = false;
  #isEscaped = false;
  /** Of the latest text, which is a name if a colon follows. */
  #hash = hashSeed;
  readonly #names = new Set<number>();

  constructor(private readonly bounds: JsonBounds = ordinaryBounds) {}

  /** What the bytes so far exceed, as it follows "JSON that"; undefined while they are within bounds. */
  push(bytes: Uint8Array): string | undefined {
    for (let at = 0; at < bytes.length; at += 1) {
      if (this.#isText) at = this.#skipText(bytes, at);
      else if (!this.#structure(bytes[at] as number)) return this.#excess();
    }
    return undefined;
  }

  /** Returns the place of the last byte that was looked at. */
  #skipText(bytes: Uint8Array, from: number): number {
    let hash = this.#hash;
    for (let at = from; at < bytes.length; at += 1) {
      const byte = bytes[at] as number;
      if (this.#isEscaped) this.#isEscaped = false;
      else if (byte === backslash) this.#isEscaped = true;
      else if (byte === quote) {
        this.#isText = false;
        this.#hash = hash;
        return at;
      }
      hash = Math.imul(hash ^ byte, 0x01000193);
    }
    this.#hash = hash;
    return bytes.length;
  }

  /** False once a bound is exceeded. */
  #structure(byte: number): boolean {
    switch (byte) {
      case quote:
        this.#isText = true;
        this.#hash = hashSeed;
        return true;
      case comma:
        this.#values += 1;
        return this.#values <= this.bounds.values;
      case colon:
        this.#names.add(this.#hash);
        return this.#names.size <= this.bounds.names;
      case openList:
      case openObject:
        this.#depth += 1;
        this.#values += 1;
        return this.#depth <= this.bounds.depth && this.#values <= this.bounds.values;
      case closeList:
      case closeObject:
        this.#depth -= 1;
        return true;
      default:
        return true;
    }
  }

  #excess(): string {
    const { depth, values, names } = this.bounds;
    if (this.#depth > depth) return `is more than ${depth} levels deep`;
    if (this.#names.size > names) return `has more than ${names} different field names`;
    return `holds more than ${values} values`;
  }
}

/** What a whole text exceeds; see `JsonScan.push`. */
export function findExcess(bytes: Uint8Array, bounds: JsonBounds = ordinaryBounds): string | undefined {
  return new JsonScan(bounds).push(bytes);
}
