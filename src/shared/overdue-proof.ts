// Free of packages: the operator page asks it, too.

/** From the acceptance of the last call to the proof that its tasks stopped, when all goes well. */
export const proofSeconds = 3;

/** The part of a request's progress that tells. */
export interface ProofProgress {
  readonly confirm: boolean;
  readonly counts: { readonly waiting: number; readonly accepted: number };
  readonly lastCallAt?: string;
  readonly etaSeconds: number | null;
}

/**
 * How many instances hold out: everything has been sent, and the proof that they stopped is later than usual. When that
 * ends cannot be told, so this goes in the place of `etaSeconds`. 0 while there is nothing of that kind to tell.
 */
export function countOverdueProofs(
  { confirm, counts, lastCallAt, etaSeconds }: ProofProgress,
  nowMs: number,
): number {
  // Without an estimate nothing is done at all: settled, held, paused or without a worker.
  if (!confirm || etaSeconds === null || counts.waiting > 0 || lastCallAt === undefined) return 0;
  return nowMs - Date.parse(lastCallAt) > proofSeconds * 1_000 ? counts.accepted : 0;
}
