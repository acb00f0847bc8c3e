import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatJobRef, parseJobId } from '../../src/shared/job-ref.js';

describe('a job id', () => {
  it('tells request and position again', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/),
        fc.nat({ max: 999_999 }),
        (requestId, position) => {
          const ref = { requestId, position };
          expect(parseJobId(formatJobRef(ref))).toEqual(ref);
        },
      ),
    );
  });

  it('names the same job after a redrive', () => {
    expect(parseJobId('req-1.4.r2')).toEqual({ requestId: 'req-1', position: 4 });
  });

  it.each(['', '1', 'req-1', 'req-1.', '.1', 'req-1.-1', 'req-1.01', 'req-1.1.2', 'a:b.1', 'req-1.1.rx'])(
    'is none of ours: %j',
    (jobId) => {
      expect(parseJobId(jobId)).toBeUndefined();
    },
  );
});
