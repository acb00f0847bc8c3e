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

export interface Browser {
  readonly context: BrowserContext;
  /** Ends it and removes its profile. */
  close(): Promise<void>;
}

/** A browser with a profile of its own. */
export async function launchBrowser(options: BrowserContextOptions = {}): Promise<Browser> {
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
  return {
    context,
    close: async () => {
      await context.close();
      // Processes of the browser may write for a moment after it said good-bye.
      rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}
