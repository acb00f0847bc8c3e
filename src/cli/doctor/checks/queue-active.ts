import { type Check, fault, ok } from '../check.js';
import type { DoctorScene } from '../doctor-scene.js';
import { findLasting, nameSome } from '../lasting.js';

const mostLooked = 5_000;

export const queueActive: Check = {
  name: 'active jobs',
  needs: 'redis',
  run: async (scene) => {
    const unlocked = await findLasting(() => findUnlocked(scene));
    if (unlocked.length === 0) return ok('each has a worker that holds it');
    return fault(
      `${nameSome(unlocked, 'active job')} without a lock: nobody works on ${unlocked.length === 1 ? 'it' : 'them'}`,
      'Their worker died. A living worker takes them up within half a minute; start one, then look again.',
    );
  },
};

async function findUnlocked(scene: DoctorScene): Promise<string[]> {
  const ids = await scene.client.lrange(scene.queueKey('active'), 0, mostLooked - 1);
  const locks = await Promise.all(ids.map((id) => scene.client.exists(scene.queueKey(`${id}:lock`))));
  return ids.filter((_id, index) => locks[index] === 0);
}
