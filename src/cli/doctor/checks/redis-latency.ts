import { type Check, fault, ok, warning } from '../check.js';

const pings = 11;
const slowMs = 20;
/** The call limiter gives up on answers of Redis after a few seconds, and needs several for each permit. */
const tooSlowMs = 500;

export const redisLatency: Check = {
  name: 'redis latency',
  needs: 'redis',
  run: async ({ client }) => {
    const times: number[] = [];
    for (let count = 0; count < pings; count++) {
      const sentAt = performance.now();
      await client.ping();
      times.push(performance.now() - sentAt);
    }
    const median = times.sort((a, b) => a - b)[Math.floor(pings / 2)] ?? 0;
    const what = `${median.toFixed(1)} ms to and fro`;
    const advice =
      'Move workers and Redis closer together, or look what keeps Redis busy (redis-cli --latency, SLOWLOG).';
    if (median >= tooSlowMs) return fault(`Redis is too far or too busy: ${what}`, advice);
    return median >= slowMs ? warning(`Redis is slow: ${what}`, advice) : ok(what);
  },
};
