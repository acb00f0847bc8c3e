import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CliSession } from '../support/cli-session.js';
import { freePort } from '../support/free-port.js';

const session = new CliSession();
const commands = [
  ['cancel'],
  ['status'],
  ['dead-letters'],
  ['dead-letters', 'list'],
  ['worker'],
  ['simulator'],
];

describe('the command line', () => {
  it('tells the version of package.json', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(await session.run(['--version'])).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('explains itself and its exit codes', async () => {
    const { exitCode, stdout } = await session.run(['--help']);
    expect(exitCode).toBe(0);
    for (const [command = ''] of commands) expect(stdout).toContain(`  ${command}`);
    expect(stdout).toContain('Exit codes:');
  });

  it.each(commands)('explains %s %s with an example', async (...command) => {
    const { exitCode, stdout } = await session.run([...command, '--help']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^Examples?.*:\n {2}\$ .*tat-cancel/m);
    expect(stdout).toContain('--redis-url');
  });

  it.each(['list', 'show', 'redrive', 'discard', 'export'])('says where %s is', async (word) => {
    const { exitCode, stderr } = await session.run([word]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`unknown command '${word}' (Did you mean dead-letters ${word}?)`);
    expect((await session.run(['dead-letters', word, '--help'])).exitCode).toBe(0);
  });

  it('advises to repeat what may have got through, and nothing that only reads', async () => {
    const environment = { REDIS_URL: `redis://127.0.0.1:${await freePort()}` };
    for (const args of [
      ['status', 'req-1'],
      ['requests'],
      ['instances', 'req-1'],
      ['dead-letters', 'list'],
    ]) {
      const { exitCode, stderr } = await session.run(args, { environment });
      expect([exitCode, stderr]).toEqual([3, expect.stringMatching(/cannot be reached.*Check that it runs/)]);
      expect(stderr).not.toContain('idempotency');
    }
  });

  it('takes a call without a command for bad usage', async () => {
    const { exitCode, stdout, stderr } = await session.run([]);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Usage: tat-cancel');
  });

  it.each([
    [['cancle', 'inv-12345678'], 'Did you mean cancel?'],
    [['cancel', 'inv-12345678', '--regoin', 'ap-tokyo'], 'Did you mean --region?'],
    [['dead-letters', 'lst'], 'Did you mean list?'],
    [['status'], "missing required argument 'requestId'"],
    [['status', 'req-1', 'req-2'], 'too many arguments'],
    [['cancel', 'inv-12345678', '--priority', 'high'], 'Allowed choices are urgent, normal, low.'],
    [['dead-letters', 'list', '--limit', '0'], 'a whole number from 1 to 10000'],
    [['dead-letters', 'list', '--older-than', '2x'], 'an age such as 30m, 2h or 1d'],
    [['dead-letters', 'list', '--older-than', '367d'], '366 days at most'],
    [['dead-letters', 'list', '--cursor', '-1'], 'the cursor that a list before has printed'],
  ])('refuses %j', async (args, message) => {
    const { exitCode, stdout, stderr } = await session.run(args);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });
});

describe('settings', () => {
  it('are refused all at once, and nothing is shown of a password', async () => {
    const { exitCode, stdout, stderr } = await session.run(['status', 'req-1', '--json'], {
      environment: {
        REDIS_URL: 'rediz://:hunter2@localhost',
        TAT_CANCEL_QUEUE_PREFX: 'x',
        TENCENTCLOUD_REGION: 'Moon!',
      },
    });
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain('REDIS_URL: must look like');
    expect(stderr).toContain(
      'TAT_CANCEL_QUEUE_PREFX: is not a setting; did you mean TAT_CANCEL_QUEUE_PREFIX?',
    );
    expect(stderr).toContain('TENCENTCLOUD_REGION: is not a region');
    expect(stderr).not.toContain('hunter2');
  });

  it('are beaten by options, before or after the command', async () => {
    const environment = { QUEUE_PREFIX: 'not in braces' };
    const before = await session.run(['--queue-prefix', session.prefix, 'status', 'req-1'], { environment });
    const after = await session.run(['status', 'req-1', '--queue-prefix', session.prefix], { environment });
    for (const { stderr } of [before, after]) expect(stderr).toContain('No request req-1 is known');
  });

  it('of a worker are told in one message: credential, URL and misspelt name', async () => {
    const { exitCode, stderr } = await session.run(['worker'], {
      environment: {
        HOME: '/nonexistent',
        REDIS_URL: 'localhost:6379',
        TAT_CANCEL_CALLS_PER_SECONDS: '20',
        TENCENTCLOUD_SECRET_ID: 'AKIDEXAMPLE',
      },
    });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('REDIS_URL: must look like');
    expect(stderr).toContain('did you mean TAT_CANCEL_CALLS_PER_SECOND?');
    expect(stderr).toContain('TENCENTCLOUD_SECRET_KEY: is missing');
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('of a simulator are told by their flags', async () => {
    const { exitCode, stderr } = await session.run([
      'simulator',
      '--port',
      'http',
      '--instances-per-invocation',
      '500',
    ]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--port: not a number');
    expect(stderr).toContain('--instances-per-invocation: ');
  });
});

describe('a Redis that is away', () => {
  it.each([
    [['cancel', 'inv-12345678']],
    [['status', 'req-1']],
    [['status', 'req-1', '--watch']],
    [['dead-letters', 'list', '--json']],
  ])('ends %j with exit code 3 within 5 s', async (args) => {
    const startedAt = Date.now();
    const { exitCode, stdout, stderr } = await session.run(args, {
      environment: { REDIS_URL: `redis://127.0.0.1:${await freePort()}` },
    });
    expect([exitCode, stdout]).toEqual([3, '']);
    expect(stderr).toContain('cannot be reached (connect ECONNREFUSED');
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(Date.now() - startedAt).toBeLessThan(5_000);
  });

  it('shows a stack only when debugging', async () => {
    const { stderr } = await session.run(['status', 'req-1'], {
      environment: { REDIS_URL: `redis://127.0.0.1:${await freePort()}`, LOG_LEVEL: 'debug' },
    });
    expect(stderr).toMatch(/\n\s+at /);
  });
});
