import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CancelProducer } from '../../src/producer/index.js';
import { DeadLetterProjection } from '../../src/shared/dead-letters/index.js';
import { buryRequests } from '../support/buried-requests.js';
import { ServerScene, secrets } from '../support/server-scene.js';

let scene: ServerScene;
beforeEach(async () => {
  scene = await ServerScene.start();
  await buryRequests(scene.redis, { prefix: scene.prefix, requests: 2 });
  await showDeadLetters(scene);
});
afterEach(() => scene.close());

/** As workers do every few seconds. */
async function showDeadLetters({ redis, prefix }: ServerScene): Promise<void> {
  const projection = new DeadLetterProjection(redis, prefix);
  await projection.refresh();
  await projection.close();
}

const letterId = 'req-dead-0.0.letter';
const board = (method: string, path: string, token: string = secrets.operate) =>
  scene.call(method, `/queues/api/queues${path}`, { token, ...(method === 'GET' ? {} : { body: {} }) });

interface BoardQueue {
  readonly name: string;
  readonly counts: Record<string, number>;
  readonly jobs: {
    readonly id: string;
    readonly name: string;
    readonly data: object;
    readonly externalUrl: object;
  }[];
  readonly readOnlyMode: boolean;
  readonly allowRetries: boolean;
}

async function queueOf(name: string, token?: string): Promise<BoardQueue> {
  const { body } = await board('GET', `?activeQueue=${name}&page=1&jobsPerPage=10`, token);
  return body.queues.find((queue: BoardQueue) => queue.name === name);
}

describe('the board', () => {
  it('shows jobs in words, with a way to the requests for their invocation', async () => {
    const producer = await CancelProducer.connect({ redisUrl: scene.redisUrl, queuePrefix: scene.prefix });
    await producer.enqueue({
      targets: [{ invocationId: 'inv-aaaaaaaa', instanceIds: ['ins-00000001', 'ins-00000002'] }],
      region: 'ap-singapore',
    });
    await producer.close();
    expect((await queueOf('tat-cancel')).jobs).toMatchObject([
      {
        name: 'inv-aaaaaaaa',
        data: { invocation: 'inv-aaaaaaaa', region: 'ap-singapore', priority: 'normal' },
        externalUrl: { displayText: 'Requests', href: '/requests?search=inv-aaaaaaaa' },
      },
    ]);
  });

  it('shows dead letters as what has failed', async () => {
    const dead = await queueOf('tat-cancel-dead-letter');
    expect(dead.counts).toEqual({ failed: 2 });
    expect(dead.jobs.find(({ id }) => id === letterId)).toMatchObject({
      name: 'NotConfirmed: 2 instances of inv-00000000',
      failedReason: 'NotConfirmed: it said "no", NotConfirmed',
      data: { request: 'req-dead-0' },
      externalUrl: { href: '/requests/req-dead-0' },
    });
    const one = await board('GET', `/tat-cancel-dead-letter/${letterId}`);
    expect(one.body).toMatchObject({ status: 'failed', job: { id: letterId } });
  });

  it('offers switches to whoever may use them, and to nobody else', async () => {
    expect(await queueOf('tat-cancel-dead-letter')).toMatchObject({
      readOnlyMode: false,
      allowRetries: true,
    });
    for (const token of [secrets.read, secrets.enqueue]) {
      const shown = await queueOf('tat-cancel-dead-letter', token);
      expect(shown).toMatchObject({ readOnlyMode: true, allowRetries: false });
    }
  });

  it('redrives a dead letter the way it is done everywhere', async () => {
    const answer = await board('PUT', `/tat-cancel-dead-letter/${letterId}/retry`);
    expect(answer.status).toBe(200);
    const request = await scene.call('GET', '/v1/cancel-requests/req-dead-0', { token: secrets.read });
    expect(request.body).toMatchObject({ counts: { waiting: 2, 'dead-lettered': 0 } });
    expect((await scene.call('GET', '/v1/dead-letters', { token: secrets.read })).body.total).toBe(1);
    const [[, [, note = '']] = ['', []]] = await scene.redis.xrevrange(
      `${scene.prefix}:audit`,
      '+',
      '-',
      'COUNT',
      1,
    );
    expect(JSON.parse(note)).toMatchObject({
      action: 'redrive-letters',
      by: 'ann',
      details: { ids: [letterId] },
    });
  });

  it('says what is no dead letter, or none any more, and notes nothing', async () => {
    const retry = (id: string) => board('PUT', `/tat-cancel-dead-letter/${id}/retry`);
    const bad = await retry('badid');
    expect([bad.status, bad.body]).toMatchObject([
      400,
      { code: 'INVALID_REQUEST', problems: [{ path: 'jobId', message: 'is not the id of a dead letter' }] },
    ]);
    const gone = await retry('req-dead-7.0.letter');
    expect([gone.status, gone.body.code]).toEqual([404, 'DEAD_LETTER_NOT_FOUND']);
    expect(await scene.redis.exists(`${scene.prefix}:audit`)).toBe(0);
  });

  it('counts one instance as one', async () => {
    await buryRequests(scene.redis, { prefix: scene.prefix, requests: 3, instances: 1 });
    await showDeadLetters(scene);
    const { jobs } = await queueOf('tat-cancel-dead-letter');
    expect(jobs.map(({ name }) => name)).toContain('NotConfirmed: 1 instance of inv-00000002');
  });

  it('pauses and resumes the cancel queue, with a note of who it was', async () => {
    expect((await board('PUT', '/tat-cancel/pause')).status).toBe(200);
    const paused = await scene.call('GET', '/v1/overview', { token: secrets.read });
    expect(paused.body.paused).toMatchObject({ by: 'ann' });
    expect((await board('PUT', '/tat-cancel/resume')).status).toBe(200);
    expect((await scene.call('GET', '/v1/overview', { token: secrets.read })).body.paused).toBe(false);
  });

  it('refuses whatever would change jobs behind the ledger’s back, to operators too', async () => {
    const refused = scene.routes
      .filter(
        ({ url, method }) => url.startsWith('/queues/api/') && !['GET', 'HEAD'].includes(String(method)),
      )
      .filter(({ url }) => !/\/:queueName\/(?:pause|resume|:jobId\/retry)$/.test(url));
    expect(refused.length).toBeGreaterThan(15);
    const before = await scene.redis.keys(`${scene.prefix}*`);
    for (const { url, method } of refused) {
      for (const queue of ['tat-cancel', 'tat-cancel-dead-letter']) {
        const path = url.replace(':queueName', queue).replace(':jobId', letterId).replace(/:\w+/g, 'failed');
        const answer = await scene.call(String(method), path, { token: secrets.operate, body: {} });
        expect([method, path, answer.status]).toEqual([method, path, 403]);
      }
    }
    for (const path of ['/tat-cancel-dead-letter/pause', '/tat-cancel/req-dead-0.0/retry']) {
      expect([path, (await board('PUT', path)).status]).toEqual([path, 403]);
    }
    expect((await scene.redis.keys(`${scene.prefix}*`)).sort()).toEqual(before.sort());
  });

  it('is used from its own pages only', async () => {
    const cookie = await scene.logIn(secrets.operate);
    const pause = (site: string) =>
      scene.call('PUT', '/queues/api/queues/tat-cancel/resume', {
        headers: { cookie, 'sec-fetch-site': site },
      });
    expect((await pause('same-origin')).status).toBe(200);
    expect((await pause('cross-site')).status).toBe(403);
  });
});
