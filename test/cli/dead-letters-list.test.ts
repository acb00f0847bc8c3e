import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { DeadLetter } from '../../src/shared/schemas.js';
import { CliSession } from '../support/cli-session.js';
import { plantDeadLetter } from '../support/planted-letters.js';
import { connectToTestRedis } from '../support/test-prefix.js';

interface ListDocument {
  deadLetters: (DeadLetter & { id: string })[];
  nextCursor: string | null;
}

const session = new CliSession();
let redis: Redis;

function letter(number: number): DeadLetter {
  const code = number % 2 === 0 ? 'NotConfirmed' : 'ResourceNotFound.InstanceNotFound';
  return {
    requestId: `req-${number % 3}`,
    jobId: `req-${number % 3}.${number}`,
    target: {
      region: 'ap-tokyo',
      invocationId: `inv-0000000${number % 2}`,
      ...(number === 0 ? {} : { instanceIds: Array.from({ length: number }, (_, at) => `ins-0000000${at}`) }),
    },
    error: { code, message: `reason\u001b[31m ${number}`, cloudRequestId: `call-${number}` },
    attempts: number,
    firstSeenAt: '2026-01-01T00:00:00.000Z',
    deadAt: `2026-01-01T00:00:0${number}.000Z`,
    history: [],
  };
}

beforeAll(async () => {
  redis = connectToTestRedis();
  for (let number = 0; number < 6; number++)
    await plantDeadLetter(redis, session.prefix, letter(number).jobId, letter(number));
});

afterAll(async () => {
  redis.disconnect();
  await session.close();
});

async function list(...args: string[]): Promise<ListDocument> {
  const { exitCode, stderr, document } = await session.runJson<ListDocument>([
    'dead-letters',
    'list',
    ...args,
  ]);
  expect([exitCode, stderr]).toEqual([0, '']);
  return document;
}

describe('tat-cancel dead-letters list', () => {
  it('tells all that is known of each, the oldest first', async () => {
    const { deadLetters, nextCursor } = await list();
    expect(deadLetters.map(({ jobId }) => jobId)).toEqual(
      [0, 1, 2, 3, 4, 5].map((number) => letter(number).jobId),
    );
    expect(deadLetters[3]).toEqual({ id: expect.any(String), ...letter(3) });
    expect(nextCursor).toBeNull();
  });

  it.each([
    [
      ['--code', 'NotConfirmed'],
      [0, 2, 4],
    ],
    [
      ['--request', 'req-1'],
      [1, 4],
    ],
    [
      ['--invocation', 'inv-00000001'],
      [1, 3, 5],
    ],
    [['--code', 'NotConfirmed', '--request', 'req-1'], [4]],
    [['--code', 'Nothing'], []],
  ])('lists with %j only those', async (args, numbers) => {
    const { deadLetters } = await list(...args);
    expect(deadLetters.map(({ attempts }) => attempts)).toEqual(numbers);
  });

  it.each([
    [['30'], 2],
    [['30m'], 2],
    [['120'], 1],
    [['2h'], 1],
    [['1d'], 0],
  ])('lists those that died before an age: %j', async ([age = ''], expected) => {
    const aged = new CliSession();
    onTestFinished(() => aged.close());
    for (const [number, minutes] of [45, 180].entries()) {
      await plantDeadLetter(redis, aged.prefix, `aged.${number}`, {
        ...letter(number),
        deadAt: new Date(Date.now() - minutes * 60_000).toISOString(),
      });
    }
    const args = ['dead-letters', 'list', '--older-than', age];
    expect((await aged.runJson<ListDocument>(args)).document.deadLetters).toHaveLength(expected);
  });

  it('leads through pages, and knows the last one', async () => {
    const seen: number[] = [];
    const pages: number[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page: ListDocument = await list(
        '--limit',
        '2',
        ...(cursor === undefined ? [] : ['--cursor', cursor]),
      );
      seen.push(...page.deadLetters.map(({ attempts }) => attempts));
      pages.push(page.deadLetters.length);
      cursor = page.nextCursor;
    }
    expect(seen).toEqual([0, 1, 2, 3, 4, 5]);
    expect(pages).toEqual([2, 2, 2]);
  });

  it('shows people a table that no message can break', async () => {
    const { stdout } = await session.run(['dead-letters', 'list', '--limit', '3']);
    const [head, ...rows] = stdout.trimEnd().split('\n');
    expect(head).toMatch(/^LETTER +DIED +REQUEST +INVOCATION +INSTANCES +CODE +CALLS +MESSAGE$/);
    expect(rows[0]).toContain('whole invocation');
    expect(rows[2]).toContain('ins-00000000 and 1 more');
    expect(rows[3]).toMatch(/^There are more: the same command with --cursor [\w-]{20,} --limit 3$/);
    expect(stdout).not.toContain('\u001b');
  });

  it('says when there are none', async () => {
    const { stdout } = await session.run(['dead-letters', 'list', '--code', 'Nothing']);
    expect(stdout).toBe('No dead letters.\n');
  });
});
