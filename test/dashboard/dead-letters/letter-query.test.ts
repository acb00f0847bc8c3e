import { describe, expect, it } from 'vitest';
import { letterFilterOf, queryOf } from '../../../src/dashboard/dead-letters/letter-query.js';

const filterOf = (query: string) => letterFilterOf(new URLSearchParams(query));

describe('the filter of the dead letters in an address', () => {
  it.each([
    ['', {}],
    ['code=NotConfirmed', { code: 'NotConfirmed' }],
    [
      'requestId=req-1&invocationId=inv-1&olderThanSeconds=3600',
      { requestId: 'req-1', invocationId: 'inv-1', olderThanSeconds: 3_600 },
    ],
    // Links of 0.1.0 must not show, and redrive, more than they did.
    [
      'request=req-1&invocation=inv-1&olderThan=3600',
      { requestId: 'req-1', invocationId: 'inv-1', olderThanSeconds: 3_600 },
    ],
    ['request=req-1&requestId=req-2', { requestId: 'req-2' }],
    ['letter=req-1.0.x&code=', {}],
    ['olderThanSeconds=0x10', {}],
  ])('is read from %j', (query, filter) => {
    expect(filterOf(query)).toEqual(filter);
  });

  it('comes back from the address that it was written to', () => {
    const filter = { code: 'a&b=c', requestId: 'req-1', invocationId: 'inv-1', olderThanSeconds: 60 };
    expect(letterFilterOf(new URLSearchParams(queryOf(filter)))).toEqual(filter);
    expect(letterFilterOf(new URLSearchParams(queryOf({})))).toEqual({});
  });
});
