import { parseEndpoint } from '../../../cloud/endpoint.js';
import { hardenScripts } from '../../../shared/rate-limiter/hardened-scripts.js';
import { planLimiter } from '../../../shared/rate-limiter/limiter-plan.js';
import { windowMs } from '../../../shared/rate-limiter/window.js';
import { bucketOf } from '../../../worker/cloud-limiters.js';
import { type Check, fault, ok, warning } from '../check.js';

const numericFields = ['nextRequest', 'minTime', 'running'] as const;

export const limiterState: Check = {
  name: 'call limiter',
  needs: 'redis',
  run: async (scene) => {
    const { endpoint, callsPerSecond } = scene.settings;
    const bucket = bucketOf('CancelInvocation', parseEndpoint(endpoint).hostFor(scene.cloud.region));
    const plan = planLimiter(scene.prefix, bucket, callsPerSecond);
    hardenScripts(); // throws when the installed Bottleneck is not the one that is hardened
    const type = await scene.client.type(plan.settingsKey);
    if (type === 'none') return ok('no state yet: no worker has asked for a permit at this endpoint');
    const advice = `Remove its state, and workers make it anew within seconds: redis-cli DEL '${plan.settingsKey}'`;
    if (type !== 'hash')
      return fault(`its state is a ${type} instead of a hash: no call can be made`, advice);
    const values = await scene.client.hmget(plan.settingsKey, 'version', ...numericFields);
    const [version, ...numbers] = values;
    const broken: string[] = numericFields.filter((_field, index) => !isNumber(numbers[index]));
    if (version === null) broken.unshift('version');
    if (broken.length > 0)
      return fault(`its state is damaged (${broken.join(', ')}): no call can be made`, advice);
    const intervalMs = Number(numbers[1]);
    if (Math.abs(intervalMs - plan.intervalMs) > 0.01) {
      return warning(
        `workers are set to ${rateOf(intervalMs)} calls a second, but CALLS_PER_SECOND=${callsPerSecond} here`,
        'Give all workers, and this command, the same CALLS_PER_SECOND.',
      );
    }
    return ok(`hardened, at most ${callsPerSecond} calls in any second`);
  },
};

function rateOf(intervalMs: number): number {
  return Math.round(windowMs / intervalMs);
}

function isNumber(text: string | null | undefined): boolean {
  return typeof text === 'string' && text !== '' && Number.isFinite(Number(text));
}
