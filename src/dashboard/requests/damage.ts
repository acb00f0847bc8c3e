import type { RequestStatus } from '../api/answers.js';

/** What Redis holds of it was changed by hand: figures that stand on it mean nothing. */
export function isDamaged({ damaged }: Pick<RequestStatus, 'damaged'>): boolean {
  return damaged !== undefined && damaged.length > 0;
}

/** When it was accepted; undefined where that cannot be read. */
export function acceptedAtOf({
  acceptedAt,
  damaged,
}: Pick<RequestStatus, 'acceptedAt' | 'damaged'>): string | undefined {
  // The server puts the beginning of time in the place of what it cannot read.
  const isKnown = damaged === undefined || Date.parse(acceptedAt) > 0;
  return isKnown ? acceptedAt : undefined;
}
