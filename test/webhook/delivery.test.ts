import { describe, expect } from 'vitest';
import type { RequestStatus } from '../../src/producer/index.js';
import type { Installation } from '../support/installation.js';
import { it as installed } from '../support/installed-test.js';
import { untilStatus } from '../support/outcomes.js';
import { addTargets } from '../support/request-truth.js';
import { waitUntil } from '../support/wait-until.js';
import {
  type Answering,
  answerWith,
  isGenuine,
  staySilent,
  WebhookReceiver,
} from '../support/webhook-receiver.js';
import { WorkerProcess } from '../support/worker-process.js';

type Receive = (answer?: Answering) => Promise<WebhookReceiver>;

/** `it` with receivers that are closed when the test is over. */
const it = installed.extend<{ receive: Receive }>({
  receive: async ({ task: _task }, use) => {
    const receivers: WebhookReceiver[] = [];
    await use(async (answer) => {
      const receiver = await WebhookReceiver.start(answer);
      receivers.push(receiver);
      return receiver;
    });
    await Promise.all(receivers.map((receiver) => receiver.close()));
  },
});

const hasty = { attempts: 3, firstDelayMs: 200, timeoutMs: 5_000 };
const hastyWorker = { worker: { timings: { webhook: hasty } } };

async function cancelWithWebhook(installation: Installation, webhook: string): Promise<string> {
  const targets = addTargets(installation, 1, 3);
  return (await installation.producer.enqueue({ targets, webhook, confirm: false })).requestId;
}

async function untilWebhook(
  installation: Installation,
  requestId: string,
  state: 'delivered' | 'failed',
): Promise<RequestStatus> {
  const fits = ({ webhook }: RequestStatus) => webhook?.state === state;
  return await untilStatus(installation, requestId, `the notification is ${state}`, fits, 30_000);
}

describe.concurrent('a notification', { timeout: 60_000 }, () => {
  it('comes once the request is finished, signed, with its counts', async ({ install, receive }) => {
    const receiver = await receive();
    const installation = await install({ worker: { webhookSecret: 'a secret' } });
    const requestId = await cancelWithWebhook(installation, receiver.url);
    await untilWebhook(installation, requestId, 'delivered');
    const [notification] = receiver.notifications;
    expect(receiver.notifications).toHaveLength(1);
    expect(JSON.parse(notification?.body ?? '')).toMatchObject({
      event: 'cancel-request.finished',
      request: { requestId, state: 'finished', total: 3, counts: { accepted: 3 } },
    });
    expect(notification && isGenuine(notification, 'a secret')).toBe(true);
    expect(notification && isGenuine(notification, 'another secret')).toBe(false);
  });

  it('is signed with both secrets while receivers change over', async ({ install, receive }) => {
    const receiver = await receive();
    const worker = { webhookSecret: 'the new secret', webhookPreviousSecret: 'the old secret' };
    const installation = await install({ worker });
    await untilWebhook(installation, await cancelWithWebhook(installation, receiver.url), 'delivered');
    const [notification] = receiver.notifications;
    const genuine = (secret: string) => notification && isGenuine(notification, secret);
    expect(['the new secret', 'the old secret', 'another'].map(genuine)).toEqual([true, true, false]);
  });

  it('comes for a withdrawn request, too', async ({ install, receive }) => {
    const receiver = await receive();
    const installation = await install();
    await installation.producer.pause();
    const requestId = await cancelWithWebhook(installation, receiver.url);
    await installation.producer.withdraw(requestId);
    await untilWebhook(installation, requestId, 'delivered');
    expect(JSON.parse(receiver.notifications[0]?.body ?? '')).toMatchObject({
      request: { state: 'withdrawn', counts: { withdrawn: 3 } },
    });
  });

  it('is repeated after errors until the receiver takes it', async ({ install, receive }) => {
    const receiver = await receive((response, number) =>
      answerWith(number < 3 ? 500 : 200)(response, number),
    );
    const installation = await install(hastyWorker);
    const requestId = await cancelWithWebhook(installation, receiver.url);
    const status = await untilWebhook(installation, requestId, 'delivered');
    expect(status.webhook).toEqual({ url: receiver.url, state: 'delivered', attempts: 3 });
    expect(receiver.notifications).toHaveLength(3);
    const ids = receiver.notifications.map(({ body, deliveryId }) => [
      deliveryId,
      JSON.parse(body).deliveryId,
    ]);
    const [[id = ''] = []] = ids;
    expect(id).toContain(requestId);
    expect(ids).toEqual([1, 2, 3].map(() => [id, id]));
  });

  it('is given up after so many attempts, and the status says why', async ({ install, receive }) => {
    const receiver = await receive(answerWith(500));
    const installation = await install(hastyWorker);
    const requestId = await cancelWithWebhook(installation, receiver.url);
    expect((await untilWebhook(installation, requestId, 'failed')).webhook).toMatchObject({
      attempts: 3,
      error: 'The receiver answered with HTTP status 500.',
    });
    expect(receiver.notifications).toHaveLength(3);
  });

  it('is not taken elsewhere by a redirect', async ({ install, receive }) => {
    const elsewhere = await receive();
    const receiver = await receive(answerWith(302, { location: elsewhere.url }));
    const installation = await install(hastyWorker);
    const requestId = await cancelWithWebhook(installation, receiver.url);
    const status = await untilWebhook(installation, requestId, 'failed');
    expect(status.webhook?.error).toContain('302');
    expect(elsewhere.notifications).toHaveLength(0);
  });

  it.for([
    ['says nothing', staySilent],
    ['never comes to its headers’ end', (response) => response.socket?.write('HTTP/1.1 200 OK\r\nx-slow: ')],
  ] as [string, Answering][])(
    'waits no longer than its deadline for a receiver that %s',
    async ([, answering], { install, receive }) => {
      const receiver = await receive(answering);
      const webhook = { attempts: 1, firstDelayMs: 100, timeoutMs: 400 };
      const installation = await install({ worker: { timings: { webhook } } });
      const requestId = await cancelWithWebhook(installation, receiver.url);
      const status = await untilWebhook(installation, requestId, 'failed');
      expect(status.webhook?.error).toMatch(/timeout|aborted/i);
    },
  );

  it('does not wait for the end of an answer’s body', async ({ install, receive }) => {
    const receiver = await receive((response) => response.writeHead(200).write('and so on'));
    const installation = await install(hastyWorker);
    await untilWebhook(installation, await cancelWithWebhook(installation, receiver.url), 'delivered');
    expect(receiver.notifications).toHaveLength(1);
  });
});

describe('a worker that is killed between the end of a request and its notification', () => {
  it('leaves the notification to the others', { timeout: 60_000 }, async ({ install, receive }) => {
    const deaf = await receive(staySilent);
    const installation = await install({ workers: 0 });
    const timings = {
      reconcileEveryMs: 200,
      lockMs: 3_000,
      stalledEveryMs: 300,
      webhook: { ...hasty, timeoutMs: 60_000 },
    };
    const doomed = await WorkerProcess.start(installation, { timings });
    const requestId = await cancelWithWebhook(installation, deaf.url);
    await waitUntil('the notification is under way', () => deaf.notifications.length > 0, 40_000);
    await doomed.kill();
    installation.startWorker({ timings: { ...timings, webhook: hasty } });
    await waitUntil('the notification comes again', () => deaf.notifications.length > 1, 40_000);
    const [first, second] = deaf.notifications;
    expect(second?.body).toBe(first?.body);
    expect(JSON.parse(first?.body ?? '').request.requestId).toBe(requestId);
  });
});
