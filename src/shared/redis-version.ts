/** The first version of each series in which CVE-2025-49844 is closed: any client that may run scripts could run code. */
const closedIn = {
  Redis: ['6.2.20', '7.2.11', '7.4.6', '8.0.4', '8.2.2'],
  Valkey: ['7.2.11', '8.0.6', '8.1.4'],
} as const;

export interface RedisVersion {
  readonly product: keyof typeof closedIn;
  readonly version: string;
  /** Product and version, for people. */
  readonly name: string;
}

/** A known hole that an attacker who may run scripts can use. */
export interface KnownHole {
  /** What is wrong, in a sentence. */
  readonly what: string;
  /** The versions that have it closed. */
  readonly advice: string;
}

/** Which server this is, by its INFO. Valkey tells a Redis version, too, which says nothing of its holes. */
export function versionFrom(info: ReadonlyMap<string, string>): RedisVersion {
  const valkey = info.get('valkey_version');
  const product = valkey === undefined ? 'Redis' : 'Valkey';
  const version = valkey ?? info.get('redis_version') ?? 'unknown';
  return { product, version, name: `${product} ${version}` };
}

/**
 * Undefined when none is known. A number alone proves nothing of a series that its makers have given up: distributions
 * mend such versions without changing it.
 */
export function findKnownHole({ product, version, name }: RedisVersion): KnownHole | undefined {
  const [fix, isOfSeries] = fixFor(version, closedIn[product]);
  if (fix === undefined || compareVersions(version, fix) >= 0) return undefined;
  const remark = isOfSeries ? '' : ' Its series gets no fix any more; a distribution may have patched it.';
  return {
    what: `${name} ${isOfSeries ? 'is' : 'may be'} open to CVE-2025-49844, which lets any client that may run scripts run code.${remark}`,
    advice: `Use ${fix} or newer (${closedIn[product].join(', ')}), and keep Redis away from strangers.`,
  };
}

/** Negative when `a` is older. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.split('.').map(Number));
  for (let part = 0; part < 3; part++) {
    const difference = (left?.[part] ?? 0) - (right?.[part] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The version that closes it for this one: that of its own series if there is one, else of the next newer. */
function fixFor(version: string, fixes: readonly string[]): [fix: string | undefined, isOfSeries: boolean] {
  const series = version.split('.').slice(0, 2).join('.');
  const own = fixes.find((fix) => fix.startsWith(`${series}.`));
  return own === undefined ? [fixes.find((fix) => compareVersions(fix, version) > 0), false] : [own, true];
}
