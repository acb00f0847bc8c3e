import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect } from 'vitest';
import { it } from '../../support/fault-test.js';
import { fullLengthOr } from '../../support/full-length.js';
import { waitUntil } from '../../support/wait-until.js';

const run = promisify(execFile);

describe.concurrent('workers that are killed', () => {
  it.for([
    ['not carried out', false],
    ['carried out', true],
  ] as const)(
    'in the middle of calls have their work taken over: calls %s',
    async ([what, executes], { scene }) => {
      const it = await scene({ workers: 0 });
      it.simulator.faults.add({ action: 'CancelInvocation', to: 3, answer: 'hang', executes });
      await it.ask({ invocations: 30 });
      const doomed = await it.startWorker({ callsInFlight: 3 });
      await it.simulator.record.waitForCalls(3, 'CancelInvocation');
      await it.kill(doomed);
      await Promise.all([it.startWorker(), it.startWorker()]);
      const { outcomes, repeats } = await it.verify({ fault: `worker killed in mid-call, calls ${what}` });
      expect(outcomes).toEqual({ terminated: 150 });
      expect(repeats).toBe(15);
    },
  );

  it('when the answer is in and not written down send it again, and it does no harm', async ({ scene }) => {
    const it = await scene();
    const dying = await it.startWorker({}, { dieAt: 'before the answer is written down' });
    await it.disrupt('death before the answer is written down', async () => {
      await it.ask({ invocations: 60 });
      await expect(dying.ended).resolves.toMatchObject({ signal: 'SIGKILL' });
    });
    const { outcomes, repeats } = await it.verify({
      fault: 'worker killed after the answer, before it is noted',
    });
    expect(outcomes).toEqual({ terminated: 300 });
    expect(repeats).toBeGreaterThan(0);
    expect(repeats).toBeLessThanOrEqual(10 * 5);
  });

  it('when the answer is written down repeat nothing', async ({ scene }) => {
    const it = await scene({ worker: { callsInFlight: 1 } });
    const dying = await it.startWorker({}, { dieAt: 'after the answer is written down' });
    await it.ask({ invocations: 60 });
    await expect(dying.ended).resolves.toMatchObject({ signal: 'SIGKILL' });
    const { outcomes, repeats } = await it.verify({ fault: 'worker killed after the answer is noted' });
    expect([outcomes, repeats]).toEqual([{ terminated: 300 }, 0]);
  });

  it('when they have claimed a call and not made it repeat nothing', async ({ scene }) => {
    const it = await scene();
    const dying = await it.startWorker({}, { dieAt: 'after the claim' });
    await it.ask({ invocations: 60 });
    await expect(dying.ended).resolves.toMatchObject({ signal: 'SIGKILL' });
    const { outcomes, repeats } = await it.verify({ fault: 'worker killed between claim and call' });
    expect([outcomes, repeats]).toEqual([{ terminated: 300 }, 0]);
  });

  it('all at once leave nothing undone for those that are started later', async ({ scene }) => {
    const it = await scene({ workers: 3 });
    await it.ask({ invocations: 80 });
    await it.calls(20);
    await it.disrupt('all killed', async () => {
      await Promise.all(it.workers.map((worker) => worker.kill()));
    });
    // What the dead held is overdue by then.
    const restartAt = performance.now() + fullLengthOr(60_000, 1_000);
    await waitUntil('the pause is over', () => performance.now() > restartAt, 90_000);
    await Promise.all([it.startWorker(), it.startWorker()]);
    const { outcomes } = await it.verify({ fault: 'all workers killed at once' });
    expect(outcomes).toEqual({ terminated: 400 });
  });

  it('by memory running out harm nobody else', async ({ scene }) => {
    const it = await scene();
    const hungry = await it.startWorker({}, { nodeFlags: ['--max-old-space-size=48'] });
    await it.ask({ invocations: 60 });
    await it.calls(10);
    await it.disrupt('out of memory', async () => {
      hungry.eatMemory();
      expect((await hungry.ended).code ?? 'a signal').not.toBe(0);
    });
    const { outcomes } = await it.verify({ fault: 'worker out of memory' });
    expect(outcomes).toEqual({ terminated: 300 });
  });
});

describe.concurrent('workers that do not come to their work', () => {
  it('stopped for longer than a lock lasts, and then woken, contradict nobody', async ({ scene }) => {
    const it = await scene();
    const frozen = await it.startWorker();
    await it.ask({ invocations: 120 });
    await it.calls(10);
    const until = performance.now() + fullLengthOr(70_000, 4_000);
    await it.disrupt('stopped', async () => {
      frozen.signal('SIGSTOP');
      await waitUntil('the lock is lost', () => performance.now() > until, 90_000);
      frozen.signal('SIGCONT');
    });
    const { outcomes } = await it.verify({ fault: 'worker stopped for longer than its locks last' });
    expect(outcomes).toEqual({ terminated: 600 });
    expect(frozen.isRunning).toBe(true);
  });

  it.for([1_500, 4_000])(
    'since their event loop is blocked for %d ms contradict nobody',
    async (forMs, { scene }) => {
      const it = await scene();
      await it.ask({ invocations: 100 });
      await it.calls(10);
      await it.disrupt('blocked', async () => {
        it.workers[0]?.block(forMs);
        await it.calls(20);
      });
      const blockedUntil = performance.now() + forMs;
      await it.disrupt('still blocked', async () => {
        await waitUntil('it runs again', () => performance.now() > blockedUntil);
      });
      const { outcomes } = await it.verify({ fault: `event loop blocked for ${forMs} ms` });
      expect(outcomes).toEqual({ terminated: 500 });
    },
  );

  it('for want of file descriptors go on when there are some again', async ({ scene }) => {
    const it = await scene({ workers: 0, worker: { attempts: 30 } });
    const starved = await it.startWorker();
    await it.ask({ invocations: 20 });
    await it.calls(3);
    await it.disrupt('no descriptors', async () => {
      await run('prlimit', ['--pid', String(starved.pid), '--nofile=8:4096']);
      it.simulator.faults.add({ action: 'CancelInvocation', to: 10, answer: 'reset' }); // new connections are needed
      await waitUntil('it finds out', () => starved.saying('call failed').length > 3);
      await run('prlimit', ['--pid', String(starved.pid), '--nofile=4096:4096']);
    });
    const { outcomes } = await it.verify({ fault: 'no file descriptors left' });
    expect(outcomes).toEqual({ terminated: 100 });
    expect(starved.isRunning).toBe(true);
  });
});

describe('all workers, replaced one after the other', () => {
  it('repeat nothing and leave no pause that anybody would notice', async ({ scene }) => {
    const it = await scene({ workers: 3 });
    await it.ask({ invocations: 600 });
    await it.calls(20);
    const rounds = fullLengthOr(4, 1);
    for (let round = 0; round < rounds; round++) {
      for (const old of it.workers.filter(({ isRunning }) => isRunning)) {
        await expect(old.terminate()).resolves.toBe(0);
        await it.startWorker();
        await it.calls(10);
      }
    }
    const { outcomes, repeats, longestGapMs } = await it.verify({ fault: 'rolling restart of all workers' });
    expect([Object.keys(outcomes), repeats]).toEqual([['terminated'], 0]);
    expect(longestGapMs).toBeLessThan(1_000);
    expect(it.workers.flatMap((worker) => worker.saying('BullMQ gave a job up'))).toEqual([]);
  });
});
