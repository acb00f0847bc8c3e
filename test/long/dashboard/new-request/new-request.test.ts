import { expect, it } from 'vitest';
import { describePage } from '../../../dashboard/support/page-suite.js';

const whole = (count: number, name: string) =>
  Array.from({ length: count }, (_, index) => `inv-${name}${String(index).padStart(4, '0')}`).join('\n');

describePage('the form for new requests', { workers: 0 }, (suite) => {
  it('tells whole invocations from named instances, and asks for the most that they can be', async () => {
    const { page } = suite.user();
    await suite.user().logIn('enqueue');
    await suite.user().goTo('/new');
    await page.getByLabel('What to cancel').fill(whole(6, 'aaaa'));
    await page.getByRole('button', { name: 'Stop commands on 6 whole invocations', exact: true }).waitFor();
    await page.getByLabel('Type 1200 to confirm').waitFor();
    const figures = page.locator('.preview .facts');
    expect(await figures.textContent()).toContain('Instancesall of 6 invocations: up to 200 each');
    await page.getByLabel('What to cancel').fill(`${whole(1, 'aaaa')}\ninv-bbbb0000,ins-00000001`);
    await page.getByRole('button', { name: 'Stop commands on 1 instance and 1 whole invocation' }).waitFor();
    expect(await figures.textContent()).toContain('Instances1, and all of 1 invocation: up to 200 each');
  });

  it('wants another list confirmed anew, though it is as long', async () => {
    const { page } = suite.user();
    const button = page.getByRole('button', { name: 'Stop commands on 6 whole invocations', exact: true });
    await page.getByLabel('What to cancel').fill(whole(6, 'cccc'));
    await button.waitFor();
    await page.getByLabel('Type 1200 to confirm').fill('1200');
    await button.and(page.locator(':enabled')).waitFor();
    await page.getByLabel('What to cancel').fill(whole(6, 'dddd'));
    await button.and(page.locator(':disabled')).waitFor();
    expect(await page.getByLabel('Type 1200 to confirm').inputValue()).toBe('');
  });
});
