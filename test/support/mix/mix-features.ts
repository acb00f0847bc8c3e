import { RandomSource } from '../random-source.js';

/** What a mix may have besides requests and instances of every kind. Each seed draws some of them. */
export const mixFeatures = {
  /** Calls answered by resets, 5xx, rubbish and errors whose texts are near the length at which they are cut. */
  broken: 0.9,
  /** Agents that never report the end. */
  gone: 0.25,
  /** Invocations that access management refuses, and a region that does not exist. */
  refused: 0.25,
  /** An invocation for which every call fails, while others succeed. */
  cursed: 0.15,
  /** One call is rejected as if its targets were at fault. */
  spurious: 0.15,
  /** The cloud is away, or fails for all alike, for a while. */
  outage: 0.2,
  /** A worker process is killed. */
  kill: 0.3,
  /** Redis is killed and started again. */
  restart: 0.25,
  withdraw: 0.5,
  /** People send dead letters round again while all of this goes on, sometimes two at once. */
  redrive: 0.6,
  /** People put dead letters aside, sometimes two at once. */
  discard: 0.4,
} as const;

export type MixFeature = keyof typeof mixFeatures;
export const mixFeatureNames = Object.keys(mixFeatures) as MixFeature[];

/** The features of a seed, less those that are left out. The others come out the same. */
export function drawFeatures(seed: number, without: readonly string[] = []): ReadonlySet<MixFeature> {
  const unknown = without.filter((name) => !(name in mixFeatures));
  if (unknown.length > 0) {
    throw new RangeError(`no such feature: ${unknown.join(', ')}; there are ${mixFeatureNames.join(', ')}`);
  }
  const random = sourceFor(seed, 'features');
  const drawn = mixFeatureNames.filter((name) => random.chance(mixFeatures[name]));
  return new Set(drawn.filter((name) => !without.includes(name)));
}

/** Chance of its own for each concern, so that leaving one out does not change the others. */
export function sourceFor(seed: number, concern: string): RandomSource {
  let hash = Math.imul(seed, 0x9e3779b1);
  for (const char of concern) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  return new RandomSource(hash >>> 0);
}
