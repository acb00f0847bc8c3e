import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';

describe('script/demo', { timeout: 150_000 }, () => {
  it('keeps its promises beside four busy loops, and says that the machine is busy', async () => {
    for (let loop = 0; loop < 4; loop += 1) start(['--eval', 'for (;;);']);
    const demo = start(['script/demo.mjs']);
    let output = '';
    for (const stream of [demo.stdout, demo.stderr]) {
      stream?.on('data', (chunk) => {
        output += String(chunk);
      });
    }
    await once(demo, 'close');
    expect([demo.exitCode, output]).toEqual([0, expect.stringContaining('All as promised.')]);
    expect(output).toMatch(/instances stopped, as the API sees them +5,000 +✓ 5,000/);
    expect(output).toMatch(/most cancel calls in any sliding second +\d+ +✓ at most 20/);
    // Not judged, and yet told.
    expect(output).toMatch(/cancel calls\/s while work waited \(\d+\) +[\d.]+\n/);
    expect(output).toMatch(/a load of [\d.]+ on \d+ processors/);
    expect(output).toContain('Too busy for two workers');
  });
});

function start(args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => {
    // SIGTERM, with which the demo ends what it started.
    child.kill();
  });
  return child;
}
