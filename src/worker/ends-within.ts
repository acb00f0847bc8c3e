import { setTimeout as sleep } from 'node:timers/promises';

/** Whether the work ends in time. */
export async function endsWithin(ms: number, work: Promise<void>): Promise<boolean> {
  const late = new AbortController();
  const timer = sleep(ms, false, { signal: late.signal }).catch(() => false); // aborted: the work was faster
  const inTime = await Promise.race([work.then(() => true), timer]);
  late.abort();
  return inTime;
}
