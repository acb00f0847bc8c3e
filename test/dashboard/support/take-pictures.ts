import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { launchBrowser } from './browser.js';
import { PageScene, tokens } from './page-scene.js';
import { type Showcase, setUpShowcase } from './showcase.js';

const desktop = { width: 1280, height: 860 };
const phone = { width: 360, height: 780 };

/** Pictures of every view, in light and dark and one on a phone, as PNG files in `folder`. */
export async function takePictures(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const scene = await PageScene.start({ workers: 2 });
  const browser = await launchBrowser({ viewport: desktop, reducedMotion: 'reduce' });
  try {
    const page = await browser.context.newPage();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.goto(`${scene.url}/login`);
      await page.getByLabel('Access token').waitFor();
      await page.screenshot({ path: join(folder, `login-${colorScheme}.png`) });
    }
    await page.getByLabel('Access token').fill(tokens.operate);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('heading', { name: 'Now' }).waitFor();
    const showcase = await setUpShowcase(scene);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await takeViews(page, scene.url, showcase, (name) => join(folder, `${name}-${colorScheme}.png`));
    }
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize(phone);
    await takeViews(page, scene.url, showcase, (name) => join(folder, `${name}-phone.png`));
  } finally {
    await browser.close();
    await scene.close();
  }
}

async function takeViews(
  page: Page,
  url: string,
  { runningId, finishedId }: Showcase,
  pathOf: (name: string) => string,
): Promise<void> {
  const shoot = async (name: string, path: string, isReady: string) => {
    await page.goto(url + path);
    await page.getByText(isReady).first().waitFor();
    await page.waitForLoadState('domcontentloaded');
    await page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached' });
    await page.screenshot({ path: pathOf(name) });
  };
  await shoot('now', '/', 'INC-4713');
  await shoot('requests', '/requests', 'INC-4711');
  await shoot('request', `/requests/${runningId}`, 'Timeline');
  await shoot('request-finished', `/requests/${finishedId}`, 'Timeline');
  await shoot('dead-letters', '/dead-letters', 'What to do');
  await page.goto(`${url}/new`);
  await page.getByLabel('What to cancel').fill(exampleList());
  await page.getByLabel('Reason').fill('Agent update hangs, INC-4715');
  await page.getByText('Time at the limit').waitFor();
  await page.screenshot({ path: pathOf('new-request') });
}

function exampleList(): string {
  const lines = Array.from({ length: 1_200 }, (_, index) => {
    const invocation = `inv-${String(1_000_000 + Math.floor(index / 200)).padStart(8, '0')}a`;
    return `${invocation},ins-${index.toString(36).padStart(8, '0')}`;
  });
  return ['invocationId,instanceId', ...lines].join('\n');
}
