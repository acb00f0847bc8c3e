import { type Check, fault, ok } from '../check.js';
import type { DoctorScene } from '../doctor-scene.js';
import { findLasting, nameSome } from '../lasting.js';

const mostLooked = 1_000;

export const queueHashes: Check = {
  name: 'job contents',
  needs: 'redis',
  run: async (scene) => {
    const empty = await findLasting(() => findEmpty(scene));
    if (empty.length === 0) return ok(`present, as far as looked at (${mostLooked} of each state)`);
    return fault(
      `${nameSome(empty, 'job')} without content: evicted, or removed by hand`,
      'Workers mend this from the ledger: start one, or look at the logs of those that run. Then find out who removes keys.',
    );
  },
};

async function findEmpty(scene: DoctorScene): Promise<string[]> {
  const { client } = scene;
  const last = String(mostLooked - 1);
  const lists = await Promise.all([
    client.zrange(scene.queueKey('prioritized'), '0', last),
    client.zrange(scene.queueKey('delayed'), '0', last),
    client.lrange(scene.queueKey('wait'), 0, mostLooked - 1),
    client.lrange(scene.queueKey('active'), 0, mostLooked - 1),
  ]);
  const ids = [...new Set(lists.flat())];
  const found = await Promise.all(ids.map((id) => client.exists(scene.queueKey(id))));
  return ids.filter((_id, index) => found[index] === 0);
}
