import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type WaitingJob, WaitingJobs } from '../../src/worker/waiting-jobs.js';

const ranks = { urgent: 0, normal: 1, low: 2 } as const;
type Rank = keyof typeof ranks;

/** A job of an invocation of its own, unless one is given. */
function job(rank: Rank, sequence: number, invocationId = `inv-${rank}-${sequence}`): WaitingJob {
  const order = ranks[rank] * 2 ** 51 + sequence * 2 ** 17;
  return { jobId: `${rank}${sequence}`, ref: `${rank}${sequence}.0`, region: 'r', invocationId, order };
}

function waiting(...jobs: WaitingJob[]): WaitingJobs {
  const waitingJobs = new WaitingJobs();
  for (const each of jobs) waitingJobs.add(each);
  return waitingJobs;
}

/** Picks so many times and lets every pick be carried out whole. Returns what was picked, by its first job. */
function pickAll(waitingJobs: WaitingJobs, times: number): string[] {
  const picked: string[] = [];
  for (let turn = 0; turn < times; turn++) {
    const group = waitingJobs.pick(true);
    if (group === undefined) break;
    picked.push([...group.jobs][0]?.jobId ?? '');
    for (const each of [...group.jobs]) waitingJobs.remove(each);
  }
  return picked;
}

describe('whose turn it is', () => {
  it('is the oldest’s within a priority', () => {
    const jobs = waiting(job('normal', 3), job('normal', 1), job('normal', 2));
    expect(pickAll(jobs, 5)).toEqual(['normal1', 'normal2', 'normal3']);
  });

  it('is the invocation’s as a whole, with all jobs that wait for it', () => {
    const jobs = waiting(job('normal', 2, 'inv-a'), job('normal', 3, 'inv-b'), job('normal', 4, 'inv-a'));
    expect([...(jobs.pick(true)?.jobs ?? [])].map(({ jobId }) => jobId)).toEqual(['normal2', 'normal4']);
  });

  it('is an urgent invocation’s in 17 turns of 20, a normal one’s in two, a low one’s in one', () => {
    const urgent = Array.from({ length: 60 }, (_, index) => job('urgent', index));
    const normal = Array.from({ length: 60 }, (_, index) => job('normal', index));
    const low = Array.from({ length: 60 }, (_, index) => job('low', index));
    const picked = pickAll(waiting(...low, ...normal, ...urgent), 40);
    const share = (rank: Rank) => picked.filter((jobId) => jobId.startsWith(rank)).length;
    expect([share('urgent'), share('normal'), share('low')]).toEqual([34, 4, 2]);
  });

  it('never passes over an urgent job for two turns in a row', () => {
    const urgent = Array.from({ length: 60 }, (_, index) => job('urgent', index));
    const normal = Array.from({ length: 60 }, (_, index) => job('normal', index));
    const low = Array.from({ length: 60 }, (_, index) => job('low', index));
    const picked = pickAll(waiting(...low, ...normal, ...urgent), 60);
    const passedOver = picked.map((jobId) => !jobId.startsWith('urgent'));
    expect(passedOver.some((isOver, turn) => isOver && passedOver[turn + 1] === true)).toBe(false);
  });

  it('gives the turn that nobody of a lower priority wants to the first in order', () => {
    const urgent = Array.from({ length: 20 }, (_, index) => job('urgent', index));
    expect(pickAll(waiting(...urgent), 20)).toEqual(urgent.map(({ jobId }) => jobId));
  });

  it('starves nobody, however much urgent work keeps coming in', () => {
    const turnsPerRound = 20;
    fc.assert(
      fc.property(fc.nat({ max: 5 }), fc.nat({ max: 5 }), fc.nat({ max: 40 }), (normals, lows, headStart) => {
        const jobs = waiting();
        const waitingLong = [
          ...Array.from({ length: normals }, (_, index) => job('normal', index)),
          ...Array.from({ length: lows }, (_, index) => job('low', index)),
        ];
        let arrived = 0;
        const turn = () => {
          jobs.add(job('urgent', arrived++));
          jobs.add(job('urgent', arrived++));
          return pickAll(jobs, 1)[0] ?? '';
        };
        for (let index = 0; index < headStart; index++) turn();
        for (const each of waitingLong) jobs.add(each);
        const picked = new Set<string>();
        for (let index = 0; index < turnsPerRound * Math.max(normals, lows); index++) picked.add(turn());
        for (const { jobId } of waitingLong) expect(picked.has(jobId)).toBe(true);
      }),
    );
  });

  it('stays the same kind of turn while picks come to nothing', () => {
    const jobs = waiting(job('urgent', 1), job('low', 1), job('low', 2));
    const lowTurn = 10;
    for (let turn = 1; turn < lowTurn; turn++) jobs.pick(true);
    const first = jobs.pick(true);
    expect(first?.invocationId).toBe('inv-low-1');
    for (const each of [...(first?.jobs ?? [])]) jobs.remove(each);
    expect(jobs.pick(false)?.invocationId).toBe('inv-low-2');
  });

  it('is nobody’s when nothing waits', () => {
    expect(waiting().pick(true)).toBeUndefined();
  });
});

describe('the jobs that wait', () => {
  it('are kept apart by region, even for the same invocation', () => {
    const jobs = waiting(job('normal', 1, 'inv-a'), { ...job('normal', 2, 'inv-a'), region: 'elsewhere' });
    expect(jobs.pick(true)?.jobs.size).toBe(1);
  });

  it('are gone once removed, and removing twice does no harm', () => {
    const one = job('normal', 1);
    const jobs = waiting(one);
    expect(jobs.has(one)).toBe(true);
    jobs.remove(one);
    jobs.remove(one);
    expect(jobs.has(one)).toBe(false);
    expect(jobs.invocations).toBe(0);
  });

  it('are all handed out and forgotten', () => {
    const jobs = waiting(job('normal', 1), job('low', 2), job('urgent', 3));
    expect(jobs.takeAll()).toHaveLength(3);
    expect(jobs.invocations).toBe(0);
    expect(jobs.takeAll()).toEqual([]);
  });
});
