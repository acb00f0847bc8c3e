import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CancelProducer } from '../../src/producer/index.js';
import { CliSession } from '../support/cli-session.js';
import { freePort } from '../support/free-port.js';

interface CancelDocument {
  requestId: string;
  requests: { requestId: string; instances: number; jobs: number; duplicate: boolean }[];
  instances: number;
  jobs: number;
}

const session = new CliSession();
let producer: CancelProducer;

beforeAll(async () => {
  const { REDIS_URL: redisUrl = '' } = session.environment;
  producer = await CancelProducer.connect({ redisUrl, queuePrefix: session.prefix });
});

afterAll(async () => {
  await producer.close();
  await session.close();
});

describe('tat-cancel cancel', () => {
  it('enqueues a whole invocation, and says that it is whole', async () => {
    const { exitCode, stdout, stderr } = await session.run(['cancel', 'inv-00000001']);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Cancel enqueued: whole invocation inv-00000001 \(1 job\)\.\nRequest req-\w+\n$/);
  });

  it('enqueues instances, each once, with all that is told about them', async () => {
    const { exitCode, document } = await session.runJson<CancelDocument>([
      'cancel',
      'inv-00000002',
      ...['ins-00000001', 'lhins-00000002', 'ins-00000001'],
      ...['--priority', 'urgent', '--reason', 'bad rollout', '--requested-by', 'ann', '--label', 'night'],
      '--no-confirm',
    ]);
    expect(exitCode).toBe(0);
    const { requestId } = document;
    const request = { requestId, instances: 2, jobs: 1, duplicate: false, state: 'waiting' };
    expect(document).toEqual({ requestId, requests: [request], instances: 2, jobs: 1 });
    expect(await producer.status(requestId)).toMatchObject({
      ...{ state: 'waiting', total: 2, priority: 'urgent', confirm: false },
      ...{ reason: 'bad rollout', requestedBy: 'ann', label: 'night' },
    });
  });

  it('gives the first request back for the same key and content', async () => {
    const args = ['cancel', 'inv-00000003', '--key', 'incident-1'];
    const first = await session.runJson<CancelDocument>(args);
    const second = await session.runJson<CancelDocument>(args);
    expect(second.document.requestId).toBe(first.document.requestId);
    expect([first, second].map(({ document }) => document.requests[0]?.duplicate)).toEqual([false, true]);
    const { stdout } = await session.run(args);
    expect(stdout).toContain('Nothing was enqueued anew.');
  });

  it('refuses a used key with other content', async () => {
    await session.run(['cancel', 'inv-00000004', '--key', 'incident-2']);
    const { exitCode, stdout, stderr } = await session.run([
      'cancel',
      'inv-00000005',
      '--key',
      'incident-2',
      '--json',
    ]);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain('incident-2 was used before');
  });

  it('refuses a used key with another webhook, and finds the request with the same one', async () => {
    const args = ['cancel', 'inv-00000004', '--key', 'incident-3', '--webhook'];
    await session.run([...args, 'https://example.com/one']);
    expect((await session.run([...args, 'https://example.com/two'])).exitCode).toBe(2);
    expect((await session.run([...args, 'https://example.com/one'])).stdout).toContain('Accepted before');
  });

  it('names every bad id and a missing region at once', async () => {
    const { exitCode, stderr } = await session.run(['cancel', 'inv-1', 'ins-\u001b[31m', 'ins-00000001'], {
      environment: { TENCENTCLOUD_REGION: undefined },
    });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('"inv-1" is not an invocation id');
    expect(stderr).toContain('"ins-\\u001b[31m" is not an instance id');
    expect(stderr).toContain('There is no region: give --region or set TENCENTCLOUD_REGION.');
  });

  it('takes the region of the option before that of the environment', async () => {
    const { exitCode, stderr } = await session.run(['cancel', 'inv-00000006', '--region', 'nowhere']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('the flag for TENCENTCLOUD_REGION: is not a region');
  });

  it.each([
    [['cancel'], 'Name an invocation to cancel'],
    [['cancel', 'inv-00000007', '--file', 'targets.csv'], 'not both'],
    [['cancel', 'inv-00000007', '--key', ''], '--key: '],
    [['cancel', 'inv-00000007', '--key', 'k'.repeat(191)], '--key: must have at most 190 characters'],
    [['cancel', 'inv-00000007', '--reason', 'r'.repeat(1_001)], '--reason: '],
  ])('refuses %j', async (args, message) => {
    const { exitCode, stdout, stderr } = await session.run(args);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });

  it('plans without asking Redis', async () => {
    const environment = { REDIS_URL: `redis://127.0.0.1:${await freePort()}` };
    const args = ['cancel', 'inv-00000008', '--dry-run'];
    const { exitCode, stdout } = await session.run(args, { environment });
    expect([exitCode, stdout]).toEqual([
      0,
      'Would enqueue the cancel of whole invocation inv-00000008 (1 job). Nothing was enqueued.\n',
    ]);
    const { document } = await session.runJson(args, { environment });
    expect(document).toEqual({
      dryRun: true,
      requestId: null,
      requests: [{ requestId: null, instances: 1, jobs: 1, duplicate: false, state: 'waiting' }],
      instances: 1,
      jobs: 1,
    });
  });
});
