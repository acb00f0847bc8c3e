import { type Check, fault, ok, warning } from '../check.js';

const offMs = 1_000;
/** Workers that have said nothing for ten seconds by the reader's clock count as dead. */
const farOffMs = 8_000;

export const redisClock: Check = {
  name: 'redis clock',
  needs: 'redis',
  run: async ({ client }) => {
    const sentAt = Date.now();
    const [seconds = 0, microseconds = 0] = await client.time();
    const here = (sentAt + Date.now()) / 2;
    const offset = Number(seconds) * 1_000 + Number(microseconds) / 1_000 - here;
    const size = Math.abs(offset);
    const what = `the clock of Redis is ${(size / 1_000).toFixed(1)} s ${offset > 0 ? 'ahead of' : 'behind'} this machine's`;
    const advice =
      'Let NTP set both clocks. The call limit holds all the same, but ages and living workers are told wrongly.';
    if (size >= farOffMs) return fault(what, advice);
    return size >= offMs ? warning(what, advice) : ok('agrees with the clock of this machine');
  },
};
