import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Ledger } from '../../src/shared/ledger/index.js';
import { CliSession } from '../support/cli-session.js';
import { connectToTestRedis } from '../support/test-prefix.js';

const session = new CliSession();
let redis: Redis;
let requestId: string;
let letterId: string;

beforeAll(async () => {
  redis = connectToTestRedis();
  const args = ['cancel', 'inv-00000001', 'ins-00000001', 'ins-00000002'];
  ({
    document: { requestId },
  } = await session.runJson<{ requestId: string }>(args));
  const ref = `${requestId}.0`;
  letterId = `${ref}.letter`;
  const error = { code: 'NotConfirmed', message: '=still "RUNNING"' };
  await new Ledger(redis, session.prefix).settle({
    ...{ landed: true, leaseMs: 0, calls: 0, sentAt: 0 },
    moves: [
      {
        ...{ kind: 'bury', ref, mask: 'd', letterId, letter: { requestId, jobId: ref, ...error } },
        attempt: { at: 1_700_000_000_000, worker: 'worker-7', ...error },
      },
    ],
  });
});

afterAll(async () => {
  redis.disconnect();
  await session.close();
});

describe('tat-cancel dead-letters', () => {
  it('groups by code and says what to do', async () => {
    const { stdout } = await session.run(['dead-letters', 'list', '--group']);
    expect(stdout).toMatch(/^NotConfirmed +1 +2 /m);
    expect(stdout).toContain(`tat-cancel dead-letters show ${letterId}`);
  });

  it('shows a letter with the history of its attempts', async () => {
    const { stdout } = await session.run(['dead-letters', 'show', letterId]);
    expect(stdout).toMatch(/worker-7 +NotConfirmed/);
    expect(stdout).toContain('Instances: ins-00000001 ins-00000002');
    expect((await session.run(['dead-letters', 'show', 'nothing'])).exitCode).toBe(2);
  });

  it('exports one line for each instance as CSV, safe for spreadsheets', async () => {
    const { stdout } = await session.run(['dead-letters', 'export', '--format', 'csv']);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[1]).toContain(`inv-00000001,ins-00000001,NotConfirmed,"'=still ""RUNNING"""`);
    const ndjson = await session.run(['dead-letters', 'export']);
    expect(JSON.parse(ndjson.stdout)).toMatchObject({ id: letterId, requestId });
  });

  it('does nothing to all letters because a filter was forgotten', async () => {
    const { exitCode, stderr } = await session.run(['dead-letters', 'redrive']);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('--all')]);
    const badRegion = ['dead-letters', 'redrive', '--all', '--new-region', 'nowhere!'];
    expect((await session.run(badRegion)).stderr).toContain('--new-region');
  });

  it.each(['', '  ', 'r'.repeat(1_001)])('discards nothing for the reason %j', async (reason) => {
    const args = ['dead-letters', 'discard', '--all', '--reason', reason];
    const { exitCode, stdout, stderr } = await session.run(args);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain('--reason: must have 1 to 1000 characters');
    expect((await session.run(['dead-letters', 'show', letterId])).exitCode).toBe(0);
  });

  it.each([['redrive'], ['discard', '--reason', 'typing error']])(
    'names an id that is none, and fails when there is no other (%s)',
    async (action, ...options) => {
      const args = ['dead-letters', action, ...options, '--dry-run'];
      const alone = await session.runJson([...args, 'no-letter']);
      expect(alone.exitCode).toBe(2);
      expect(alone.document).toMatchObject({ letters: 0, missing: ['no-letter'] });
      expect(alone.stderr).toContain('No dead letter (any more) with the id "no-letter"');
      const both = await session.runJson([...args, 'no-letter', letterId]);
      expect(both.exitCode).toBe(0);
      expect(both.document).toMatchObject({ letters: 1, missing: ['no-letter'] });
      expect(both.stderr).toContain('"no-letter"');
    },
  );

  it('redrives after a dry run, and the request counts on', async () => {
    const dry = await session.runJson(['dead-letters', 'redrive', '--code', 'NotConfirmed', '--dry-run']);
    expect(dry.document).toEqual({ dryRun: true, letters: 1, instances: 2, unknown: [], missing: [] });
    const { stdout } = await session.run(['dead-letters', 'redrive', letterId]);
    expect(stdout).toBe('Sent round again: 1 letter with 2 instances.\n');
    const { document } = await session.runJson(['status', requestId]);
    expect(document).toMatchObject({ counts: { waiting: 2, 'dead-lettered': 0 } });
  });

  it('discards with a reason only', async () => {
    expect((await session.run(['dead-letters', 'discard', '--all'])).exitCode).toBe(2);
    const args = ['dead-letters', 'discard', '--all', '--reason', 'nothing left'];
    expect((await session.run(args)).stdout).toBe('Discarded: 0 letters with 0 instances.\n');
  });
});
