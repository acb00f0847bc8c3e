import { hash32 } from '../seeded-random.js';

export type InstanceKind = 'CVM' | 'LIGHTHOUSE' | 'MANAGED';

const instancePrefixes = { CVM: 'ins-', LIGHTHOUSE: 'lhins-', MANAGED: 'rins-' } as const;
const taskPrefix = 'invt-';

const halfBits = 20;
const halfSize = 2 ** halfBits;
const rounds = 4;
const bodyLength = 8;

/**
 * Names things the way the cloud does: a prefix and eight lower-case letters or digits. Each kind of thing is counted
 * and the count is shuffled by a permutation, so names look random, never collide, follow from the seed alone, and lead
 * back to the count. No table of names given out is needed.
 */
export class Identifiers {
  readonly #seed: number;
  readonly #buffer = Buffer.alloc(32);

  constructor(seed: number) {
    this.#seed = seed;
  }

  invocationId(number: number): string {
    return this.#name('inv-', 1, number);
  }

  commandId(number: number): string {
    return this.#name('cmd-', 2, number);
  }

  taskId(number: number): string {
    return this.#name(taskPrefix, 3, number);
  }

  instanceId(kind: InstanceKind, number: number): string {
    return this.#name(instancePrefixes[kind], 4, number);
  }

  invokerId(number: number): string {
    return this.#name('ivk-', 5, number);
  }

  /** The number that `taskId` was given, or undefined for a name that it cannot have made. */
  taskNumber(taskId: string): number | undefined {
    if (!taskId.startsWith(taskPrefix) || taskId.length !== taskPrefix.length + bodyLength) return undefined;
    const shuffled = Number.parseInt(taskId.slice(taskPrefix.length), 36);
    return shuffled < halfSize * halfSize ? this.#unshuffle(3, shuffled) : undefined;
  }

  // Written through a buffer, for a flat string: joining with `+` would leave V8 ropes three times as large.
  #name(prefix: string, kind: number, number: number): string {
    let rest = this.#shuffle(kind, number);
    const end = this.#buffer.write(prefix, 'latin1') + bodyLength;
    for (let at = end - 1; at >= prefix.length; at--) {
      const digit = rest % 36;
      this.#buffer[at] = digit < 10 ? 48 + digit : 87 + digit;
      rest = (rest - digit) / 36;
    }
    return this.#buffer.toString('latin1', 0, end);
  }

  #shuffle(kind: number, number: number): number {
    let left = Math.floor(number / halfSize);
    let right = number % halfSize;
    for (let round = 0; round < rounds; round++) {
      const next = left ^ this.#roundKey(kind, round, right);
      left = right;
      right = next;
    }
    return left * halfSize + right;
  }

  #unshuffle(kind: number, shuffled: number): number {
    let left = Math.floor(shuffled / halfSize);
    let right = shuffled % halfSize;
    for (let round = rounds - 1; round >= 0; round--) {
      const previous = right ^ this.#roundKey(kind, round, left);
      right = left;
      left = previous;
    }
    return left * halfSize + right;
  }

  #roundKey(kind: number, round: number, half: number): number {
    return hash32(this.#seed, kind * rounds + round, half) % halfSize;
  }
}

/** Which kind of instance an id names. */
export function instanceKindOf(instanceId: string): InstanceKind {
  if (instanceId.startsWith('lhins-')) return 'LIGHTHOUSE';
  return instanceId.startsWith('ins-') ? 'CVM' : 'MANAGED';
}
