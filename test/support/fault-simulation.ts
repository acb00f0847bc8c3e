import { FaultScene } from './fault-scene.js';
import type { Finding } from './invariants.js';
import { pass } from './pass-time.js';
import { type Place, RandomFaults } from './random-faults.js';
import { RandomSource } from './random-source.js';
import { RandomWork } from './random-work.js';

const places = 3;

/** Random requests on real processes while random faults strike, all from one seed for each episode. */
export class FaultSimulation {
  private constructor(
    readonly scene: FaultScene,
    private readonly places: Place[],
  ) {}

  /** `hasSteadyWorker`: one of the workers is never killed. */
  static async start({ hasSteadyWorker = false } = {}): Promise<FaultSimulation> {
    const scene = await FaultScene.start({
      workers: 0,
      callsPerSecond: 40,
      redis: { directives: [['appendfsync', 'always']] },
      worker: { attempts: 100, callTimeoutMs: 1_000, graceMs: 3_000 }, // nothing is to be given up for bad luck
    });
    const started = await Promise.all(
      Array.from({ length: places }, async (_, index): Promise<Place> => {
        const { worker, proxy } = await scene.startWorkerBehindProxy();
        return { worker, proxy, isSteady: hasSteadyWorker && index === 0 };
      }),
    );
    return new FaultSimulation(scene, started);
  }

  /** The worker that is never killed, if there is one. */
  get steadyWorker() {
    return this.places.find(({ isSteady }) => isSteady)?.worker;
  }

  /**
   * One episode: requests and faults side by side, then time to heal, then the check. Rejects with seed, faults and what
   * is wrong.
   */
  async play(seed: number): Promise<{ finding: Finding; faults: readonly string[] }> {
    const work = new RandomWork(this.scene, new RandomSource(seed));
    const random = new RandomSource(seed ^ 0x5eed);
    const faults: string[] = [];
    try {
      await Promise.all([this.#ask(work, random.between(3, 7), seed), this.#strike(faults, random)]);
      const finding = await this.scene.verify({ fault: `simulation ${seed}`, withinMs: 90_000 });
      const { 'dead-lettered': dead = 0 } = finding.outcomes;
      if (dead !== work.strangers) throw new Error(`${dead} dead letters for ${work.strangers} strangers`);
      return { finding, faults };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`SIMULATION_SEED=${seed} (${faults.join(', ')}): ${reason}`, { cause: error });
    }
  }

  async #ask(work: RandomWork, requests: number, seed: number): Promise<void> {
    const random = new RandomSource(seed ^ 0xa5c);
    for (let asked = 0; asked < requests; asked++) {
      await work.askOnce();
      await pass(random.between(0, 1_200));
    }
  }

  async #strike(faults: string[], random: RandomSource): Promise<void> {
    const source = new RandomFaults(this.scene, random, this.places);
    for (let left = random.between(2, 5); left > 0; left--) {
      await pass(random.between(0, 800));
      faults.push(await source.strike());
    }
  }

  async close(): Promise<void> {
    await this.scene.close();
  }
}
