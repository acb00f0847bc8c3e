import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { RequestStatusReader } from '../../src/shared/ledger/index.js';
import { CliSession } from '../support/cli-session.js';
import { connectToTestRedis } from '../support/test-prefix.js';

interface CancelDocument {
  requestId: string;
  requests: { requestId: string; instances: number; duplicate: boolean }[];
  instances: number;
  jobs: number;
}

const session = new CliSession();
const directory = mkdtempSync(join(tmpdir(), 'tat-cancel-files-'));
const redis = connectToTestRedis();

afterAll(async () => {
  redis.disconnect();
  rmSync(directory, { recursive: true });
  await session.close();
});

function write(name: string, content: string | Buffer): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

async function planFile(content: string | Buffer): Promise<CancelDocument> {
  const { document } = await session.runJson<CancelDocument>(['cancel', '--file', '-', '--dry-run'], {
    stdin: content,
  });
  return document;
}

describe('a targets file', () => {
  it('may be CSV with header, quotes, comments, blank lines, CRLF and a byte order mark', async () => {
    const lines = [
      '\uFEFFInvocationId,Instance_ID,REGION',
      '# the night of the bad rollout',
      'inv-00000001,ins-00000001,ap-tokyo',
      '"inv-00000001","ins-00000002","ap-tokyo"',
      '',
      '  inv-00000001 , ins-00000003 , ap-tokyo  ',
      'inv-00000001,ins-00000001,ap-tokyo',
      'inv-00000002,ins-00000001',
      'inv-00000003',
    ];
    const path = write('targets.csv', lines.join('\r\n'));
    const { exitCode, stdout } = await session.run(['cancel', '--file', path]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('1 whole invocation and 4 instances of 2 invocations (3 jobs).');
    expect(stdout).toContain('1 target named more than once, taken once.');
  });

  it('may be NDJSON', async () => {
    const targets = [
      { invocationId: 'inv-00000001', instanceIds: ['ins-00000001', 'ins-00000002'], region: 'ap-tokyo' },
      { invocationId: 'inv-00000001', instanceIds: ['ins-00000002', 'ins-00000003'], region: 'ap-tokyo' },
      { invocationId: 'inv-00000002' },
    ];
    const { instances, jobs } = await planFile(targets.map((target) => JSON.stringify(target)).join('\n'));
    expect({ instances, jobs }).toEqual({ instances: 4, jobs: 2 });
  });

  it('brings the scattered lines of an invocation together, so that they share calls', async () => {
    const lines = Array.from({ length: 400 }, (_, at) => `inv-0000000${at % 4},ins-${10_000_000 + at}`);
    expect(await planFile(lines.join('\n'))).toMatchObject({ instances: 400, jobs: 4 });
  });

  it('lets a whole invocation take in its instances', async () => {
    const content = 'inv-00000001,ins-00000001\ninv-00000001\ninv-00000001,ins-00000002\n';
    expect(await planFile(content)).toMatchObject({ instances: 1, jobs: 1 });
  });

  it('may come from standard input', async () => {
    const stdin = 'inv-00000009,ins-00000001\n';
    const { document } = await session.runJson<CancelDocument>(['cancel', '--file', '-'], { stdin });
    expect(document).toMatchObject({ instances: 1, requests: [{ instances: 1, duplicate: false }] });
    const status = await new RequestStatusReader(redis, session.prefix).read(document.requestId);
    expect(status).toMatchObject({ state: 'waiting', total: 1 });
  });

  it.each([
    ['inv-00000001;ins-00000001', 'is not an invocation id'],
    ['inv-00000001,', 'has an empty instance id'],
    ['inv-00000001,,ap-tokyo', 'has an empty instance id'],
    ['inv-00000001,ins-1', '"ins-1" is not an instance id'],
    ['inv-00000001,ins-00000001,', '"" is not a region'],
    ['inv-00000001,ins-00000001,ap-tokyo,x', 'has 4 fields'],
    ['"inv-00000001,ins-00000001', 'has unbalanced quotes'],
    ['{"invocationId": "inv-00000001"', 'is not JSON'],
    ['{"invocationId": "inv-00000001", "instanceIds": []}', 'target.instanceIds: must not be empty'],
    ['{"invocationId": "inv-00000001", "instances": ["ins-00000001"]}', 'unknown field instances'],
    ['["inv-00000001"]', 'expected object, received array'],
    ['invocationId', 'is not an invocation id'],
  ])('is refused for the line %s', async (line, reason) => {
    const stdin = `inv-00000001,ins-00000001\n${line}\n`;
    const { exitCode, stdout, stderr } = await session.run(['cancel', '--file', '-', '--json'], { stdin });
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain('standard input has a bad line; nothing was enqueued:\n  line 2: ');
    expect(stderr).toContain(reason);
  });

  it('is refused whole, with every bad line by its number', async () => {
    const path = write('bad.csv', '# targets\n\ninv-00000001\nfoo\r\ninv-00000002,ins-00000001\nbar,baz\n');
    const before = await redis.keys(`${session.prefix}:ledger:request:*`);
    const { exitCode, stderr } = await session.run(['cancel', '--file', path]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`${path} has 2 bad lines; nothing was enqueued:`);
    expect(stderr).toContain('line 4: "foo" is not an invocation id');
    expect(stderr).toContain('line 6: "bar" is not an invocation id');
    expect((await redis.keys(`${session.prefix}:ledger:request:*`)).length).toBe(before.length);
  });

  it('has no more than a hundred bad lines printed, and all of them counted', async () => {
    const stdin = `${'inv-00000001\n'.repeat(10)}${'nonsense\n'.repeat(1_234)}`;
    const { stderr } = await session.run(['cancel', '--file', '-'], { stdin });
    expect(stderr).toContain('has 1,234 bad lines');
    expect(stderr).toContain('  line 110: ');
    expect(stderr).not.toContain('  line 111: ');
    expect(stderr).toContain('and 1,134 more bad lines');
  });

  it('needs a region for every target', async () => {
    const stdin = 'inv-00000001,ins-00000001,ap-tokyo\ninv-00000001,ins-00000002\n';
    const { exitCode, stderr } = await session.run(['cancel', '--file', '-'], {
      stdin,
      environment: { TENCENTCLOUD_REGION: undefined },
    });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('line 2: names no region, and there is no default');
  });

  it.each([
    [() => write('empty.csv', '# nothing\n'), 'names no targets'],
    [() => write('utf16.csv', Buffer.from('\uFEFFinv-00000001\n', 'utf16le')), 'save it as UTF-8'],
    [() => write('long.csv', 'x'.repeat(9 * 1024 * 1024)), 'more than 8 MiB'],
    [() => join(directory, 'missing.csv'), 'There is no file'],
    [() => directory, 'is a directory'],
  ])('that cannot be used is refused (%#)', async (path, message) => {
    const { exitCode, stdout, stderr } = await session.run(['cancel', '--file', path(), '--json']);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });
});

describe('a file too large for one request', () => {
  const lines = Array.from(
    { length: 100_100 },
    (_, at) => `inv-${1_000_000 + (at % 1_001)}x,ins-${10_000_000 + at}`,
  );
  const path = write('large.csv', lines.join('\n'));

  it('becomes several requests under one label, and goes on where it was cut off', async () => {
    const ending = new AbortController();
    const cut = await session.run(['cancel', '--file', path, '--json'], {
      signal: ending.signal,
      onOutput: (_stream, text) => {
        if (text.includes('100,000 of 100,100 instances enqueued')) ending.abort();
      },
    });
    expect(cut.exitCode).toBe(130);
    expect(JSON.parse(cut.stdout)).toMatchObject({ instances: 100_000, requests: [{}], outcome: null });
    expect(cut.stderr).toContain('1 request with 100,000 instances are enqueued already');
    const { document } = await session.runJson<CancelDocument>(['cancel', '--file', path]);
    expect(document).toMatchObject({
      requestId: document.requests[0]?.requestId,
      requests: [
        { instances: 100_000, duplicate: true },
        { instances: 100, duplicate: false },
      ],
      instances: 100_100,
    });
    const reader = new RequestStatusReader(redis, session.prefix);
    const statuses = await Promise.all(document.requests.map(({ requestId }) => reader.read(requestId)));
    expect(statuses[0]?.label).toMatch(/^file-/);
    expect(statuses[1]?.label).toBe(statuses[0]?.label);
  }, 60_000);
});
