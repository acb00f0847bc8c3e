import { setTimeout as sleep } from 'node:timers/promises';
import { type Check, fault, redisAway, skipped, type Verdict } from './check.js';
import { redisAnswer } from './checks.js';
import type { DoctorScene } from './doctor-scene.js';

/** A verdict with the name of the check that came to it. */
export interface NamedVerdict extends Verdict {
  readonly name: string;
}

const defaultLimitMs = 6_000;

/**
 * Runs the checks and tells each verdict as soon as it is there, in the order of the list. A check that throws or does
 * not come to an end is at fault by itself and keeps no other from running.
 */
export async function* runChecks(
  checks: readonly Check[],
  scene: DoctorScene,
  limitMs = defaultLimitMs,
): AsyncGenerator<NamedVerdict> {
  const hasRedis = judge(redisAnswer, scene, limitMs);
  const isRedisThere = hasRedis.then(({ level }) => level === 'ok');
  // One after another for Redis, whose latency is measured too; the cloud is asked meanwhile.
  let previous: Promise<unknown> = hasRedis;
  const verdicts = checks.map((check) => {
    if (check === redisAnswer) return hasRedis;
    if (check.needs === 'nothing') return judge(check, scene, limitMs);
    const verdict = previous.then(async () =>
      (await isRedisThere) ? await judge(check, scene, limitMs) : skipped(redisAway),
    );
    previous = verdict;
    return verdict;
  });
  for (const [index, check] of checks.entries()) {
    const verdict = await verdicts[index];
    if (verdict !== undefined) yield { name: check.name, ...verdict };
  }
}

async function judge(check: Check, scene: DoctorScene, limitMs: number): Promise<Verdict> {
  const late = new AbortController();
  const tooLate = sleep(limitMs, undefined, { signal: late.signal }).then(
    () =>
      fault(
        `could not be looked at within ${limitMs / 1_000} s`,
        'Run it again; if it stays so, look what keeps Redis or the network busy.',
      ),
    () => skipped('the check was faster'), // never seen: the race is over
  );
  try {
    return await Promise.race([check.run(scene), tooLate]);
  } catch (error) {
    const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return fault(`could not be looked at (${message})`, 'Mend what that says, then run it again.');
  } finally {
    late.abort();
  }
}
