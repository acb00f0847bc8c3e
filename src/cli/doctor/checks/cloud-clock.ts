import { type Check, fault, ok, skipped, warning } from '../check.js';

const offMs = 30_000;
/** The cloud refuses signatures from five minutes on. */
const farOffMs = 240_000;

export const cloudClock: Check = {
  name: 'clock',
  needs: 'nothing',
  run: async ({ cloud }) => {
    const greeting = await cloud.greet().catch(() => undefined); // the check of the endpoint tells
    const offset = greeting?.clockOffsetMs;
    if (offset === undefined) return skipped('the endpoint did not tell its time');
    const size = Math.abs(offset);
    const what = `this machine's clock is ${Math.round(size / 1_000)} s ${offset > 0 ? 'behind' : 'ahead of'} the cloud's`;
    const advice = 'Let NTP set it. From five minutes on, the cloud refuses every call.';
    if (size >= farOffMs) return fault(what, advice);
    return size >= offMs ? warning(what, advice) : ok("agrees with the cloud's");
  },
};
