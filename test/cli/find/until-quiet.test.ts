import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../../src/shared/clock.js';
import { FindSession, type FoundDocument } from './find-session.js';
import { badCommand } from './mixed-world.js';

interface RoundsDocument extends FoundDocument {
  readonly requests: readonly { readonly requestId: string; readonly duplicate: boolean }[];
  readonly rounds: number;
  readonly isQuiet: boolean;
}

let session: FindSession;
beforeAll(async () => {
  session = await FindSession.start();
});
beforeEach(() => session.move());
afterAll(() => session.close());

const untilQuiet = ['cancel', '--command', badCommand, '--until-quiet'];
const add = (instances = 1, exceptions = {}) =>
  session.add({ instances, exceptions, command: { commandId: badCommand } });

/** A clock that does not wait between two searches, but does the next of `happenings`, each of which takes `stepMs`. */
function busyClock(happenings: (() => void)[], stepMs = 5_000): Clock & { pauses: number } {
  let skippedMs = 0;
  return {
    pauses: 0,
    now: () => systemClock.now() + skippedMs,
    async sleep(delayMs, signal) {
      if (delayMs < 5_000) return await systemClock.sleep(delayMs, signal);
      this.pauses += 1;
      skippedMs += stepMs;
      happenings.shift()?.();
    },
  };
}

const noEvent = () => {};

describe('--until-quiet', () => {
  it('catches what is started between searches, each once, and ends after two that find nothing new', async () => {
    const first = add(2);
    let [second, third] = [first, first];
    const clock = busyClock([
      () => {
        second = add();
      },
      noEvent,
      () => {
        third = add(2, { 0: 'finished' });
      },
    ]);
    session.startWorker();
    const { exitCode, document, stderr } = await session.runJson<RoundsDocument>(
      [...untilQuiet, '--yes', '--watch', '--no-confirm', '--key', 'incident-1'],
      { clock },
    );
    expect(exitCode).toBe(0);
    expect(document.requests.map(({ duplicate }) => duplicate)).toEqual([false, false, false]);
    expect(document).toMatchObject({ rounds: 6, isQuiet: true, jobs: 3, foundInstances: 4 });
    expect(document.outcome?.total).toBe(document.instances);
    const calls = session.simulator.record.calls('CancelInvocation');
    expect(calls.map(({ invocationId, instanceIds }) => [invocationId, instanceIds]).sort()).toEqual(
      [
        [first.invocationId, undefined],
        [second.invocationId, undefined],
        [third.invocationId, [third.instanceIds[1]]],
      ].sort(),
    );
    expect(stderr).toContain('Search 2 found 1 more unfinished invocation on 1 instance.');
    expect(stderr).toContain('Quiet: 2 searches in a row found nothing new.');
  });

  it('waits for something to start when nothing runs yet', async () => {
    const clock = busyClock([() => add()]);
    const { exitCode, stdout } = await session.run([...untilQuiet, '--yes'], { clock });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Nothing to cancel');
    expect(stdout).toContain('Cancel enqueued: 1 whole invocation');
    expect(clock.pauses).toBe(3);
  });

  it('gives up after ten minutes, says so, and tells what was enqueued', async () => {
    add();
    const clock = busyClock(
      Array.from({ length: 10 }, () => () => add()),
      4 * 60_000,
    );
    const { exitCode, document, stderr } = await session.runJson<RoundsDocument>([...untilQuiet, '--yes'], {
      clock,
    });
    expect(exitCode).toBe(1);
    expect(document).toMatchObject({ isQuiet: false, rounds: 4 });
    expect(document.requests).toHaveLength(4);
    expect(stderr).toContain('Not quiet after 10 min 00 s');
  });

  it('tells what was enqueued when it is interrupted between searches', async () => {
    add();
    const ending = new AbortController();
    const clock = busyClock([() => add(), () => ending.abort()]);
    const { exitCode, document, stderr } = await session.runJson<RoundsDocument>([...untilQuiet, '--yes'], {
      ...{ clock, signal: ending.signal },
    });
    expect(exitCode).toBe(130);
    expect(document).toMatchObject({ outcome: null, isQuiet: false, foundInstances: 2 });
    expect(document.requests).toHaveLength(2);
    expect(stderr).toContain('Stopped searching. What was enqueued so far goes on.');
  });

  it('leaves all requests alone when the watching is interrupted, and names each', async () => {
    add();
    const ending = new AbortController();
    const { exitCode, document, stderr } = await session.runJson<RoundsDocument>(
      [...untilQuiet, '--yes', '--watch'],
      {
        ...{ clock: busyClock([() => add()]), signal: ending.signal },
        onOutput: (_stream, text) => {
          if (text.includes('0 of 2 instances')) ending.abort();
        },
      },
    );
    expect(exitCode).toBe(130);
    expect(document.outcome).toBeNull();
    expect(document.requests).toHaveLength(2);
    for (const { requestId } of document.requests) expect(stderr).toContain(requestId);
  });

  it('is part of the one question, and goes on with nothing that was not confirmed', async () => {
    const nothing = busyClock([]);
    const asked = { isAttended: true, stdin: 'y\n' };
    expect((await session.run(untilQuiet, { ...asked, clock: nothing })).exitCode).toBe(0);
    expect(nothing.pauses).toBe(0);
    add();
    const clock = busyClock([() => add()]);
    const { stdout, stderr } = await session.run(untilQuiet, { ...asked, clock });
    expect(stderr).toContain('1 instance in all, and what else starts until it is quiet? [y/N]');
    expect(stdout.match(/Cancel enqueued/g)).toHaveLength(2);
  });

  it('looks once with --dry-run', async () => {
    add();
    const clock = busyClock([() => add()]);
    const { document } = await session.runJson<RoundsDocument>([...untilQuiet, '--dry-run'], { clock });
    expect(document).toMatchObject({ dryRun: true, jobs: 1 });
    expect(clock.pauses).toBe(0);
  });

  it('is refused where nothing is searched for', async () => {
    const { exitCode, stderr } = await session.run(['cancel', 'inv-00000001', '--until-quiet']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--until-quiet: goes with --command, --instance or --all-running.');
  });
});
