import { parseEndpoint } from '../../../cloud/endpoint.js';
import { hardenScripts } from '../../../worker/call-limiter/hardened-scripts.js';
import { planLimiter } from '../../../worker/call-limiter/limiter-plan.js';
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
    hardenScripts(plan.coolDownMs); // throws when the installed Bottleneck is not the one that is hardened
    const type = await scene.client.type(plan.settingsKey);
    if (type === 'none') return ok('no state yet: no worker has asked for a slot at this endpoint');
    const advice = `Remove its state, and workers make it anew within seconds: redis-cli DEL '${plan.settingsKey}'`;
    if (type !== 'hash')
      return fault(`its state is a ${type} instead of a hash: no call can be made`, advice);
    const values = await scene.client.hmget(plan.settingsKey, 'version', ...numericFields);
    const [version, ...numbers] = values;
    const broken: string[] = numericFields.filter((_field, index) => !isNumber(numbers[index]));
    if (version === null) broken.unshift('version');
    if (broken.length > 0)
      return fault(`its state is damaged (${broken.join(', ')}): no call can be made`, advice);
    const spacingMs = Number(numbers[1]);
    if (spacingMs !== plan.spacingMs) {
      return warning(
        `workers keep ${spacingMs} ms between calls, but CALLS_PER_SECOND=${callsPerSecond} here means ${plan.spacingMs} ms`,
        'Give all workers, and this command, the same CALLS_PER_SECOND.',
      );
    }
    return ok(`hardened, ${spacingMs} ms between calls`);
  },
};

function isNumber(text: string | null | undefined): boolean {
  return typeof text === 'string' && text !== '' && Number.isFinite(Number(text));
}
