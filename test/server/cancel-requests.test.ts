import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WorkerRoster } from '../../src/shared/worker-roster.js';
import { type Installation, startInstallation } from '../support/installation.js';
import { ServerScene, secrets } from '../support/server-scene.js';
import { waitUntil } from '../support/wait-until.js';

let installation: Installation;
let scene: ServerScene;

beforeAll(async () => {
  installation = await startInstallation({ workers: 0 });
  scene = await ServerScene.start({ prefix: installation.prefix });
});
afterAll(async () => {
  await scene.close();
  await installation.close();
});

const token = secrets.enqueue;
let next = 0;

function someTarget() {
  next += 1;
  return {
    invocationId: `inv-${String(next).padStart(8, '0')}`,
    instanceIds: ['ins-00000001', 'ins-00000002'],
  };
}

async function enqueue(body: object, headers: Record<string, string> = {}, query = '') {
  return await scene.call('POST', `/v1/cancel-requests${query}`, { token, body, headers });
}

async function list(query: string) {
  const { status, body } = await scene.call('GET', `/v1/cancel-requests?${query}`, { token });
  expect(status).toBe(200);
  return body as { requests: { requestId: string; state: string }[]; nextCursor?: string };
}

describe('handing a request in', () => {
  it('is accepted with its place, and noted with who asked', async () => {
    const answer = await enqueue({ targets: [someTarget()], reason: 'bad rollout', requestedBy: 'carl' });
    expect([answer.status, answer.body]).toEqual([
      202,
      {
        requestId: expect.stringMatching(/^req-/),
        instances: 2,
        jobs: 1,
        duplicate: false,
        state: 'waiting',
      },
    ]);
    const place = answer.headers.get('location') ?? '';
    expect(place).toBe(`/v1/cancel-requests/${answer.body.requestId}`);
    const progress = await scene.call('GET', place, { token });
    expect(progress.body).toMatchObject({
      requestId: answer.body.requestId,
      state: 'waiting',
      total: 2,
      counts: { waiting: 2 },
      requestedBy: 'service for carl',
      reason: 'bad rollout',
      etaSeconds: null,
      held: null,
      paused: false,
    });
  });

  it('is one request under one key, and a conflict with other content', async () => {
    const target = someTarget();
    const key = { 'idempotency-key': 'incident-4711' };
    const first = await enqueue({ targets: [target] }, key);
    const second = await enqueue({ targets: [target] }, key);
    expect(second.body).toEqual({ ...first.body, duplicate: true });
    const inBody = await enqueue({ targets: [target], idempotencyKey: 'incident-4711' });
    expect(inBody.body).toEqual({ ...first.body, duplicate: true });
    const other = await enqueue({ targets: [someTarget()] }, key);
    expect([other.status, other.body.code]).toEqual([409, 'IDEMPOTENCY_CONFLICT']);
    const both = await enqueue({ targets: [target], idempotencyKey: 'another' }, key);
    expect(both.body.problems).toEqual([
      { path: 'idempotencyKey', message: 'is not the one of the Idempotency-Key header' },
    ]);
  });

  it('tells every problem in one answer and enqueues nothing', async () => {
    const before = await list('limit=200');
    const answer = await enqueue({
      targets: [
        { invocationId: 'nonsense', instanceIds: ['ins-00000001', 'ins'] },
        { invocationId: 'inv-00000001', instanceIds: [] },
      ],
      priority: 'highest',
      surprise: 1,
    });
    expect([answer.status, answer.body.code]).toEqual([400, 'INVALID_REQUEST']);
    expect(answer.body.problems.map(({ path }: { path: string }) => path)).toEqual([
      'priority',
      'request',
      'targets[0].invocationId',
      'targets[0].instanceIds[1]',
      'targets[1].instanceIds',
    ]);
    expect(await list('limit=200')).toEqual(before);
  });

  it('only tells what it would take, if that is what is asked', async () => {
    const before = await list('limit=200');
    const instanceIds = Array.from({ length: 250 }, (_, index) => `ins-${String(index).padStart(8, '0')}`);
    const answer = await enqueue(
      { targets: [{ invocationId: 'inv-10000001', instanceIds }, { invocationId: 'inv-10000002' }] },
      {},
      '?dryRun=true',
    );
    expect([answer.status, answer.body]).toEqual([
      200,
      { invocations: 2, wholeInvocations: 1, instances: 250, calls: 4, secondsAtLimit: 0.2 },
    ]);
    expect(await list('limit=200')).toEqual(before);
    expect((await enqueue({ targets: [] }, {}, '?dryRun=true')).status).toBe(400);
  });

  it('reckons with the limit that workers tell, where one is alive', async () => {
    const roster = new WorkerRoster(scene.redis, scene.prefix);
    const now = Date.now();
    const pace = { callsPerSecond: 3, callsPerSecondLimit: 5, jobs: 0, refusals: 0 };
    await roster.report({ name: 'w1', at: now, startedAt: now, ...pace });
    const targets = Array.from({ length: 10 }, someTarget);
    const answer = await enqueue({ targets }, {}, '?dryRun=true');
    await roster.leave('w1');
    expect(answer.body).toMatchObject({ calls: 10, secondsAtLimit: 2 });
  });
});

describe('looking for requests', () => {
  it('goes from the newest on, page by page, each once', async () => {
    for (let index = 0; index < 5; index++) await enqueue({ targets: [someTarget()], label: 'paged' });
    const all = await list('limit=200');
    const seen: string[] = [];
    let query = 'limit=2';
    for (;;) {
      const page = await list(query);
      expect(page.requests.length).toBeLessThanOrEqual(2);
      seen.push(...page.requests.map(({ requestId }) => requestId));
      if (page.nextCursor === undefined) break;
      query = `limit=2&cursor=${page.nextCursor}`;
    }
    expect(seen).toEqual(all.requests.map(({ requestId }) => requestId));
  });

  it('finds by id, label, who asked, reason and invocation, in any case, and by nothing else', async () => {
    const target = someTarget();
    const answer = await enqueue({
      targets: [someTarget(), target],
      label: 'Rollout-77',
      reason: 'The Wrong script',
      requestedBy: 'dora',
    });
    const id = answer.body.requestId as string;
    for (const search of [
      id,
      id.slice(4, 14),
      'rollout-77',
      'wrong SCRIPT',
      'service for Dora',
      target.invocationId,
    ]) {
      const { requests } = await list(`search=${encodeURIComponent(search)}`);
      expect([search, requests.map(({ requestId }) => requestId)]).toEqual([search, [id]]);
    }
    for (const search of ['rollout-78', 'inv-99999999', '%25', '.*']) {
      expect((await list(`search=${search}`)).requests).toEqual([]);
    }
  });

  it('goes by state', async () => {
    const { body } = await enqueue({ targets: [someTarget()] });
    const taken = await scene.call('POST', `/v1/cancel-requests/${body.requestId}/withdraw`, { token });
    expect([taken.status, taken.body]).toMatchObject([200, { state: 'withdrawn', counts: { withdrawn: 2 } }]);
    const withdrawn = await list('state=withdrawn');
    expect(withdrawn.requests.map(({ requestId }) => requestId)).toEqual([body.requestId]);
    const waiting = await list('state=waiting&limit=200');
    expect(waiting.requests.length).toBeGreaterThan(5);
    expect(new Set(waiting.requests.map(({ state }) => state))).toEqual(new Set(['waiting']));
    expect((await list('state=finished')).requests).toEqual([]);
  });

  it('knows nothing of what nobody asked for', async () => {
    for (const path of ['', '/instances', '/events']) {
      const answer = await scene.call('GET', `/v1/cancel-requests/req-0${path}`, { token });
      expect([answer.status, answer.body.code]).toEqual([404, 'REQUEST_NOT_FOUND']);
    }
    const answer = await scene.call('POST', '/v1/cancel-requests/req-0/withdraw', { token });
    expect([answer.status, answer.body.code]).toEqual([404, 'REQUEST_NOT_FOUND']);
  });
});

describe('a request that is carried out', () => {
  it('tells what became of each instance', async () => {
    const { invocationId, instanceIds } = installation.simulator.addInvocation({ instances: 150 });
    const { body } = await enqueue({ targets: [{ invocationId, instanceIds }] });
    const place = `/v1/cancel-requests/${body.requestId}`;
    installation.startWorker();
    await waitUntil('the request is finished', async () => {
      const progress = await scene.call('GET', place, { token });
      return progress.body.state === 'finished' && progress.body;
    });
    const records: { instanceId: string; state: string; cloudRequestId?: string }[] = [];
    for (let cursor: string | undefined = '0'; cursor !== undefined; ) {
      const page = await scene.call('GET', `${place}/instances?limit=100&cursor=${cursor}`, { token });
      records.push(...page.body.instances);
      cursor = page.body.nextCursor;
    }
    expect(records.map(({ instanceId }) => instanceId)).toEqual([...instanceIds]);
    expect(records.every(({ cloudRequestId }) => cloudRequestId !== undefined)).toBe(true);
    const none = await scene.call('GET', `${place}/instances?state=dead-lettered`, { token });
    expect(none.body).toEqual({ instances: [] });
    const one = await scene.call('GET', `/v1/instances/${instanceIds[3]}`, { token });
    expect(one.body.instances).toMatchObject([{ requestId: body.requestId, invocationId }]);
  });
});

describe('the audit', () => {
  it('keeps who handed in and who withdrew what', async () => {
    const { body } = await enqueue({ targets: [someTarget()] }, { 'x-request-id': 'trace-1' });
    await scene.call('POST', `/v1/cancel-requests/${body.requestId}/withdraw`, { token });
    const entries = await scene.redis.xrevrange(`${scene.prefix}:audit`, '+', '-', 'COUNT', 2);
    const notes = entries.map(([, [, note = '']]) => JSON.parse(note));
    expect(notes).toMatchObject([
      { action: 'withdraw', requestId: body.requestId, by: 'service', role: 'enqueue' },
      { action: 'enqueue', requestId: body.requestId, by: 'service', httpRequestId: 'trace-1' },
    ]);
    expect(scene.logLines.join('')).toContain('"httpRequestId":"trace-1"');
  });
});
