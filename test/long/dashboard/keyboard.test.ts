import { expect, it } from 'vitest';
import { region, tokens } from '../../dashboard/support/page-scene.js';
import { describePage } from '../../dashboard/support/page-suite.js';

// A slow API, so that there is something left to withdraw.
const options = { worker: { CALLS_PER_SECOND: '20' }, simulator: { latency: { minMs: 5, maxMs: 20 } } };

describePage('an operator without a mouse', options, (suite) => {
  it('logs in, hands 5,000 instances in from a file, watches, finds one, and withdraws the rest', async () => {
    const user = suite.user();
    const { page } = user;
    const { keyboard } = page;
    await user.goTo('/login');
    // The field has the focus already.
    await page.getByLabel('Access token').and(page.locator(':focus')).waitFor();
    await keyboard.type(tokens.operate);
    await keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Now', exact: true }).waitFor();

    await user.tabTo('link', 'New request');
    await keyboard.press('Enter');
    await page.getByRole('heading', { name: 'New request' }).waitFor();
    // 2,500 invocations of two: more calls than are made while somebody types.
    const invocations = suite.scene().simulator.addInvocations(2_500, { instances: 2, region });
    const lines = invocations.flatMap(({ invocationId, instanceIds }) =>
      instanceIds.map((id) => JSON.stringify({ invocationId, instanceIds: [id] })),
    );
    const chooser = page.waitForEvent('filechooser');
    await user.tabTo('button', /Choose a file/);
    await keyboard.press('Enter');
    const buffer = Buffer.from(lines.join('\n'));
    await (await chooser).setFiles({ name: 'targets.ndjson', mimeType: 'application/x-ndjson', buffer });
    await page.getByText('targets.ndjson').waitFor();
    await user.tabTo('textbox', 'Reason');
    await keyboard.type('bad rollout');
    await user.tabTo('textbox', 'Type 5000 to confirm');
    await keyboard.type('5000');
    await user.tabTo('button', 'Stop commands on 5,000 instances');
    await keyboard.press('Enter');
    await page.getByText(/^[1-9][\d,]* of 5,000 instances$/).waitFor();
    const requestId = decodeURIComponent(page.url().split('/').at(-1) ?? '');

    await user.tabTo('link', 'Requests');
    await keyboard.press('Enter');
    await user.tabTo('searchbox', /Find a request/);
    await keyboard.type(invocations[0]?.instanceIds[0] ?? '');
    await keyboard.press('Enter');
    await page.getByText('The command ran and was stopped.').waitFor();

    await user.tabTo('link', requestId);
    await keyboard.press('Enter');
    await user.tabTo('button', 'Withdraw…');
    await keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    // Where one was before.
    await page.getByRole('button', { name: 'Withdraw…' }).and(page.locator(':focus')).waitFor();
    await keyboard.press('Enter');
    await user.tabTo('button', 'Withdraw');
    await keyboard.press('Enter');
    await page.locator('.chip.state-withdrawn').waitFor({ timeout: 60_000 });
    const status = await suite.scene().producer.waitUntilFinished(requestId);
    expect(status.counts.withdrawn).toBeGreaterThan(0);
    expect(status.counts.withdrawn + status.counts.terminated).toBe(5_000);
  });

  it('redrives a group of dead letters', async () => {
    const user = suite.user();
    const { keyboard } = user.page;
    const { producer, simulator } = suite.scene();
    const [right] = simulator.addInvocations(1, { instances: 3, region });
    const { requestId } = await producer.enqueue({
      targets: [{ invocationId: 'inv-wr0ng0ne', instanceIds: [...(right?.instanceIds ?? [])] }],
    });
    await producer.waitUntilFinished(requestId);
    await user.goTo('/');
    await user.tabTo('link', /^Dead letters/);
    await keyboard.press('Enter');
    await user.page.getByRole('heading', { name: 'ResourceNotFound.InvocationNotFound' }).waitFor();
    await user.tabTo('button', /^Redrive all of ResourceNotFound/);
    await keyboard.press('Enter');
    await user.tabTo('textbox', 'Invocation instead');
    await keyboard.type(right?.invocationId ?? '');
    await user.page.getByRole('button', { name: /^Redrive \d letter/ }).waitFor();
    await keyboard.press('Enter');
    await user.page.getByText('Redriven: 3 instances').waitFor();
    await user.page.getByRole('heading', { name: 'Letters' }).and(user.page.locator(':focus')).waitFor();
    const { counts } = await producer.waitUntilFinished(requestId);
    expect(counts).toMatchObject({ terminated: 3, 'dead-lettered': 0 });
  });

  it('skips to the content, and reads the plot second by second', async () => {
    const user = suite.user();
    const { page } = user;
    await user.goTo('/');
    await page.getByRole('slider').first().waitFor();
    await page.keyboard.press('Tab');
    await page.getByRole('link', { name: 'Skip to the content' }).and(page.locator(':focus')).waitFor();
    await page.keyboard.press('Enter');
    expect(await user.ask('document.activeElement.id')).toBe('content');
    await user.tabTo('slider', /^Calls a second/);
    const slider = page.getByRole('slider', { name: /^Calls a second/ });
    const before = await slider.getAttribute('aria-valuetext');
    for (let presses = 0; presses < 3; presses++) await page.keyboard.press('ArrowLeft');
    const after = await slider.getAttribute('aria-valuetext');
    expect(after).toMatch(/^\d\d:\d\d:\d\d: [\d,]+ calls?, [\d,]+ instances?/);
    expect(after).not.toBe(before);
  });
});
