import { parseRedisUrl } from '../../../shared/redis-connection.js';
import { type Check, fault, ok, warning } from '../check.js';

export const redisTopology: Check = {
  name: 'redis topology',
  needs: 'redis',
  run: async (scene) => {
    const info = await scene.info();
    const { kind } = parseRedisUrl(scene.settings.redisUrl);
    const isCluster = info.get('cluster_enabled') === '1';
    if (info.get('role') === 'slave') {
      return fault(
        'this is a replica, which takes no writes',
        'Name the master in REDIS_URL, or use redis+sentinel://.',
      );
    }
    if (isCluster && kind !== 'cluster') {
      return fault('this is a node of a cluster', 'Use redis+cluster://host:port,host:port in REDIS_URL.');
    }
    const replicas = Number(info.get('connected_slaves') ?? 0);
    if (kind === 'single') return ok('a single server');
    const name = kind === 'cluster' ? 'cluster' : 'Sentinel group';
    return replicas === 0
      ? warning(
          `a ${name} whose master has no replica`,
          'Look at the replicas: nothing can take over from it.',
        )
      : ok(`a ${name}, ${replicas} replicas of the master at hand`);
  },
};
