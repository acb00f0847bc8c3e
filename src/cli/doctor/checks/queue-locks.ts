import { type Check, ok, warning } from '../check.js';
import type { DoctorScene } from '../doctor-scene.js';
import { walkKeyspace } from '../keyspace-walk.js';
import { findLasting, nameSome } from '../lasting.js';

export const queueLocks: Check = {
  name: 'locks',
  needs: 'redis',
  run: async (scene) => {
    let isComplete = true;
    const orphans = await findLasting(async () => {
      const found = await findOrphans(scene);
      isComplete &&= found.isComplete;
      return found.jobIds;
    });
    const remark = isComplete ? '' : ' (not all keys of this Redis were looked at: there are too many)';
    if (orphans.length === 0) return ok(`none left behind${remark}`);
    return warning(
      `${nameSome(orphans, 'lock')} of jobs that nobody works on${remark}`,
      'Those with an expiry go within a minute. A lock without one keeps its job from being taken: remove its key by hand.',
    );
  },
};

async function findOrphans(scene: DoctorScene): Promise<{ jobIds: string[]; isComplete: boolean }> {
  const start = scene.queueKey('');
  // Braces mean nothing in a pattern of Redis; brackets, stars and question marks cannot be part of a prefix.
  const { keys, isComplete } = await walkKeyspace(scene.client, `${start}*:lock`);
  const jobIds = keys.map((key) => key.slice(start.length, -':lock'.length));
  const active = new Set(await scene.client.lrange(scene.queueKey('active'), 0, -1));
  return { jobIds: jobIds.filter((id) => !active.has(id)), isComplete };
}
