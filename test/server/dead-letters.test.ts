import { parse } from 'csv-parse/sync';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { redisKeys } from '../../src/shared/redis-keys.js';
import { buryRequests } from '../support/buried-requests.js';
import { ServerScene, secrets } from '../support/server-scene.js';

const codes = ['NotConfirmed', 'ResourceNotFound.InvocationNotFound', 'InternalError'];

let scene: ServerScene;
beforeEach(async () => {
  scene = await ServerScene.start();
});
afterEach(() => scene.close());

const get = (path: string) => scene.call('GET', `/v1/dead-letters${path}`, { token: secrets.read });
const order = (path: string, body: object) =>
  scene.call('POST', `/v1/dead-letters/${path}`, { token: secrets.operate, body });

async function bury(requests: number, of: readonly string[] = codes): Promise<void> {
  await buryRequests(scene.redis, { prefix: scene.prefix, requests, codes: of });
}

async function allIds(query: string, meanwhile: () => Promise<unknown> = async () => {}): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor = ''; ; ) {
    const { body } = await get(`?${query}${cursor}`);
    ids.push(...body.deadLetters.map(({ id }: { id: string }) => id));
    if (body.nextCursor === undefined) return ids;
    cursor = `&cursor=${body.nextCursor}`;
    await meanwhile();
  }
}

describe('dead letters', () => {
  it('come in pages that neither repeat nor leave out while others are dealt with', async () => {
    await bury(30);
    const before = await allIds('limit=100');
    expect(before).toHaveLength(30);
    let next = 0;
    const seen = await allIds('limit=4', () => order('discard', { ids: [before[next++]], reason: 'test' }));
    expect(seen).toEqual(before);
    expect((await get('?limit=1')).body.total).toBe(30 - next);
  });

  it('come filtered, with how many there are', async () => {
    await bury(9);
    const byCode = (await get('?code=NotConfirmed&limit=2')).body;
    expect([byCode.total, byCode.deadLetters.length, typeof byCode.nextCursor]).toEqual([3, 2, 'string']);
    expect((await get('?requestId=req-dead-4')).body.deadLetters).toMatchObject([
      { id: 'req-dead-4.0.letter', error: { code: codes[1] }, attempts: 1 },
    ]);
    expect((await get('?invocationId=inv-00000005')).body.total).toBe(1);
    expect((await get('?olderThanSeconds=60')).body.total).toBe(0);
    expect((await get('?olderThanSeconds=0')).body.total).toBe(9);
    expect((await get('?cursor=nonsense')).body.problems).toMatchObject([{ path: 'cursor' }]);
  });

  it('come in groups that say what each code means and what to do', async () => {
    await bury(10);
    const { body } = await get('/groups');
    expect(body.groups).toMatchObject([
      { code: 'NotConfirmed', letters: 4, instances: 8 },
      { code: codes[1], letters: 3, instances: 6 },
      { code: codes[2], letters: 3, instances: 6 },
    ]);
    for (const { meaning, advice, examples } of body.groups) {
      expect([meaning.length > 10, advice.length > 10, examples.length]).toEqual([true, true, 3]);
    }
  });

  it('are shown one by one, and only letters are', async () => {
    await bury(1);
    expect((await get('/req-dead-0.0.letter')).body).toMatchObject({
      requestId: 'req-dead-0',
      history: [{}],
    });
    const gone = await get('/req-dead-1.0.letter');
    expect([gone.status, gone.body.code]).toEqual([404, 'DEAD_LETTER_NOT_FOUND']);
    for (const key of ['wait', 'meta', 'events', 'id']) expect((await get(`/${key}`)).status).toBe(400);
  });

  it('leave as a file that spreadsheets and programs read', async () => {
    await bury(3);
    const csv = await get('/export?format=csv');
    expect(csv.headers.get('content-disposition')).toBe('attachment; filename="dead-letters.csv"');
    const rows = parse(csv.text, { columns: true }) as Record<string, string>[];
    const told = rows.map(({ requestId, instanceId, message }) => [requestId, instanceId, message]);
    expect(told.sort()).toEqual(
      codes.flatMap((code, number) =>
        ['ins-00000000', 'ins-00000001'].map((id) => [`req-dead-${number}`, id, `it said "no", ${code}`]),
      ),
    );
    const lines = await get('/export?format=ndjson&code=NotConfirmed');
    expect(
      lines.text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).id),
    ).toEqual(['req-dead-0.0.letter']);
  });

  it('are no formula to a spreadsheet, whatever the cloud said', async () => {
    await bury(1, ['=cmd|calc']);
    expect((await get('/export')).text).toContain("'=cmd|calc");
  });
});

describe('dealing with dead letters', () => {
  it('redrives what a filter names, after saying what that would be', async () => {
    await bury(9);
    const selection = { filter: { code: 'NotConfirmed' } };
    const preview = await order('redrive?dryRun=true', selection);
    expect(preview.body).toEqual({ dryRun: true, letters: 3, instances: 6, unknown: [], missing: [] });
    expect((await get('?limit=1')).body.total).toBe(9);
    const done = await order('redrive', selection);
    expect(done.body).toEqual({ dryRun: false, letters: 3, instances: 6, unknown: [], missing: [] });
    expect((await get('?limit=1')).body.total).toBe(6);
    const request = await scene.call('GET', '/v1/cancel-requests/req-dead-0', { token: secrets.read });
    expect(request.body).toMatchObject({ counts: { waiting: 2, 'dead-lettered': 0 } });
  });

  it('only says what a discard would do, without a reason', async () => {
    await bury(3);
    const preview = await order('discard?dryRun=true', { filter: {} });
    expect(preview.body).toMatchObject({ dryRun: true, letters: 3, instances: 6 });
    expect((await get('?limit=1')).body.total).toBe(3);
  });

  it('chooses by age, too', async () => {
    await bury(2);
    const young = { filter: { olderThanSeconds: 60 }, reason: 'x' };
    expect((await order('discard', young)).body).toMatchObject({ letters: 0 });
    const old = { filter: { olderThanSeconds: 0, requestId: 'req-dead-1' } };
    expect((await order('redrive', old)).body).toMatchObject({ letters: 1 });
  });

  it('says which of the ids that it was told belong to no letter', async () => {
    await bury(1);
    const ids = ['req-dead-0.0.letter', 'req-dead-0.9.letter'];
    const { body } = await order('redrive', { ids });
    expect(body).toMatchObject({ letters: 1, missing: ['req-dead-0.9.letter'] });
  });

  it('redrives to another place where that is the cure', async () => {
    await bury(1);
    const ids = ['req-dead-0.0.letter'];
    expect((await order('redrive', { ids, region: 'ap-tokyo', invocationId: 'inv-0000cure' })).status).toBe(
      200,
    );
    const { body } = await scene.call('GET', '/v1/cancel-requests/req-dead-0/instances', {
      token: secrets.read,
    });
    expect(body.instances).toMatchObject([
      { region: 'ap-tokyo', invocationId: 'inv-0000cure', state: 'waiting' },
      { region: 'ap-tokyo', invocationId: 'inv-0000cure', state: 'waiting' },
    ]);
  });

  it('discards with a reason, and keeps who and why', async () => {
    await bury(2);
    expect((await order('discard', { filter: {} })).body.problems).toMatchObject([{ path: 'reason' }]);
    const done = await order('discard', { filter: {}, reason: 'the machines are gone' });
    expect(done.body).toMatchObject({ letters: 2, instances: 4 });
    expect((await get('')).body).toEqual({ deadLetters: [], total: 0 });
    const entries = await scene.redis.xrange(`${scene.prefix}:audit`, '-', '+');
    expect(entries.map(([, [, note = '']]) => JSON.parse(note))).toMatchObject([
      { action: 'discard', by: 'ann', reason: 'the machines are gone' },
      { action: 'discard', by: 'ann' },
      { action: 'discard-letters', by: 'ann', details: { letters: 2, reason: 'the machines are gone' } },
    ]);
  });

  it('keeps in the audit what broke off half-way', async () => {
    await bury(60, ['NotConfirmed']);
    const ids = await allIds('limit=100');
    const requestKey = redisKeys(scene.prefix).request(ids.at(-1)?.split('.')[0] ?? '');
    await scene.redis.del(requestKey);
    await scene.redis.set(requestKey, 'no hash');
    for (const [path, body] of [
      ['redrive', { ids }],
      ['discard', { ids, reason: 'the machines are gone' }],
    ] as const) {
      const broken = await order(path, body);
      expect([path, broken.status >= 500]).toEqual([path, true]);
      const [[, [, note = '']] = ['', []]] = await scene.redis.xrevrange(
        `${scene.prefix}:audit`,
        '+',
        '-',
        'COUNT',
        1,
      );
      expect(JSON.parse(note)).toMatchObject({
        action: `${path}-letters`,
        by: 'ann',
        details: { ...body, failed: true },
      });
    }
    expect((await get('?limit=1')).body.total).toBeLessThan(60);
  });

  it('takes a forgotten selection for a mistake, and never for everything', async () => {
    await bury(2);
    for (const body of [
      {},
      { ids: [] },
      { ids: ['req-dead-0.0.letter'], filter: {} },
      { filter: { kode: 'x' } },
      { filter: { request: 'req-dead-0' } },
      { filter: {}, dryRun: true },
    ]) {
      expect([body, (await order('redrive', body)).status]).toEqual([body, 400]);
      expect([body, (await order('discard', { ...body, reason: 'x' })).status]).toEqual([body, 400]);
    }
    expect((await get('?limit=1')).body.total).toBe(2);
  });
});
