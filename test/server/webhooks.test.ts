import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EventReader } from '../support/event-reader.js';
import { ServerScene, secrets } from '../support/server-scene.js';

let scene: ServerScene;
beforeAll(async () => {
  scene = await ServerScene.start();
});
afterAll(() => scene.close());

const targets = [{ invocationId: 'inv-00000001', instanceIds: ['ins-00000001'] }];
const enqueue = (webhook: string, to = scene) =>
  to.call('POST', '/v1/cancel-requests', { token: secrets.enqueue, body: { targets, webhook } });

describe('a receiver of notifications', () => {
  it.each([
    'http://hooks.example.com/',
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://10.0.0.1/hook',
    'https://169.254.169.254/latest',
    'https://localhost/',
  ])('that workers would refuse later is refused at once: %s', async (webhook) => {
    const answer = await enqueue(webhook);
    expect([answer.status, answer.body.problems]).toEqual([
      400,
      [{ path: 'webhook', message: expect.stringContaining('WEBHOOK_ALLOW_PRIVATE=true') }],
    ]);
  });

  it('in a private place is taken where such are allowed', async () => {
    const inside = await ServerScene.start({ environment: { WEBHOOK_ALLOW_PRIVATE: 'true' } });
    try {
      expect((await enqueue('http://10.0.0.1/hook', inside)).status).toBe(202);
    } finally {
      await inside.close();
    }
  });

  it('is shown by its host only, since its path may be its secret', async () => {
    const secret = 'T0KEN-in-a-path';
    const { requestId } = (await enqueue(`https://hooks.example.com/services/${secret}?key=${secret}`)).body;
    const token = secrets.read;
    const place = `/v1/cancel-requests/${requestId}`;
    const reader = await EventReader.open(`${scene.url}${place}/events`, {
      authorization: `Bearer ${token}`,
    });
    const event = await reader.next();
    const answers = [
      await scene.call('GET', place, { token }),
      await scene.call('GET', '/v1/cancel-requests', { token }),
      await scene.call('POST', `${place}/withdraw`, { token: secrets.enqueue }),
    ];
    for (const { text } of answers) {
      expect(text).toContain('"url":"https://hooks.example.com/…"');
      expect(text).not.toContain(secret);
    }
    expect(JSON.stringify(event)).toContain('https://hooks.example.com/…');
    expect(JSON.stringify(event)).not.toContain(secret);
    await reader.rest();
  });
});
