import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Ledger, RequestStatusReader } from '../../../src/shared/ledger/index.js';
import { RequestSearch } from '../../../src/shared/ledger/request-search.js';
import { connectToTestRedis, freshPrefix, removeKeysOf } from '../../support/test-prefix.js';

const prefix = freshPrefix();
const labelled = ['req-0', 'req-2', 'req-4', 'req-6'];
let redis: Redis;

beforeAll(async () => {
  redis = connectToTestRedis();
  const ledger = new Ledger(redis, prefix);
  for (let number = 0; number < 7; number++) {
    await ledger.accept({
      ...{ requestId: `req-${number}`, fingerprint: 'content', priority: 'normal' },
      facts: number % 2 === 0 ? { label: 'night' } : {},
      jobs: [{ region: 'ap-tokyo', invocationId: `inv-0000000${number}` }],
    });
  }
});

afterAll(async () => {
  await removeKeysOf(redis, prefix);
  redis.disconnect();
});

interface Page {
  readonly requests: readonly { readonly requestId: string }[];
  readonly nextCursor?: number;
}

type ReadPage = (page: { cursor?: number; limit: number }) => Promise<Page>;

/** Every page, as ids. */
async function pagesOf(read: ReadPage, limit: number): Promise<string[][]> {
  const pages: string[][] = [];
  let cursor: number | undefined;
  do {
    const page: Page = await read({ limit, ...(cursor === undefined ? {} : { cursor }) });
    pages.push(page.requests.map(({ requestId }) => requestId));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return pages;
}

const readers: [string, (label: string | undefined) => ReadPage][] = [
  [
    'the list',
    (label) => (page) =>
      new RequestStatusReader(redis, prefix).list(
        page,
        (status) => label === undefined || status.label === label,
      ),
  ],
  [
    'the search',
    (label) => (page) =>
      new RequestSearch(redis, prefix).list(label === undefined ? {} : { text: label }, page),
  ],
];

describe.each(readers)('%s of requests', (_name, reader) => {
  it.each([1, 2, 3, 4, 5])('shows each once in pages of %i, and leads to no empty one', async (limit) => {
    const pages = await pagesOf(reader('night'), limit);
    expect(pages.flat()).toEqual(labelled.toReversed());
    expect(pages).toHaveLength(Math.ceil(labelled.length / limit));
  });

  it('leads on from a full page only when there is more', async () => {
    expect(await pagesOf(reader(undefined), 7)).toHaveLength(1);
    expect(await pagesOf(reader(undefined), 6)).toHaveLength(2);
  });
});

describe('a search for an invocation', () => {
  const large = freshPrefix();
  const inv = (number: number) => `inv-${String(number).padStart(8, '0')}`;
  const jobsOf = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => ({ region: 'ap-tokyo', invocationId: inv(from + index) }));

  beforeAll(async () => {
    const ledger = new Ledger(redis, large);
    for (const [requestId, from, count] of [
      ['before', 0, 1],
      ['large', 1, 5_000],
      ['after', 5_000, 1],
    ] as const) {
      const facts = { priority: 'normal' };
      await ledger.accept({
        ...{ requestId, fingerprint: requestId, priority: 'normal', facts },
        jobs: jobsOf(from, count),
      });
    }
  });
  afterAll(() => removeKeysOf(redis, large));

  it.each([
    [0, ['before']],
    [1, ['large']],
    [4_321, ['large']],
    [5_000, ['after', 'large']],
    [9_999, []],
  ])('finds number %i wherever it stands', async (number, expected) => {
    const { requests } = await new RequestSearch(redis, large).list({ text: inv(number) }, { limit: 10 });
    expect(requests.map(({ requestId }) => requestId)).toEqual(expected);
  });

  it('looks through a large request in steps', async () => {
    const steps = vi.spyOn(redis, 'evalsha');
    await new RequestSearch(redis, large).list({ text: inv(9_999) }, { limit: 10 });
    expect(steps.mock.calls.length).toBeGreaterThan(2);
  });
});
