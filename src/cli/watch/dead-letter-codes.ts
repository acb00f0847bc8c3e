import { type DeadLetterStore, instancesOf } from '../../shared/dead-letters/index.js';

/** How many instances of these requests are dead, by error code, the most frequent first. */
export async function countDeadLetterCodes(
  store: DeadLetterStore,
  requestIds: readonly string[],
): Promise<[code: string, instances: number][]> {
  const counts = new Map<string, number>();
  for (const requestId of requestIds) {
    for await (const letter of store.all({ requestId })) {
      const { code } = letter.error;
      counts.set(code, (counts.get(code) ?? 0) + instancesOf(letter));
    }
  }
  return [...counts].sort(([, one], [, other]) => other - one);
}
