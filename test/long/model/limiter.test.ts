import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  horizonMs,
  mostOutstanding,
  toleranceMs,
  windowMs,
} from '../../../src/shared/rate-limiter/window.js';

const model = fileURLToPath(new URL('../../model/limiter.pml', import.meta.url));
/** A step of the model; the times of the code are whole numbers of it, rounded towards the harder case. */
const stepMs = 200;
/** With two calls in a window all their orders can be gone through. */
const calls = 2;
const constants = [
  `-DCALLS=${calls}`,
  `-DWINDOW=${Math.floor(windowMs / stepMs)}`,
  `-DTOLERANCE=${Math.ceil(toleranceMs / stepMs)}`,
  `-DHORIZON=${Math.floor(horizonMs / stepMs)}`,
  `-DOUTSTANDING=${Math.floor((mostOutstanding(100) / 100) * calls)}`,
];

function isThere(command: string): boolean {
  return spawnSync(command, ['--version']).error === undefined;
}
const canCheck = isThere('spin') && isThere('gcc');
const title = canCheck
  ? 'the model of the window log'
  : 'the model of the window log (skipped: it needs spin and gcc, which script/bootstrap installs on Debian)';

describe.skipIf(!canCheck)(title, { timeout: 300_000 }, () => {
  let directory: string;

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'limiter-model-'));
  });
  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  /** Goes through every order of events. How many of them break the promise, of those that it stops at. */
  function errorsWith(...defines: string[]): number {
    const options = { cwd: directory, encoding: 'utf8' } as const;
    execFileSync('spin', [...constants, ...defines.map((name) => `-D${name}`), '-a', model], options);
    execFileSync('gcc', ['-O2', '-w', '-DSAFETY', '-DCOLLAPSE', '-o', 'check', 'pan.c'], options);
    const report = execFileSync('./check', ['-m2000000'], options);
    expect(report).not.toContain('max search depth too small');
    return Number(/errors: (\d+)/.exec(report)?.[1]);
  }

  it('holds no more calls in any window than allowed, whatever is late, given back, forgotten or lost', () => {
    expect(errorsWith()).toBe(0);
  });

  it('holds one more when one call at a time leaves later than the tolerance', () => {
    expect(errorsWith('BEYOND')).toBe(0);
    expect(errorsWith('BEYOND', 'STRICT')).toBeGreaterThan(0);
  });

  it.each(['NO_COOL_DOWN', 'NO_TOLERANCE', 'SHORT_WINDOW', 'NO_BOUND', 'EARLY_GRANT'])(
    'breaks without what %s leaves out',
    (mutant) => {
      expect(errorsWith(mutant)).toBeGreaterThan(0);
    },
  );
});
