import { expect, it } from 'vitest';
import { prefix } from '../../dashboard/support/page-scene.js';
import { describePage } from '../../dashboard/support/page-suite.js';
import { buryRequests } from '../../support/buried-requests.js';

describePage('an operator with a phone', { workers: 0 }, (suite) => {
  it('selects all dead letters of a page, and reads what the boxes stand beside', async () => {
    const { page } = suite.user();
    const code = 'InvalidParameterValue.InstanceIsNotRelatedToInvocation';
    await buryRequests(suite.scene().client, { prefix, requests: 3, codes: [code] });
    await page.setViewportSize({ width: 375, height: 780 });
    await suite.user().logIn('operate');
    await suite.user().goTo('/dead-letters');
    const boxes = page.getByRole('checkbox', { name: /^Select InvalidParameterValue/ });
    await boxes.nth(2).waitFor();
    const covered = await suite
      .user()
      .ask<boolean>(`[...document.querySelectorAll('.check-cell')].some((cell) => {
      const box = cell.getBoundingClientRect();
      const text = document.createRange();
      text.selectNodeContents(cell.nextElementSibling);
      return [...text.getClientRects()].some((line) => line.right > box.left && line.top < box.bottom);
    })`);
    expect(covered).toBe(false);
    await page.getByRole('checkbox', { name: 'Select all on this page' }).check();
    await page.getByText('With 3 letters selected:').waitFor();
    expect(
      await boxes.evaluateAll((all) => all.map((box) => (box as { checked?: boolean }).checked)),
    ).toEqual([true, true, true]);
    await page.getByRole('checkbox', { name: 'Select all on this page' }).uncheck();
    await page.getByText('With all letters:').waitFor();
    await page.setViewportSize({ width: 1_280, height: 860 });
    await page.getByRole('columnheader').getByRole('checkbox', { name: 'Select all on this page' }).waitFor();
    expect(await page.getByRole('checkbox', { name: 'Select all on this page' }).count()).toBe(1);
  });
});
