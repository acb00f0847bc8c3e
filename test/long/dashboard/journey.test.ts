import { readFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { region } from '../../dashboard/support/page-scene.js';
import { describePage } from '../../dashboard/support/page-suite.js';

const options = { simulator: { callsPerSecond: 20, latency: { minMs: 5, maxMs: 20 } } };

describePage('an operator at the page', options, (suite) => {
  it('stops 5,000 commands from a file that is dropped, and sees the bar move without a reload', async () => {
    const { page } = suite.user();
    const invocations = suite.scene().simulator.addInvocations(25, { instances: 200, region });
    const lines = invocations.flatMap(({ invocationId, instanceIds }) =>
      instanceIds.map((id) => `${invocationId},${id}`),
    );
    await suite.user().logIn('enqueue');
    await page.getByRole('link', { name: 'New request' }).click();
    await suite.user().ask('window.isSamePage = true');
    await suite.user().dropFile('targets.csv', ['invocationId,instanceId', ...lines].join('\n'));
    await page.getByText('targets.csv').waitFor();
    await page.getByLabel('Reason').fill('bad rollout');
    const button = page.getByRole('button', { name: 'Stop commands on 5,000 instances' });
    await button.waitFor();
    expect(await page.locator('.preview').textContent()).toMatch(/Calls\s*50\s*Time at the limit\s*2\.5 s/);
    expect(await button.isDisabled()).toBe(true);
    await page.getByLabel('Type 5000 to confirm').fill('5000');
    await button.click();
    const bar = page.locator('.outcome-bar.large');
    await bar.waitFor();
    const seen = new Set<string>();
    await vi.waitFor(
      async () => {
        seen.add((await bar.getAttribute('aria-label')) ?? '');
        await expect(page.locator('.chip.state-finished').count()).resolves.toBe(1);
      },
      { timeout: 60_000, interval: 200 },
    );
    expect(seen.size).toBeGreaterThanOrEqual(4);
    expect(await bar.getAttribute('aria-label')).toBe('5,000 of 5,000 instances settled: 5,000 terminated');
    expect(await suite.user().ask('window.isSamePage')).toBe(true);
    expect(suite.scene().simulator.countByStatus()).toEqual({ TERMINATED: 5_000 });
  });

  it('tells what became of one instance', async () => {
    const { page } = suite.user();
    const [invocation] = suite.scene().simulator.addInvocations(1, { instances: 3, region });
    const { requestId } = await suite.scene().producer.enqueue({
      targets: [
        { invocationId: invocation?.invocationId ?? '', instanceIds: [...(invocation?.instanceIds ?? [])] },
      ],
    });
    await suite.scene().producer.waitUntilFinished(requestId);
    await suite.user().goTo('/requests');
    await page.getByRole('searchbox').fill(invocation?.instanceIds[1] ?? '');
    await page.getByRole('button', { name: 'Find' }).click();
    await page.getByText('The command ran and was stopped.').waitFor();
    expect(await page.getByRole('link', { name: requestId }).count()).toBe(1);
    await page.getByRole('searchbox').fill('ins-neverasked');
    await page.getByRole('button', { name: 'Find' }).click();
    await page.getByText('No request that is still kept asked for this instance').waitFor();
  });

  it('shows problems of a pasted list by line, and hands nothing in', async () => {
    const { page } = suite.user();
    await suite.user().goTo('/new');
    await page.getByLabel('What to cancel').fill('inv-1a2b3c4d\nnonsense\ninv-1a2b3c4d,');
    await page.getByText('2 lines cannot be read.').waitFor();
    expect(await page.locator('.line-problems li').allInnerTexts()).toEqual([
      expect.stringMatching(/^Line 2 .*is not an invocation id/),
      expect.stringMatching(/^Line 3 has an empty instance id/),
    ]);
    expect(await page.getByRole('button', { name: 'Stop commands' }).isDisabled()).toBe(true);
  });

  it('redrives a group of dead letters with the right invocation, after saying how many that are', async () => {
    const { page } = suite.user();
    const { producer, simulator } = suite.scene();
    const [right] = simulator.addInvocations(1, { instances: 4, region });
    const instanceIds = [...(right?.instanceIds ?? [])];
    const { requestId } = await producer.enqueue({
      targets: [{ invocationId: 'inv-wr0ng0ne', instanceIds }],
    });
    await producer.waitUntilFinished(requestId);
    await suite.user().logIn('operate');
    await page.getByRole('link', { name: /^Dead letters/ }).click();
    await page.getByRole('button', { name: 'Redrive all of ResourceNotFound.InvocationNotFound…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('4 instances').waitFor();
    await dialog.getByLabel('Invocation instead').fill(right?.invocationId ?? '');
    await dialog.getByRole('button', { name: /^Redrive \d+ letter/ }).click();
    await page.getByText('Redriven: 4 instances').waitFor();
    await page.getByText('No dead letters: nothing needs a decision.').waitFor();
    const { counts } = await producer.waitUntilFinished(requestId);
    expect(counts).toMatchObject({ terminated: 4, 'dead-lettered': 0 });
  });

  it('discards dead letters only with a reason', async () => {
    const { page } = suite.user();
    const { producer } = suite.scene();
    const { requestId } = await producer.enqueue({
      targets: [{ invocationId: 'inv-wr0ng0ne', instanceIds: ['ins-00000001'] }],
    });
    await producer.waitUntilFinished(requestId);
    await suite.user().goTo(`/dead-letters?requestId=${requestId}`);
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Export CSV' }).click();
    const exported = readFileSync(await (await download).path(), 'utf8')
      .trim()
      .split('\r\n');
    expect(exported).toEqual([expect.stringMatching(/^id,requestId,/), expect.stringContaining(requestId)]);
    await page.getByRole('checkbox', { name: /^Select ResourceNotFound/ }).check();
    await page.locator('.selection-bar').getByText('With 1 letter selected').waitFor();
    await page.locator('.selection-bar').getByRole('button', { name: 'Discard…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Discard 1 letter' }).click();
    await dialog.getByText('Say why').waitFor();
    await dialog.getByLabel('Reason').and(page.locator(':focus')).waitFor();
    await dialog.getByLabel('Reason').fill('instance is gone');
    await dialog.getByRole('button', { name: 'Discard 1 letter' }).click();
    await page.getByText('Discarded: 1 letter.').waitFor();
    await page.getByText('No dead letter fits.').waitFor();
  });

  it('pauses with a reason that everybody sees, withdraws a request, and resumes', async () => {
    const { page } = suite.user();
    const { producer, simulator } = suite.scene();
    await suite.user().goTo('/');
    await page.getByRole('button', { name: 'Pause…' }).click();
    await page.getByRole('dialog').getByLabel('Reason').fill('change freeze');
    await page.getByRole('dialog').getByRole('button', { name: 'Pause', exact: true }).click();
    await page.getByText('wang.wei paused it at').waitFor();
    expect(await page.locator('.banners').textContent()).toContain('change freeze');
    const [invocation] = simulator.addInvocations(1, { instances: 20, region });
    const { requestId } = await producer.enqueue({
      targets: [
        { invocationId: invocation?.invocationId ?? '', instanceIds: [...(invocation?.instanceIds ?? [])] },
      ],
    });
    await suite.user().goTo(`/requests/${requestId}`);
    await page.getByRole('button', { name: 'Withdraw…' }).click();
    await page.getByRole('dialog').getByText('20 instances').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Withdraw', exact: true }).click();
    await page.locator('.chip.state-withdrawn').waitFor();
    expect((await producer.status(requestId))?.counts.withdrawn).toBe(20);
    await suite.user().goTo('/');
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByText('Resumed: calls go out again.').waitFor();
    await page.getByRole('button', { name: 'Pause…' }).waitFor();
  });
});
