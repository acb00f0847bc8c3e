import { spawn } from 'node:child_process';
import { callRate } from '../../test/support/limiter-cloud.js';
import { fourProcesses, harmed, type Situation, watchMs } from './situation.js';

export const processFaults: readonly Situation[] = [
  harmed('steady, 4 processes', '19.2, 20'),
  harmed('steady, 1 process', '19.2, 20', undefined, { workers: [{}] }),
  harmed('steady, 12 processes', '19.2, 20', undefined, { workers: Array.from({ length: 12 }, () => ({})) }),
  harmed('steady, 40 processes', '19.2, 20', undefined, {
    workers: Array.from({ length: 40 }, () => ({ waiters: 2 })),
  }),
  harmed('3 ms of work between slot and call', '19.2, 20', undefined, {
    workers: fourProcesses.map(() => ({ workMs: 3 })),
  }),
  harmed('four CPU hogs beside', '19.0, 20', async (scene) => {
    const hogs = fourProcesses.map(() => spawn(process.execPath, ['-e', 'for(;;);']));
    const calls = await scene.cloud.during(watchMs);
    for (const hog of hogs) hog.kill('SIGKILL');
    return `with the hogs ${callRate(calls).toFixed(1)}/s`;
  }),
  harmed('kill -9 of one of four', '19.2, 20', (scene) => scene.worker(0).kill()),
  harmed('SIGSTOP of one for 15 s, then SIGCONT', '19.2, 20', async (scene) => {
    scene.worker(0).process.kill('SIGSTOP');
    await scene.cloud.during(15_000);
    scene.worker(0).process.kill('SIGCONT');
  }),
  harmed('event loop of one blocked for 1.5 s', '19.1, 20', (scene) => scene.worker(0).block(1_500)),
  skewed('one clock +2 s', [2_000, 0, 0, 0]),
  skewed('clocks +2 s and -2 s', [2_000, -2_000, 0, 0]),
  skewed('one clock +15 s', [15_000, 0, 0, 0]),
  skewed('one clock +1 h', [3_600_000, 0, 0, 0]),
];

function skewed(name: string, skews: readonly number[]): Situation {
  return harmed(name, '19.2, 20', undefined, { workers: skews.map((clockSkewMs) => ({ clockSkewMs })) });
}
