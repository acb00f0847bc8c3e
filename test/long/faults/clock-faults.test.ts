import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect } from 'vitest';
import { fakeClock, fakeTimeLibrary, movedClock } from '../../support/fake-clock.js';
import { it } from '../../support/fault-test.js';
import { waitUntil } from '../../support/wait-until.js';

const directory = mkdtempSync(join(tmpdir(), 'tat-cancel-clock-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

if (fakeTimeLibrary === undefined) {
  process.stderr.write('Clocks are not set wrong: libfaketime is missing (apt-get install libfaketime).\n');
}

describe.runIf(fakeTimeLibrary).concurrent('a wrong clock', () => {
  it.for<[string, string]>([
    ['+2s', '-2s'],
    ['+15s', '-15s'],
    ['+4m', '-4m'],
  ])('of two workers, %s and %s, harms neither limit nor outcomes', async ([one, other], { scene }) => {
    const it = await scene({ workers: 1 });
    await it.startWorker({}, { environment: fakeClock(one) });
    await it.startWorker({}, { environment: fakeClock(other) });
    await it.ask({ invocations: 60 });
    it.simulator.faults.add({ action: 'CancelInvocation', share: 0.1, code: 'InternalError' }); // some come back later
    await it.ask({ invocations: 60 });
    const { outcomes } = await it.verify({ fault: `clocks of two workers ${one} and ${other}` });
    expect(outcomes).toEqual({ terminated: 600 });
  });

  it('that is an hour ahead has the cloud refuse the worker’s signatures, and buries nothing', async ({
    scene,
  }) => {
    const it = await scene({ workers: 0, worker: { attempts: 2 } });
    const wrong = await it.startWorker({}, { environment: fakeClock('+1h') });
    await it.ask({ invocations: 30 });
    await waitUntil('held', async () => {
      const held = await it.redis.get(`${it.prefix}:held`);
      return held !== null && JSON.parse(held).code === 'AuthFailure.SignatureExpire';
    });
    await it.disrupt('the wrong one leaves', () => wrong.terminate());
    await it.startWorker();
    const { outcomes } = await it.verify({ fault: 'clock of the only worker +1 h, then replaced' });
    expect(outcomes).toEqual({ terminated: 150 });
  });

  it('that is set back and forth by a minute while work goes on disturbs nothing', async ({ scene }) => {
    const it = await scene({ workers: 1 });
    const file = join(directory, 'moved');
    writeFileSync(file, '+0s');
    await it.startWorker({}, { environment: movedClock(file) });
    await it.ask({ invocations: 120 });
    for (const offset of ['-60s', '+60s', '-60s', '+0s']) {
      await it.calls(20);
      writeFileSync(file, offset);
    }
    const { outcomes } = await it.verify({ fault: 'clock of one worker set by ±1 min while running' });
    expect(outcomes).toEqual({ terminated: 600 });
  });

  // libfaketime and the memory allocator of Redis do not get on, so the clocks of all others are wrong instead.
  it.for([
    ['+2s', '-2s'],
    ['-2s', '+2s'],
    ['-4m', '+4m'],
  ])(
    'of the host of Redis, %s from all others, harms neither limit nor outcomes',
    async ([offset = '', others = ''], { scene }) => {
      const it = await scene({ workers: 0 });
      const environment = fakeClock(others);
      await Promise.all([it.startWorker({}, { environment }), it.startWorker({}, { environment })]);
      it.simulator.faults.add({ action: 'CancelInvocation', share: 0.1, code: 'InternalError' });
      await it.ask({ invocations: 80 });
      const { outcomes } = await it.verify({ fault: `clock of Redis’ host ${offset} from all others` });
      expect(outcomes).toEqual({ terminated: 400 });
    },
  );
});
