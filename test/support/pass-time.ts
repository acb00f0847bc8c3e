import { setTimeout as sleep } from 'node:timers/promises';

/** Lives with a fault for so long. Not for waiting until something has happened: that is for `waitUntil`. */
export async function pass(durationMs: number): Promise<void> {
  await sleep(durationMs);
}
