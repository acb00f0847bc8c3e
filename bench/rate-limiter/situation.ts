import { type Call, callRate, longestGap, mostInOneSecond } from '../../test/support/limiter-cloud.js';
import { LimiterScene, type LimiterSceneOptions } from '../../test/support/limiter-scene.js';

/** How long to watch once a fault is over, in ms. */
export const watchMs = Number(process.env.WATCH_MS ?? 15_000);

export const fourProcesses = [{}, {}, {}, {}] as const;

/** What came of one situation; one line of the table. */
export interface Finding {
  /** Every call, also those before and during the fault: none may break the limit. */
  readonly all: readonly Call[];
  /** The calls after things had settled. */
  readonly settled: readonly Call[];
  readonly note: string;
}

export interface Situation {
  readonly name: string;
  /** What is hoped for: calls/s and most in any second; more where it matters. */
  readonly target: string;
  run(): Promise<Finding>;
}

/** Starts processes, lets them call in peace, does the harm, and watches what follows. */
export function harmed(
  name: string,
  target: string,
  harm: (scene: LimiterScene) => unknown = () => {},
  options: LimiterSceneOptions = { workers: fourProcesses },
): Situation {
  return {
    name,
    target,
    run: async () => {
      const scene = await LimiterScene.start(options);
      try {
        await scene.allCalling();
        await scene.cloud.during(2_000);
        const note = await harm(scene);
        await scene.cloud.next(20);
        const settled = await scene.cloud.during(watchMs);
        const notes = typeof note === 'string' ? [note] : [];
        return { all: scene.cloud.calls, settled, note: [...notes, await lateNote(scene)].join(', ') };
      } finally {
        await stop(scene);
      }
    },
  };
}

export async function lateNote(scene: LimiterScene): Promise<string> {
  return `${await scene.latePermits()} permits late`;
}

/** Ends the scene. Throws when a process had an error that nobody caught. */
export async function stop(scene: LimiterScene): Promise<void> {
  const unhandled = await scene.stop();
  if (unhandled.length > 0) throw new Error(`unhandled in a process: ${unhandled.join('\n')}`);
}

export function tableRow({ name, target }: Situation, { all, settled, note }: Finding): string {
  const cells = [
    name,
    target,
    callRate(settled).toFixed(1),
    mostInOneSecond(all),
    longestGap(all).toFixed(0),
    note,
  ];
  return `| ${cells.join(' | ')} |`;
}

export const tableHead = [
  '| situation | target: calls/s, most in 1 s | calls/s | most in 1 s | longest gap, ms | |',
  '|---|---|---|---|---|---|',
].join('\n');
