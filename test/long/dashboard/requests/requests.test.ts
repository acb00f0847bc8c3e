import { expect, it } from 'vitest';
import { redisKeys } from '../../../../src/shared/redis-keys.js';
import { prefix, region } from '../../../dashboard/support/page-scene.js';
import { describePage, type PageSuite } from '../../../dashboard/support/page-suite.js';

async function enqueue(
  suite: PageSuite,
  reason: string,
  options: { confirm?: boolean; instances?: number } = {},
) {
  const { confirm = true, instances = 2 } = options;
  const [invocation] = suite.scene().simulator.addInvocations(1, { instances, region });
  const { invocationId = '', instanceIds = [] } = invocation ?? {};
  const { requestId } = await suite.scene().producer.enqueue({
    targets: [{ invocationId, instanceIds: [...instanceIds] }],
    reason,
    confirm,
  });
  return requestId;
}

describePage('a request on the page', {}, (suite) => {
  it('that asked for no proof is finished with all of its instances', async () => {
    const { page } = suite.user();
    const requestId = await enqueue(suite, 'no proof wanted', { confirm: false, instances: 8 });
    await suite.scene().producer.waitUntilFinished(requestId);
    await suite.user().logIn('operate');
    const row = page.locator('.request-row').filter({ hasText: 'no proof wanted' });
    await row.getByText('8 sent, no proof asked for').waitFor();
    expect(await row.textContent()).toContain('8 of 8 instances (100\u00a0%)');
    await suite.user().goTo(`/requests/${requestId}`);
    await page.getByText('8 of 8 instances settled (100').waitFor();
    expect(await page.locator('.outcome-bar.large').getAttribute('aria-label')).toBe(
      '8 of 8 instances settled: 8 sent, no proof asked for',
    );
  });

  it('says that it is damaged, by what, and neither when it will be done nor since when it is there', async () => {
    const { page } = suite.user();
    const { producer, client } = suite.scene();
    await producer.pause();
    const requestId = await enqueue(suite, 'broken by hand');
    const key = redisKeys(prefix).request(requestId);
    await client.hset(key, 'acceptedAt', 'yesterday', 'calls', 'many');
    await suite.user().goTo('/requests');
    const row = page.locator('.request-row').filter({ hasText: 'broken by hand' });
    await row.getByText('This request is damaged.').waitFor();
    expect(await row.locator('.notice').textContent()).toContain('calls, acceptedAt');
    expect(await row.textContent()).toContain('time not known');
    expect(await row.locator('.eta').count()).toBe(0);
    await suite.user().goTo(`/requests/${requestId}`);
    await page.getByText('This request is damaged.').waitFor();
    expect(await page.getByRole('button', { name: 'Withdraw…' }).count()).toBe(0);
    expect(await page.locator('.facts').textContent()).not.toContain('To go');
    expect(await page.locator('.timeline').textContent()).toMatch(/^Acceptednot known/);
    await client.hset(key, 'acceptedAt', String(Date.now()), 'calls', '0');
    await page.getByRole('button', { name: 'Withdraw…' }).waitFor();
    await producer.resume();
    await producer.waitUntilFinished(requestId);
  });

  it('that was the only one on its page leaves no claim behind that nobody asked for anything', async () => {
    const { page } = suite.user();
    const { client } = suite.scene();
    const keys = redisKeys(prefix);
    const oldest = await client.zrange(keys.requests, '0', '0');
    const known = await client.zcard(keys.requests);
    await Promise.all(
      Array.from({ length: 21 - known }, () => enqueue(suite, 'one of many', { confirm: false })),
    );
    await suite.user().goTo('/requests');
    await page.getByRole('button', { name: 'Older' }).click();
    await page.getByText('no proof wanted').waitFor();
    await client.zrem(keys.requests, ...oldest);
    await page.getByText('No older requests.').waitFor();
  });
});
