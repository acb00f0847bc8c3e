import { describe, expect, it } from 'vitest';
import { doubtfulOutcomes } from '../../../../src/dashboard/requests/still-running.js';
import type { RequestStatus } from '../../../../src/shared/ledger/request-status.js';
import { redisKeys } from '../../../../src/shared/redis-keys.js';
import { prefix, region } from '../../../dashboard/support/page-scene.js';
import { describePage } from '../../../dashboard/support/page-suite.js';

const calledAt = Date.parse('2026-07-01T10:00:00.000Z');

function status(changes: Partial<RequestStatus>): RequestStatus {
  const counts = { waiting: 0, accepted: 2, 'dead-lettered': 0 };
  const lastCallAt = new Date(calledAt).toISOString();
  return { confirm: true, state: 'running', lastCallAt, counts, ...changes } as RequestStatus;
}

describe('what may still run', () => {
  it('is what was sent ten seconds ago without proof, where proof is wanted', () => {
    expect(doubtfulOutcomes(status({}), calledAt + 9_000)).toEqual([]);
    expect(doubtfulOutcomes(status({}), calledAt + 11_000)).toEqual(['accepted']);
    expect(doubtfulOutcomes(status({ confirm: false }), calledAt + 11_000)).toEqual([]);
    expect(doubtfulOutcomes(status({ state: 'finished' }), calledAt + 11_000)).toEqual([]);
  });
});

describePage('a request that does not stop everywhere', {}, (suite) => {
  it('lists and copies the ids that somebody has to look at', async () => {
    const { page } = suite.user();
    const { producer, simulator, client, url } = suite.scene();
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: url });
    const [invocation] = simulator.addInvocations(1, {
      instances: 5,
      region,
      exceptions: { 1: 'agentGone', 3: 'agentGone' },
    });
    const { invocationId = '', instanceIds = [] } = invocation ?? {};
    const { requestId } = await producer.enqueue({
      targets: [{ invocationId, instanceIds: [...instanceIds, 'ins-stranger0'] }],
    });
    await suite.user().logIn('read');
    await suite.user().goTo(`/requests/${requestId}`);
    const panel = page.getByRole('region', { name: 'May still be running' });
    await panel.getByText('1 instance dead-lettered').waitFor();
    expect(await panel.locator('.id-cloud').allInnerTexts()).toEqual(['ins-stranger0']);
    await page.getByText('waiting for proof of 2').waitFor();
    // Nobody waits for ten seconds to go by.
    await client.hset(redisKeys(prefix).request(requestId), 'lastCallAt', Date.now() - 11_000);
    await panel.getByText('2 instances sent more than 10 s ago').waitFor();
    await panel.getByRole('button', { name: 'Copy the ids without proof' }).click();
    await page.getByText('Copied 2 ids.').waitFor();
    expect(await suite.user().ask('navigator.clipboard.readText()')).toBe(
      [instanceIds[1], instanceIds[3]].join('\n'),
    );
  });
});
