import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { beforeAll, expect, it } from 'vitest';
import { describePage } from '../../dashboard/support/page-suite.js';
import { type Showcase, setUpShowcase } from '../../dashboard/support/showcase.js';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface View {
  readonly name: string;
  readonly path: string;
  /** Seen once the view has its content. */
  readonly text: string;
  /** Opens a dialog. */
  readonly press?: string | RegExp;
}

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

const phone = { width: 360, height: 780 };
const desktop = { width: 1_280, height: 860 };

describePage('every view', { workers: 1 }, (suite) => {
  let showcase: Showcase;

  beforeAll(async () => {
    showcase = await setUpShowcase(suite.scene(), { calls: 20 });
    await suite.user().logIn('operate');
  }, 60_000);

  const views = (): View[] => [
    { name: 'now', path: '/', text: 'INC-4711' },
    { name: 'pause', path: '/', text: 'INC-4711', press: 'Pause…' },
    { name: 'requests', path: '/requests', text: 'INC-4711' },
    { name: 'instance', path: `/requests?search=${showcase.instanceId}`, text: 'asked for by' },
    { name: 'request', path: `/requests/${showcase.finishedId}`, text: 'Timeline' },
    {
      name: 'running request',
      path: `/requests/${showcase.backlogId}`,
      text: 'Timeline',
      press: 'Withdraw…',
    },
    { name: 'dead letters', path: '/dead-letters', text: 'What to do' },
    { name: 'audit', path: '/audit', text: 'The latest 100,000' },
    { name: 'dead letter', path: '/dead-letters', text: 'Show letters', press: /^ResourceNotFound/ },
    { name: 'redrive', path: '/dead-letters', text: 'Show letters', press: /^Redrive all of Res/ },
    { name: 'discard', path: '/dead-letters', text: 'Show letters', press: /^Discard all of Res/ },
    { name: 'new request', path: '/new', text: 'Nothing yet' },
    { name: 'unknown request', path: '/requests/req-unknown', text: 'No such request' },
  ];

  async function show({ path, text, press }: View): Promise<void> {
    const { page } = suite.user();
    await suite.user().goTo(path);
    await page.getByText(text).first().waitFor();
    await page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached' });
    if (press === undefined) return;
    const by = typeof press === 'string' ? { name: press, exact: true } : { name: press };
    await page.getByRole('button', by).or(page.getByRole('link', by)).first().click();
    await page.getByRole('dialog').waitFor();
  }

  async function findViolations(): Promise<string[]> {
    await suite.user().ask(axeSource);
    const violations = await suite
      .user()
      .ask<Violation[]>('axe.run(document).then(({ violations }) => violations)');
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) =>
        nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
      );
  }

  it('would be told of a fault', async () => {
    await suite.user().goTo('/');
    await suite.user().page.getByText('INC-4711').waitFor();
    await suite.user().ask('document.querySelector("main").append(document.createElement("button"))');
    expect(await findViolations()).toEqual([expect.stringMatching(/^button-name: /)]);
  });

  it.each(['light', 'dark'] as const)('has no serious fault that axe finds, in %s', async (colorScheme) => {
    const { page } = suite.user();
    await page.emulateMedia({ colorScheme });
    for (const view of views()) {
      await show(view);
      expect(await findViolations(), view.name).toEqual([]);
    }
  });

  it('has none on the login view either', async () => {
    const { page } = suite.user();
    const cookies = await page.context().cookies();
    await page.context().clearCookies();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await suite.user().goTo('/login');
      await page.getByLabel('Access token').waitFor();
      expect(await findViolations()).toEqual([]);
    }
    await page.context().addCookies(cookies);
  });

  it('fits on a phone without scrolling sideways, and has no serious fault there', async () => {
    const { page } = suite.user();
    await page.setViewportSize(phone);
    for (const view of views()) {
      await show(view);
      expect(await suite.user().ask('document.documentElement.scrollWidth'), view.name).toBeLessThanOrEqual(
        phone.width,
      );
      expect(await findViolations(), view.name).toEqual([]);
    }
    await page.setViewportSize(desktop);
  });

  it('reads nothing out that only ticks', async () => {
    const { page } = suite.user();
    const spoken = () =>
      suite.user().ask(`[...document.querySelectorAll('[role=status], [aria-live], output')]
        .map((region) => region.textContent)`);
    await suite.scene().producer.pause({ reason: 'lunch' });
    await suite.user().goTo('/');
    await page.getByText('Paused: no calls are made.').waitFor();
    await page.getByText('INC-4711').waitFor();
    const before = await spoken();
    const readout = page.locator('.plot-readout').first();
    for (let seconds = 0; seconds < 3; seconds++) {
      const text = (await readout.textContent()) ?? '';
      await readout.filter({ hasNotText: text }).waitFor();
    }
    expect(await spoken()).toEqual(before);
    await suite.scene().producer.resume();
  });

  it('keeps the colours that somebody chose, whatever the system has', async () => {
    const { page } = suite.user();
    const scheme = () => suite.user().ask('getComputedStyle(document.documentElement).colorScheme');
    await page.emulateMedia({ colorScheme: 'dark' });
    await suite.user().goTo('/');
    await page.getByRole('button', { name: /^Colours: as the system/ }).click();
    expect(await scheme()).toBe('light');
    await page.reload();
    await page.getByRole('button', { name: /^Colours: light/ }).click();
    expect(await scheme()).toBe('dark');
    await page.getByRole('button', { name: /^Colours: dark/ }).click();
    expect(await scheme()).toBe('light dark');
  });
});
