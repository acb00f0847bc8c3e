import { afterAll, afterEach, beforeAll, describe, expect, vi } from 'vitest';
import { chromiumPath } from './browser.js';
import { PageScene, type PageSceneOptions } from './page-scene.js';
import { PageUser } from './page-user.js';

export interface PageSuite {
  scene(): PageScene;
  user(): PageUser;
}

if (chromiumPath === undefined) {
  process.stderr.write('Tests of the operator page in a browser are left out: no Chromium is installed.\n');
}

/** Tests that share an installation and a browser. Left out, with a message, where there is no browser. */
export function describePage(
  name: string,
  options: PageSceneOptions,
  tests: (suite: PageSuite) => void,
): void {
  describe.runIf(chromiumPath !== undefined)(name, () => {
    vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 });
    let scene: PageScene | undefined;
    let user: PageUser | undefined;
    beforeAll(async () => {
      scene = await PageScene.start(options);
      user = await PageUser.arrive(scene.url);
    });
    afterAll(async () => {
      await user?.leave();
      await scene?.close();
    });
    afterEach(() => {
      expect(user?.complaints.splice(0)).toEqual([]);
    });
    const there = <Value>(value: Value | undefined): Value => {
      if (value === undefined) throw new Error('the scene did not start');
      return value;
    };
    tests({ scene: () => there(scene), user: () => there(user) });
  });
}
