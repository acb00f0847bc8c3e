import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { region } from '../support/page-scene.js';
import { describePage } from '../support/page-suite.js';

describePage('dead letters of one request among those of others', {}, (suite) => {
  it('are all that the groups, counts, buttons and files of its link are about', async () => {
    const { page } = suite.user();
    const { producer, simulator } = suite.scene();
    const bury = async (instances: number) => {
      const instanceIds = Array.from({ length: instances }, (_, index) => `ins-dead${instances}00${index}`);
      const targets = [{ region, invocationId: 'inv-wr0ng0ne', instanceIds }];
      const { requestId } = await producer.enqueue({ targets });
      await producer.waitUntilFinished(requestId);
      return requestId;
    };
    const other = await bury(3);
    const own = await bury(2);
    await suite.user().logIn('operate');
    await suite.user().goTo(`/requests/${own}`);
    await page.getByRole('link', { name: 'Redrive or discard them' }).click();
    await page.getByText('1 letter that fit the filter').waitFor();
    expect(await page.locator('.group-count').allInnerTexts()).toEqual(['1 letter, 2 instances']);
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Export NDJSON' }).click();
    const exported = readFileSync(await (await download).path(), 'utf8')
      .trim()
      .split('\n');
    expect(exported.map((line) => JSON.parse(line).requestId)).toEqual([own]);
    await page.getByRole('button', { name: /^Discard all of / }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('2 instances').waitFor();
    await dialog.getByLabel('Reason').fill('only these');
    await dialog.getByRole('button', { name: 'Discard 1 letter' }).click();
    await page.getByText('Discarded: 1 letter.').waitFor();
    await page.getByText('No dead letter fits the filter.').waitFor();
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByText('1 letter in all').waitFor();
    expect(await page.locator('.group-count').allInnerTexts()).toEqual(['1 letter, 3 instances']);
    expect((await producer.status(other))?.counts['dead-lettered']).toBe(3);
    expect(simulator.countByStatus()).toEqual({});
  });

  it('are narrowed down by age for all of them, and the address says so', async () => {
    const { page } = suite.user();
    await suite.user().goTo('/dead-letters');
    await page.getByRole('combobox', { name: /^Age/ }).selectOption('older than 1 hour');
    await page.getByText('No dead letter fits the filter.').waitFor();
    expect(new URL(page.url()).search).toBe('?olderThanSeconds=3600');
    await page.reload();
    await page.getByText('0 letters that fit the filter').waitFor();
    expect(await page.locator('.group-count').count()).toBe(0);
  });
});
