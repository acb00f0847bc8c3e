import type { DeadLetterQueue } from '../../shared/dead-letter-queue.js';

const lettersPerPage = 1_000;

/** How many instances of these requests are dead, by error code, the most frequent first. */
export async function countDeadLetterCodes(
  deadLetters: DeadLetterQueue,
  requestIds: readonly string[],
): Promise<[code: string, instances: number][]> {
  const counts = new Map<string, number>();
  const wanted = new Set(requestIds);
  const filter = requestIds.length === 1 && requestIds[0] !== undefined ? { requestId: requestIds[0] } : {};
  let cursor: number | undefined = 0;
  while (cursor !== undefined) {
    const page = await deadLetters.list(filter, { cursor, limit: lettersPerPage });
    for (const { requestId, error, target } of page.deadLetters) {
      if (!wanted.has(requestId)) continue;
      counts.set(error.code, (counts.get(error.code) ?? 0) + (target.instanceIds?.length ?? 1));
    }
    cursor = page.nextCursor;
  }
  return [...counts].sort(([, one], [, other]) => other - one);
}
