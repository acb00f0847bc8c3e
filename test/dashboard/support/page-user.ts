import type { Page } from 'playwright-core';
import { launchBrowser } from './browser.js';
import { tokens } from './page-scene.js';

/** Somebody with a browser of their own at the page. */
export class PageUser {
  /** What a browser's console complained of: broken scripts, and what the content security policy refused. */
  readonly complaints: string[] = [];

  private constructor(
    readonly page: Page,
    readonly url: string,
    private readonly closeBrowser: () => Promise<void>,
  ) {
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('console', (message) => {
      // Answers that tell of no login, or of a server that is away, are part of some tests.
      const isExpected = /status of (401|404|503)|ERR_CONNECTION|ERR_INCOMPLETE|ERR_EMPTY/.test(
        message.text(),
      );
      if (message.type() === 'error' && !isExpected) this.complaints.push(message.text());
    });
  }

  static async arrive(url: string, options: Parameters<typeof launchBrowser>[0] = {}): Promise<PageUser> {
    const { context, close } = await launchBrowser({
      viewport: { width: 1_280, height: 860 },
      reducedMotion: 'reduce',
      ...options,
    });
    context.setDefaultTimeout(15_000);
    return new PageUser(await context.newPage(), url, close);
  }

  /** Logs in by pointer, leaving whoever was logged in before. */
  async logIn(role: keyof typeof tokens): Promise<void> {
    await this.page.context().clearCookies();
    await this.page.goto(`${this.url}/login`);
    await this.page.getByLabel('Access token').fill(tokens[role]);
    await this.page.getByRole('button', { name: 'Log in' }).click();
    await this.page.getByRole('heading', { name: 'Now', exact: true }).waitFor();
  }

  async goTo(path: string): Promise<void> {
    await this.page.goto(this.url + path);
  }

  /** Lets a file fall onto the form for new requests. */
  async dropFile(name: string, text: string): Promise<void> {
    const transfer = await this.page.evaluateHandle(`(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([${JSON.stringify(text)}], ${JSON.stringify(name)}, { type: 'text/csv' }));
      return transfer;
    })()`);
    await this.page.locator('.drop-zone').dispatchEvent('drop', { dataTransfer: transfer });
  }

  /** Runs in the page; a string, since this side knows nothing of documents. */
  async ask<Answer>(expression: string): Promise<Answer> {
    return (await this.page.evaluate(expression)) as Answer;
  }

  /** Presses Tab until the focus is on what has this name. */
  async tabTo(role: string, name: string | RegExp): Promise<void> {
    const wanted = this.page.getByRole(
      role as 'button',
      typeof name === 'string' ? { name, exact: true } : { name },
    );
    for (let presses = 0; presses < 120; presses++) {
      await this.page.keyboard.press('Tab');
      if ((await wanted.and(this.page.locator(':focus')).count()) > 0) return;
    }
    throw new Error(`the keyboard does not get to ${role} ${String(name)}`);
  }

  async leave(): Promise<void> {
    await this.closeBrowser();
  }
}
