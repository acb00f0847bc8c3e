import { type Check, fault, ok, warning } from '../check.js';

const tightShare = 0.8;
const fullShare = 0.95;
const mebibyte = 2 ** 20;

export const redisMemory: Check = {
  name: 'redis memory',
  needs: 'redis',
  run: async (scene) => {
    const info = await scene.info();
    const used = Number(info.get('used_memory') ?? 0);
    const limit = Number(info.get('maxmemory') ?? 0) || Number(info.get('total_system_memory') ?? 0);
    if (limit === 0) return ok(`${inMebibytes(used)} used; Redis does not tell its limit`);
    const share = used / limit;
    const what = `${inMebibytes(used)} of ${inMebibytes(limit)} used (${Math.round(share * 100)} %)`;
    const advice =
      'Give Redis more memory (an instance takes about 100 bytes), or shorten RETENTION_HOURS. When it is full, new requests are refused.';
    if (share >= fullShare) return fault(`Redis is full: ${what}`, advice);
    return share >= tightShare ? warning(`Redis fills up: ${what}`, advice) : ok(what);
  },
};

function inMebibytes(bytes: number): string {
  return `${(bytes / mebibyte).toFixed(1)} MiB`;
}
