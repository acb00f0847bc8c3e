import { describe, expect } from 'vitest';
import { it } from '../support/installed-test.js';
import { addTargets } from '../support/request-truth.js';
import { waitUntil } from '../support/wait-until.js';
import { staySilent, WebhookReceiver } from '../support/webhook-receiver.js';

const receivers = 60;
const timeoutMs = 5_000;

describe('sixty receivers of one caller that say nothing', () => {
  it('do not delay the notifications of others', { timeout: 120_000 }, async ({ install }) => {
    const dead = await Promise.all(
      Array.from({ length: receivers }, () => WebhookReceiver.start(staySilent)),
    );
    const good = await WebhookReceiver.start();
    const webhook = { attempts: 3, firstDelayMs: 500, timeoutMs };
    const installation = await install({ worker: { timings: { webhook, reconcileEveryMs: 200 } } });
    const { producer } = installation;
    const enqueue = async (url: string, requestedBy: string) => {
      const targets = addTargets(installation, 1, 1);
      await producer.enqueue({ targets, webhook: url, requestedBy, confirm: false });
    };
    await Promise.all(dead.map(({ url }, index) => enqueue(url, `flooder for ${index}`)));
    await waitUntil('the dead ones are told', () =>
      dead.some(({ notifications }) => notifications.length > 0),
    );
    const startedAt = performance.now();
    await enqueue(good.url, 'other');
    await waitUntil('the good one is told', () => good.notifications.length > 0, 60_000);
    const tookMs = Math.round(performance.now() - startedAt);
    const told = dead.filter(({ notifications }) => notifications.length > 0).length;
    process.stdout.write(`told after ${tookMs} ms, ${told} of ${receivers} dead ones were tried by then\n`);
    // One after the other, five at a time, they take a minute.
    expect(told).toBeLessThan(receivers / 2);
    await Promise.all([good, ...dead].map((receiver) => receiver.close()));
  });
});
