import { test, vi } from 'vitest';
import { FaultScene, type FaultSceneOptions } from './fault-scene.js';

// Processes die, locks and leases run out, and the machine may be busy with other tests.
vi.setConfig({ testTimeout: 180_000 });

export type StartScene = (options?: FaultSceneOptions) => Promise<FaultScene>;

/** `it` with scenes that are closed when the test is over, whatever came of it. */
export const it = test.extend<{ scene: StartScene }>({
  scene: async ({ task: _task }, use) => {
    const scenes: FaultScene[] = [];
    await use(async (options = {}) => {
      const scene = await FaultScene.start(options);
      scenes.push(scene);
      return scene;
    });
    await Promise.all(scenes.map((scene) => scene.close()));
  },
});
