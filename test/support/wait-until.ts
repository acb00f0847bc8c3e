import { setTimeout as pause } from 'node:timers/promises';

/**
 * Asks again and again until the answer is neither false nor undefined, and resolves with it.
 * Rejects after `withinMs` with what was waited for.
 */
export async function waitUntil<Answer>(
  what: string,
  ask: () => Promise<Answer | false | undefined> | Answer | false | undefined,
  withinMs = 40_000,
): Promise<Answer> {
  const until = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== false && answer !== undefined) return answer;
    if (Date.now() >= until) throw new Error(`not within ${withinMs} ms: ${what}`);
    await pause(15);
  }
}
