import { parseEndpoint } from '../../../cloud/endpoint.js';
import type { WorkerReport } from '../../../shared/worker-roster.js';
import { type Check, ok, warning } from '../check.js';

/** Workers share one call limit only if they agree on what it is, and on what they call. */
export const workerSettings: Check = {
  name: 'worker settings',
  needs: 'redis',
  run: async (scene) => {
    const { workers } = await scene.overview();
    if (workers.length === 0) return ok('no worker runs');
    const limits = byValue(workers, ({ callsPerSecondLimit }) => callsPerSecondLimit?.toString());
    if (limits.size > 1) {
      return warning(
        `workers are set to different limits: ${listed(limits)}`,
        'Give all of them the same CALLS_PER_SECOND.',
      );
    }
    const endpoints = byValue(workers, ({ endpoint }) => endpoint);
    if (endpoints.size > 1) {
      return warning(
        `workers are set to different endpoints, and each endpoint gets the full call rate: ${listed(endpoints)}`,
        'Give all of them the same TAT_ENDPOINT.',
      );
    }
    const [[theirs] = []] = endpoints;
    const own = parseEndpoint(scene.settings.endpoint).text;
    if (theirs !== undefined && theirs !== own) {
      return warning(
        `workers call ${theirs}, and TAT_ENDPOINT here is ${own}`,
        'Give workers and this command the same TAT_ENDPOINT: other checks looked at the one that is set here.',
      );
    }
    return ok(
      `the same limit and endpoint at ${workers.length === 1 ? 'the only worker' : `${workers.length} workers`}`,
    );
  },
};

/** Names of the workers by what they are set to; without those of an earlier version, which do not say. */
function byValue(
  workers: readonly WorkerReport[],
  valueIn: (worker: WorkerReport) => string | undefined,
): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>();
  for (const worker of workers) {
    const value = valueIn(worker);
    if (value !== undefined) names.set(value, [...(names.get(value) ?? []), worker.name]);
  }
  return names;
}

function listed(names: ReadonlyMap<string, readonly string[]>): string {
  return [...names].map(([value, workers]) => `${value} (${workers.join(', ')})`).join('; ');
}
