import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { postNotification } from '../../src/worker/webhook/post-notification.js';
import { FuzzSource, fuzzBytes } from './support/fuzz-source.js';

vi.setConfig({ testTimeout: 300_000 });

let receiver: Server;
let answer: Buffer = Buffer.alloc(0);
beforeAll(async () => {
  receiver = createServer((socket) => {
    socket.on('error', () => {}); // the sender may leave before all is said
    socket.once('data', () => socket.end(answer));
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
});
afterAll(async () => {
  receiver.close();
  await once(receiver, 'close');
});

/** Delivered, or an error that says why. */
async function post(bytes: Buffer | string): Promise<string> {
  answer = Buffer.from(bytes);
  const { port } = receiver.address() as AddressInfo;
  try {
    await postNotification({
      url: `http://127.0.0.1:${port}/`,
      body: '{}',
      deliveryId: 'req-1.1',
      secrets: ['planted-webhook-secret'],
      allowPrivate: true,
      timeoutMs: 2_000,
      timestamp: 1,
    });
    return 'delivered';
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    expect((error as Error).message).not.toContain('planted-webhook-secret');
    return (error as Error).message;
  }
}

describe('a receiver’s answer of any content', () => {
  it('is a failed delivery, or a delivery when it happens to begin like one', async () => {
    const fuzz = new FuzzSource('webhook answers');
    const good = 'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n';
    expect(await post(good)).toBe('delivered');
    for (let sent = 0; sent < fuzzBytes; ) {
      const bytes = fuzz.number(2) === 0 ? fuzz.bytes(fuzz.number(8_000)) : fuzz.damage(Buffer.from(good));
      sent += bytes.length;
      await post(bytes);
    }
    expect(await post(good)).toBe('delivered');
  });

  it('is not read beyond its status', async () => {
    const endless = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${'8000\r\n'.concat('x'.repeat(0x8000), '\r\n').repeat(2_000)}`;
    expect(await post(endless)).toBe('delivered');
  });

  it('leads nowhere else', async () => {
    const elsewhere =
      'HTTP/1.1 307 Temporary Redirect\r\nLocation: http://169.254.0.23/\r\nContent-Length: 0\r\n\r\n';
    expect(await post(elsewhere)).toBe('The receiver answered with HTTP status 307.');
  });
});
