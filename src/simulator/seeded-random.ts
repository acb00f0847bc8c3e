/**
 * A well mixed 32-bit number that depends on nothing but its arguments. The simulator draws all its chance from here:
 * no state is kept, so the same seed and the same order of arrivals give the same run.
 */
export function hash32(seed: number, stream: number, index: number): number {
  let hash = mix(seed ^ 0x9e3779b9);
  hash = mix(hash ^ stream);
  hash = mix(hash ^ (index >>> 0));
  return mix(hash ^ Math.floor(index / 0x1_0000_0000)) >>> 0;
}

/** A number from 0 up to, but not including, 1. */
export function drawUnit(seed: number, stream: number, index: number): number {
  return hash32(seed, stream, index) / 0x1_0000_0000;
}

/** A number from `min` to `max`, uniformly. */
export function drawBetween(seed: number, stream: number, index: number, min: number, max: number): number {
  return min + drawUnit(seed, stream, index) * (max - min);
}

function mix(value: number): number {
  let mixed = value | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  return mixed ^ (mixed >>> 15);
}
