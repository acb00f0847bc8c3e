import { type Call, callRate } from '../../test/support/limiter-cloud.js';
import { LimiterScene } from '../../test/support/limiter-scene.js';
import { fourProcesses, type Situation, stop } from './situation.js';

const quota = 20;
const adaptMs = 20_000;
const steadyMs = 60_000;

/** Somebody else takes calls out of the same bucket, for a while. */
export const foreignClients: readonly Situation[] = [5, 10, 15].map((foreign) => ({
  name: `a foreign client takes ${foreign} of ${quota} calls/s`,
  target: `${quota - foreign}, 20; refused <= 5 %, back within 30 s`,
  run: async () => {
    const scene = await LimiterScene.start({ workers: fourProcesses, quota });
    try {
      await scene.allCalling();
      const stopForeignClient = scene.cloud.startForeignClient(foreign);
      await scene.cloud.during(adaptMs);
      const settled = await scene.cloud.during(steadyMs);
      stopForeignClient();
      const recoverySeconds = await untilFullRate(scene);
      return { all: scene.cloud.calls, settled, note: describe(settled, recoverySeconds) };
    } finally {
      await stop(scene);
    }
  },
}));

async function untilFullRate(scene: LimiterScene): Promise<number> {
  const start = performance.now();
  for (;;) {
    const calls = await scene.cloud.next(20);
    const seconds = (performance.now() - start) / 1_000;
    if (callRate(calls) > 19 || seconds > 60) return seconds;
  }
}

function describe(calls: readonly Call[], recoverySeconds: number): string {
  const refused = calls.filter((call) => call.refused).length;
  const through = ((calls.length - refused) * 1_000) / steadyMs;
  return [
    `${((100 * refused) / calls.length).toFixed(1)} % refused`,
    `${through.toFixed(1)}/s got through`,
    `full rate ${recoverySeconds.toFixed(1)} s after it stopped`,
  ].join(', ');
}
