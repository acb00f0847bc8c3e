import { type Check, fault, ok, warning } from '../check.js';

/** The first version of each series with CVE-2025-49844 closed: any client that may run scripts could run code. */
const closedIn: Readonly<Record<string, readonly string[]>> = {
  redis: ['6.2.20', '7.2.11', '7.4.6', '8.0.4', '8.2.2'],
  valkey: ['7.2.11', '8.0.6', '8.1.4'],
};

export const redisVersion: Check = {
  name: 'redis version',
  needs: 'redis',
  run: async (scene) => {
    const info = await scene.info();
    const valkey = info.get('valkey_version');
    const product = valkey === undefined ? 'redis' : 'valkey';
    const version = valkey ?? info.get('redis_version') ?? 'unknown';
    const name = `${product === 'redis' ? 'Redis' : 'Valkey'} ${version}`;
    if (compare(version, '6.2') < 0) return fault(`${name} is too old`, 'Use Redis 6.2 or newer, or Valkey.');
    const [fix, isOfSeries] = fixFor(version, closedIn[product] ?? []);
    if (fix === undefined || compare(version, fix) >= 0) return ok(name);
    const remark = isOfSeries ? '' : ' Its series gets no fix any more; a distribution may have patched it.';
    return warning(
      `${name} ${isOfSeries ? 'is' : 'may be'} open to CVE-2025-49844, which lets any client that may run scripts run code.${remark}`,
      `Use ${fix} or newer (${(closedIn[product] ?? []).join(', ')}), and keep Redis away from strangers.`,
    );
  },
};

/** The version that closes it for this one: that of its own series if there is one, else of the next newer. */
function fixFor(version: string, fixes: readonly string[]): [fix: string | undefined, isOfSeries: boolean] {
  const series = version.split('.').slice(0, 2).join('.');
  const own = fixes.find((fix) => fix.startsWith(`${series}.`));
  return own === undefined ? [fixes.find((fix) => compare(fix, version) > 0), false] : [own, true];
}

function compare(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.split('.').map(Number));
  for (let part = 0; part < 3; part++) {
    const difference = (left?.[part] ?? 0) - (right?.[part] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
