import { describe, expect } from 'vitest';
import { isPublicAddress } from '../../src/shared/public-address.js';
import { createGuardedLookup } from '../../src/worker/webhook/allowed-address.js';
import { postNotification } from '../../src/worker/webhook/post-notification.js';
import { it } from '../support/installed-test.js';
import { untilStatus } from '../support/outcomes.js';
import { addTargets } from '../support/request-truth.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';

async function post(url: string, allowPrivate: boolean): Promise<void> {
  await postNotification({
    url,
    body: '{}',
    deliveryId: 'req-1.1',
    secrets: [],
    allowPrivate,
    timeoutMs: 2_000,
    timestamp: 0,
  });
}

describe('an address', () => {
  it.for([
    ['127.0.0.1'],
    ['127.8.8.8'],
    ['0.0.0.0'],
    ['10.1.2.3'],
    ['172.16.0.1'],
    ['192.168.0.1'],
    ['100.64.0.1'],
    ['169.254.169.254'],
    ['169.254.0.23'],
    ['224.0.0.1'],
    ['255.255.255.255'],
    ['::1'],
    ['::'],
    ['::ffff:127.0.0.1'],
    ['::ffff:a9fe:a9fe'],
    ['::127.0.0.1'],
    ['64:ff9b::7f00:1'],
    ['2002:7f00:1::'],
    ['fd00::1'],
    ['fe80::1'],
    ['ff02::1'],
  ])('%s is not public', ([address]) => {
    expect(isPublicAddress(address ?? '')).toBe(false);
  });

  it.for([['1.1.1.1'], ['119.29.29.29'], ['2606:4700:4700::1111'], ['::ffff:1.1.1.1']])(
    '%s is public',
    ([address]) => {
      expect(isPublicAddress(address ?? '')).toBe(true);
    },
  );
});

/** What whoever asked is told, whether the name is one of the network inside or none at all. */
const nowhere = { isHopeless: true, message: 'The name of the receiver leads to no public address.' };

describe('a notification to a private place', () => {
  it.for([
    ['https://127.0.0.1/'],
    ['https://2130706433/'],
    ['https://0x7f.1/'],
    ['https://10.0.0.1/'],
    ['https://169.254.169.254/latest/meta-data'],
    ['https://169.254.0.23/latest/meta-data'],
    ['https://[::1]/'],
    ['https://[::ffff:127.0.0.1]/'],
    ['https://[::127.0.0.1]/'],
    ['https://localhost/'],
  ])('is refused before a connection is made: %s', async ([url]) => {
    await expect(post(url ?? '', false)).rejects.toMatchObject(nowhere);
  });

  it('sounds like one to a name that does not exist, and only the log knows better', async () => {
    await expect(post('https://no-such-name.invalid/', false)).rejects.toMatchObject(nowhere);
    await expect(post('https://127.0.0.1/', false)).rejects.toMatchObject({
      detail: expect.stringContaining('127.0.0.1 leads to a private address'),
    });
  });

  it('is refused without encryption, wherever it goes', async () => {
    await expect(post('http://1.1.1.1/', false)).rejects.toThrow('go to https:// only');
  });

  it('gets there, by name and by address, where private places are allowed', async () => {
    const receiver = await WebhookReceiver.start();
    await post(receiver.url, true);
    await post(`http://localhost:${receiver.port}/hook`, true);
    expect(receiver.notifications).toHaveLength(2);
    await receiver.close();
  });

  it('is refused by a worker with the settings of production, and the request does not suffer', async ({
    install,
  }) => {
    const receiver = await WebhookReceiver.start();
    const webhook = { attempts: 2, firstDelayMs: 100, timeoutMs: 2_000 };
    const installation = await install({ worker: { webhookAllowPrivate: false, timings: { webhook } } });
    const targets = addTargets(installation, 1, 2);
    const url = receiver.url.replace('http:', 'https:');
    const { requestId } = await installation.producer.enqueue({ targets, webhook: url, confirm: false });
    const failed = await untilStatus(
      installation,
      requestId,
      'the notification is given up',
      (status) => status.webhook?.state === 'failed',
    );
    expect(failed).toMatchObject({ state: 'finished', counts: { accepted: 2 } });
    expect(failed.webhook?.attempts).toBe(1); // the address stays what it is
    expect(failed.webhook?.error).toBe(nowhere.message);
    expect(receiver.notifications).toHaveLength(0);
    await receiver.close();
  });
});

describe('the resolver of notifications', () => {
  it.for([[true], [false]])('lets no loopback address through, asked for all of them: %s', async ([all]) => {
    const answer = await new Promise((resolve) => {
      createGuardedLookup(false)('localhost', { all: all ?? false }, (error, address) =>
        resolve(error?.name ?? address),
      );
    });
    expect(answer).toBe('AddressRefusedError');
  });
});
