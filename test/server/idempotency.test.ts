import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CancelProducer } from '../../src/producer/index.js';
import { ServerScene, secrets } from '../support/server-scene.js';

let scene: ServerScene;
beforeAll(async () => {
  scene = await ServerScene.start();
});
afterAll(() => scene.close());

const body = { targets: [{ invocationId: 'inv-00000001', instanceIds: ['ins-00000001'] }] };

function enqueue(key: string, token: string = secrets.enqueue, changes: object = {}) {
  const headers = { 'idempotency-key': key };
  return scene.call('POST', '/v1/cancel-requests', { token, headers, body: { ...body, ...changes } });
}

describe('an idempotency key', () => {
  it('belongs to the token that sends it', async () => {
    const own = await enqueue('shared-key');
    const others = await enqueue('shared-key', secrets.operate);
    expect([own.body.duplicate, others.body.duplicate]).toEqual([false, false]);
    expect(others.body.requestId).not.toBe(own.body.requestId);
    const conflicting = await enqueue('foreign-key', secrets.operate, { reason: 'something else' });
    expect([conflicting.status, (await enqueue('foreign-key')).status]).toEqual([202, 202]);
    expect((await enqueue('foreign-key', secrets.enqueue, { reason: 'other content' })).status).toBe(409);
  });

  it('is the same for a token and for the session that began with it', async () => {
    const { body: first } = await enqueue('key-of-ann', secrets.operate);
    const cookie = await scene.logIn(secrets.operate);
    const again = await scene.call('POST', '/v1/cancel-requests', {
      headers: {
        cookie,
        'sec-fetch-site': 'same-origin',
        'x-requested-with': 'tat-cancel',
        'idempotency-key': 'key-of-ann',
      },
      body,
    });
    expect(again.body).toMatchObject({ requestId: first.requestId, duplicate: true });
  });

  it('used again says so, and how the request stands by now', async () => {
    const first = await enqueue('asked-twice');
    expect([first.body.state, first.headers.get('idempotent-replayed')]).toEqual(['waiting', null]);
    const second = await enqueue('asked-twice');
    expect([second.status, second.body, second.headers.get('idempotent-replayed')]).toEqual([
      202,
      { ...first.body, duplicate: true, state: 'waiting' },
      'true',
    ]);
  });

  it('of a withdrawn request is refused, since nothing would be done', async () => {
    const { requestId } = (await enqueue('taken-back')).body;
    const withdraw = await scene.call('POST', `/v1/cancel-requests/${requestId}/withdraw`, {
      token: secrets.enqueue,
    });
    expect(withdraw.body.state).toBe('withdrawn');
    const again = await enqueue('taken-back');
    expect([again.status, again.body.code, again.body.detail]).toEqual([
      409,
      'REQUEST_WITHDRAWN',
      expect.stringMatching(/was withdrawn at .*Use a new key/),
    ]);
  });

  it('of the library is one over all its programs, and no token of the server meets it', async () => {
    const producer = await CancelProducer.connect({
      redisUrl: scene.redisUrl,
      queuePrefix: scene.prefix,
      defaultRegion: 'ap-singapore',
    });
    const request = { ...body, idempotencyKey: 'of-the-library' };
    const [one, two] = [await producer.enqueue(request), await producer.enqueue(request)];
    expect([two.requestId, two.duplicate]).toEqual([one.requestId, true]);
    expect((await enqueue('of-the-library')).body.duplicate).toBe(false);
    const owned = await producer.enqueue(request, { keyOwner: 'service' });
    expect(owned).toMatchObject({ duplicate: true }); // the token of that name asked just before
    await producer.close();
  });
});
