import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core';

const places = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** A Chromium that is installed here; CHROMIUM_PATH names another one. */
export const chromiumPath = places.find((path) => path !== undefined && existsSync(path));

/** A browser with a profile of its own, which goes when it is closed. */
export async function launchBrowser(
  options: BrowserContextOptions = {},
): Promise<BrowserContext & AsyncDisposable> {
  if (chromiumPath === undefined) throw new Error('no Chromium is installed: apt-get install chromium');
  const profile = mkdtempSync(join(tmpdir(), 'tat-cancel-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
    ...options,
  });
  context.on('close', () => rmSync(profile, { recursive: true, force: true, maxRetries: 5 }));
  return context;
}
