import { describe, expect } from 'vitest';
import type { LimitReport } from '../../src/shared/live-limit.js';
import { redisKeys } from '../../src/shared/redis-keys.js';
import { CliSession } from '../support/cli-session.js';
import { it } from '../support/installed-test.js';
import { addTargets } from '../support/request-truth.js';
import { waitUntil } from '../support/wait-until.js';

describe('tat-cancel limit', () => {
  it('is obeyed by all workers within a second in the middle of work, and so is its reset', {
    timeout: 60_000,
  }, async ({ install }) => {
    const installation = await install({
      workers: 2,
      worker: { callsPerSecond: 20 },
    });
    const { simulator, producer, prefix } = installation;
    const session = new CliSession(prefix);
    await producer.enqueue({ targets: addTargets(installation, 400, 1), confirm: false });
    await simulator.record.waitForCalls(30, 'CancelInvocation');
    const callsSince = (atMs: number, forMs: number) =>
      simulator.record
        .calls('CancelInvocation')
        .filter((call) => call.atMs >= atMs && call.atMs < atMs + forMs).length;

    const { document } = await session.runJson<LimitReport>(['limit', 'set', '5', '--reason', 'a test']);
    const setAt = performance.now();
    expect(document).toMatchObject({ callsPerSecond: 5, setting: 20, live: { reason: 'a test' } });
    await waitUntil('four seconds', async () => performance.now() > setAt + 4_000, 10_000);
    expect(callsSince(setAt + 1_000, 3_000)).toBeLessThanOrEqual(3 * 5 + 1);
    expect(callsSince(setAt + 1_000, 3_000)).toBeGreaterThan(5);
    const { stdout } = await session.run(['queues']);
    expect(stdout).toMatch(/^Limited by \S+ to 5 of 20 calls a second \(a test\)\.$/m);

    await session.run(['limit', 'reset']);
    const resetAt = performance.now();
    await waitUntil('three seconds', async () => performance.now() > resetAt + 3_000, 10_000);
    expect(callsSince(resetAt + 1_000, 2_000)).toBeGreaterThan(2 * 5 + 5);
    const { stdout: told } = await session.run(['limit']);
    expect(told).toContain('20 calls a second, as CALLS_PER_SECOND says.');
  });

  it('is never above what workers are set to', async ({ install }) => {
    const installation = await install({ worker: { callsPerSecond: 8 } });
    const session = new CliSession(installation.prefix);
    await waitUntil('the worker reports', async () => {
      const { document } = await session.runJson<LimitReport>(['limit']);
      return document.setting === 8;
    });
    const { exitCode, stderr } = await session.run(['limit', 'set', '9']);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('workers are set to 8')]);
    expect((await session.run(['limit', 'set', '0'])).exitCode).toBe(2);
    expect(await installation.redis.exists(redisKeys(installation.prefix).liveLimit)).toBe(0);
  });

  it('is the last of two that are set at once, with both in the audit', async ({ install }) => {
    const { prefix, redis } = await install({ workers: 0 });
    const session = new CliSession(prefix);
    await Promise.all([session.run(['limit', 'set', '3']), session.run(['limit', 'set', '7'])]);
    await session.run(['limit', 'reset']);
    const { document } = await session.runJson<LimitReport>(['limit', 'set', '4']);
    expect(document.callsPerSecond).toBe(4);
    const entries = await redis.xrange(redisKeys(prefix).audit, '-', '+');
    const notes = entries.map(([, [, note = '']]) => JSON.parse(note));
    const limits = notes.map(({ action, details }) => [action, details?.callsPerSecond]);
    expect(limits.slice(0, 2).sort()).toEqual([
      ['set-limit', 3],
      ['set-limit', 7],
    ]);
    expect(limits.slice(2)).toEqual([
      ['reset-limit', undefined],
      ['set-limit', 4],
    ]);
    expect(notes.every(({ by, at }) => typeof by === 'string' && typeof at === 'string')).toBe(true);
  });
});
