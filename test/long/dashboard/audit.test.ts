import { expect, it } from 'vitest';
import { region } from '../../dashboard/support/page-scene.js';
import { describePage } from '../../dashboard/support/page-suite.js';

describePage('the audit on the page', {}, (suite) => {
  it('tells operators who changed what, narrowed down by the address', async () => {
    const { page } = suite.user();
    await suite.user().logIn('operate');
    await suite.user().goTo('/');
    await page.getByRole('button', { name: 'Pause…' }).click();
    await page.getByRole('dialog').getByLabel('Reason').fill('change freeze');
    await page.getByRole('dialog').getByRole('button', { name: 'Pause', exact: true }).click();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByText('Resumed: calls go out again.').waitFor();
    await page.getByRole('link', { name: 'Audit' }).click();
    const row = page.getByRole('row', { name: /Paused all calls/ });
    await row.waitFor();
    expect(await row.textContent()).toMatch(/wang\.wei.*operate[\s\S]*change freeze/);
    await page.getByRole('combobox', { name: 'Change' }).selectOption('Resumed calls');
    await row.waitFor({ state: 'detached' });
    await page.getByRole('row', { name: /Resumed calls/ }).waitFor();
    expect(new URL(page.url()).search).toBe('?action=resume');
    await page.reload();
    await page.getByRole('row', { name: /Resumed calls/ }).waitFor();
    await page.getByRole('textbox', { name: 'By' }).fill('nobody');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByText('No change fits.').waitFor();
  });

  it('leads from a change to its request', async () => {
    const { page } = suite.user();
    const { requestId } = await suite.scene().producer.enqueue({
      targets: [{ region, invocationId: 'inv-wr0ng0ne', instanceIds: ['ins-00000001'] }],
    });
    await suite.scene().producer.waitUntilFinished(requestId);
    await suite.user().goTo('/dead-letters');
    await page.getByRole('button', { name: /^Discard all of / }).click();
    await page.getByRole('dialog').getByLabel('Reason').fill('gone');
    await page.getByRole('dialog').getByRole('button', { name: 'Discard 1 letter' }).click();
    await page.getByText('Discarded: 1 letter.').waitFor();
    await suite.user().goTo('/audit?action=discard-letter');
    await page.getByRole('link', { name: requestId }).click();
    await page.waitForURL(`**/requests/${requestId}`);
  });
});
