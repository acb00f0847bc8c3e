import type { RequestProgress } from '../api/answers.js';
import { formatCount } from '../format/format-count.js';
import { formatDuration } from '../format/format-time.js';

/** From the last call to the proof that its tasks stopped, when all goes well; the server's estimate counts so, too. */
const proofMs = 3_000;

/** How long it will take, or what it waits for. `now` is the server's time in ms. */
export function describeEta(progress: RequestProgress, now: number, suffix = ''): string {
  const { etaSeconds, held, paused, counts } = progress;
  if (held !== null) return 'held';
  if (paused) return 'paused';
  if (etaSeconds === null) return 'no worker';
  if (isProofLate(progress, now)) return `waiting for proof of ${formatCount(counts.accepted)}`;
  return `about ${formatDuration(etaSeconds)}${suffix}`;
}

/** Nobody can tell when an instance stops that did not do so at once. */
function isProofLate({ counts, lastCallAt, confirm }: RequestProgress, now: number): boolean {
  if (!confirm || lastCallAt === undefined || counts.waiting > 0 || counts.accepted === 0) return false;
  return now - Date.parse(lastCallAt) > proofMs;
}
