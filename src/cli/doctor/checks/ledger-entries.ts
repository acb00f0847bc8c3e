import { RequestStatusReader } from '../../../shared/ledger/index.js';
import { redisKeys } from '../../../shared/redis-keys.js';
import { type Check, fault, ok } from '../check.js';
import type { DoctorScene } from '../doctor-scene.js';
import { nameSome } from '../lasting.js';

const requestsLooked = 200;

const advice =
  'Somebody has changed keys by hand, or another program uses the same ones: find out who. Workers go on with all other work; ask for what is damaged anew, under another idempotency key.';

export const ledgerEntries: Check = {
  name: 'ledger',
  needs: 'redis',
  run: async (scene) => {
    const misused = await findMisused(scene);
    if (misused.length > 0)
      return fault(`${nameSome(misused, 'key')} of another kind than written here`, advice);
    const statuses = new RequestStatusReader(scene.client, scene.prefix);
    const { requests } = await statuses.list({ limit: requestsLooked });
    const damaged = requests.flatMap(({ requestId, damaged: fields }) =>
      fields === undefined ? [] : [`${requestId}: ${fields.join(' ')}`],
    );
    if (damaged.length === 0)
      return ok(`reads well, as far as looked at (the latest ${requestsLooked} requests)`);
    return fault(`${nameSome(damaged, 'request')} with entries that cannot be read`, advice);
  },
};

/** Keys whose type is another than the one that everything here counts on. */
async function findMisused({ client, prefix }: DoctorScene): Promise<string[]> {
  const keys = redisKeys(prefix);
  const expected: Record<string, string> = {
    [keys.sequence]: 'string',
    [keys.requests]: 'zset',
    [keys.open]: 'zset',
    [keys.waiting]: 'zset',
    [keys.totals]: 'hash',
    [keys.settled]: 'zset',
    [keys.unqueued]: 'zset',
    [keys.pools]: 'hash',
    [keys.unqueuedPools]: 'zset',
    [keys.flights]: 'hash',
    [keys.flightDeadlines]: 'zset',
    [keys.deadLetters]: 'hash',
    [keys.deadLetterIndex]: 'zset',
    [keys.deadLetterCounts]: 'hash',
    [keys.audit]: 'stream',
    [keys.webhookOutbox]: 'hash',
    [keys.readBackDue]: 'zset',
    [keys.workers]: 'hash',
    [keys.calls]: 'hash',
  };
  const names = Object.keys(expected);
  const types = await Promise.all(names.map((name) => client.type(name)));
  return names.filter((name, index) => types[index] !== 'none' && types[index] !== expected[name]);
}
