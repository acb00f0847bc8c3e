import type { DoctorScene } from './doctor-scene.js';

/** `skipped`: it could not be looked at, because something that it needs is at fault itself. */
export type VerdictLevel = 'ok' | 'warning' | 'fault' | 'skipped';

/** What one look has shown. */
export interface Verdict {
  readonly level: VerdictLevel;
  readonly what: string;
  /** What to do about it; with warnings and faults. */
  readonly advice?: string;
}

/** One thing that can be wrong, and how to look at it. It only reads, and may throw: that becomes a fault. */
export interface Check {
  readonly name: string;
  /** `redis`: skipped while Redis is away. */
  readonly needs: 'nothing' | 'redis';
  run(scene: DoctorScene): Promise<Verdict>;
}

/** What checks of Redis say while it is away. */
export const redisAway = 'Redis does not answer';

export function ok(what: string): Verdict {
  return { level: 'ok', what };
}

export function warning(what: string, advice: string): Verdict {
  return { level: 'warning', what, advice };
}

export function fault(what: string, advice: string): Verdict {
  return { level: 'fault', what, advice };
}

export function skipped(what: string): Verdict {
  return { level: 'skipped', what };
}
