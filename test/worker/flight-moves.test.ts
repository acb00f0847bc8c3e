import { describe, expect, it } from 'vitest';
import { createFailure } from '../../src/shared/failure-table.js';
import type { CarriedJob } from '../../src/shared/ledger/index.js';
import {
  acceptMove,
  attemptRecord,
  buryMove,
  idsOf,
  narrow,
  retryMove,
  returnMove,
} from '../../src/worker/flight-moves.js';

function carried(changes: Partial<CarriedJob> = {}): CarriedJob {
  return {
    ref: 'req-1.0',
    mask: 's.s',
    instanceIds: ['ins-a', 'ins-c'],
    allInstanceIds: ['ins-a', 'ins-b', 'ins-c'],
    attempts: 0,
    ...changes,
  };
}

const failure = createFailure('InternalError', 'no', 'cloud-7');
const attempt = attemptRecord(failure, 'worker-1', 1_000);

describe('a move of what a call carried', () => {
  it('touches only the instances that were in the call', () => {
    expect(acceptMove(carried(), 'cloud-1', true).mask).toBe('a.a');
    expect(returnMove(carried()).mask).toBe('w.w');
    expect(retryMove(carried(), attempt, 500)).toMatchObject({ mask: 'w.w', notBeforeMs: 500 });
    expect(buryMove(carried(), failure, attempt).mask).toBe('d.d');
  });

  it('into the dead letters says whose job it was and why, under an id of its own', () => {
    const job = carried({ ref: 'req-1.12' });
    const first = buryMove(job, failure, attempt);
    expect(first).toMatchObject({
      letter: {
        requestId: 'req-1',
        jobId: 'req-1.12',
        code: 'InternalError',
        message: 'no',
        cloudRequestId: 'cloud-7',
      },
    });
    expect(first).not.toMatchObject({
      letterId: (buryMove(job, failure, attempt) as { letterId: string }).letterId,
    });
  });

  it('leaves the cloud’s request id out of the history when there was none', () => {
    expect(attemptRecord(createFailure('NetworkError', 'no'), 'worker-1', 1)).toEqual({
      at: 1,
      worker: 'worker-1',
      code: 'NetworkError',
      message: 'no',
    });
  });
});

describe('narrowing a flight down to some ids', () => {
  it('keeps those that the call carried, in every job that asked for them', () => {
    const other = carried({ ref: 'req-2.0', mask: 'ss', allInstanceIds: ['ins-c', 'ins-d'] });
    const narrowed = narrow([carried(), other], ['ins-c']);
    expect(narrowed.map(({ ref, mask }) => [ref, mask])).toEqual([
      ['req-1.0', '..s'],
      ['req-2.0', 's.'],
    ]);
  });

  it('leaves out jobs without any of them, and ids that the call did not carry', () => {
    expect(narrow([carried()], ['ins-b'])).toEqual([]);
    expect(narrow([carried()], [])).toEqual([]);
  });
});

describe('the ids of a flight', () => {
  it('name each instance once, whoever asked for it', () => {
    const jobs = [carried(), carried({ ref: 'req-2.0', instanceIds: ['ins-c', 'ins-d'] })];
    const flight = { callId: 'c', region: 'r', invocationId: 'i', claimedAtMs: 0, whole: false, jobs };
    expect(idsOf(flight)).toEqual(['ins-a', 'ins-c', 'ins-d']);
  });
});
