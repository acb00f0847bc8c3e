import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../support/free-port.js';
import { FindSession, type FoundDocument } from './find-session.js';

let session: FindSession;
const args = ['cancel', '--all-running', '--yes'];

beforeAll(async () => {
  session = await FindSession.start();
});
beforeEach(() => {
  session.move();
  session.add();
});
afterAll(() => session.close());

describe('a search', () => {
  it('without a key says what is missing, and asks nobody', async () => {
    const environment = {
      TENCENTCLOUD_SECRET_ID: undefined,
      TENCENTCLOUD_SECRET_KEY: undefined,
      TENCENTCLOUD_CREDENTIALS_FILE: '/nonexistent/credentials',
      TENCENTCLOUD_REGION: undefined,
    };
    const { exitCode, stdout, stderr } = await session.run(args, { environment });
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain('TENCENTCLOUD_SECRET_ID: is missing, and there is no other credential');
    expect(stderr).toContain('TENCENTCLOUD_REGION: is missing: give --region');
    expect(session.simulator.record.count()).toBe(0);
  });

  it.each([
    ['AKIDunknown', 'simulator-secret-key', 'AuthFailure.SecretIdNotFound'],
    ['AKIDSIMULATOR', 'some-wrong-secret-key', 'AuthFailure.SignatureFailure'],
  ])('with the refused key %s says so and what to check', async (id, key, code) => {
    const environment = { TENCENTCLOUD_SECRET_ID: id, TENCENTCLOUD_SECRET_KEY: key };
    const { exitCode, stdout, stderr } = await session.run(args, { environment });
    expect([exitCode, stdout]).toEqual([3, '']);
    expect(stderr).toContain(`error: DescribeInvocations was refused: ${code}: `);
    expect(stderr).toContain('Check TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY');
    expect(stderr).not.toContain(key);
    expect(await session.countRequests()).toBe(0);
  });

  it('that the account does not grant names the right that is missing', async () => {
    session.simulator.credentials.update('AKIDSIMULATOR', { deniedActions: ['DescribeInvocations'] });
    const { exitCode, stderr } = await session.run(args);
    expect(exitCode).toBe(3);
    expect(stderr).toContain('Let the account administrator grant tat:DescribeInvocations to this key.');
  });

  it('before a cloud that is away gives up after three tries', async () => {
    const environment = { TAT_ENDPOINT: `http://127.0.0.1:${await freePort()}` };
    const { exitCode, stdout, stderr } = await session.run(args, { environment });
    expect([exitCode, stdout]).toEqual([3, '']);
    expect(stderr).toContain('DescribeInvocations came to nothing: NetworkError: ');
    expect(stderr).toContain('Check TAT_ENDPOINT and the network to it.');
  });

  it('before a Redis that is away gives up, since no call may leave without a slot', async () => {
    const environment = { REDIS_URL: `redis://127.0.0.1:${await freePort()}` };
    const { exitCode, stdout, stderr } = await session.run(args, { environment });
    expect([exitCode, stdout]).toEqual([3, '']);
    expect(stderr).toContain('cannot be reached');
    expect(session.simulator.record.count()).toBe(0);
  });

  it('in a region that the cloud does not know is bad input', async () => {
    const { exitCode, stderr } = await session.run([...args, '--region', 'ap-atlantis']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('Check --region');
  });

  it('gets over passing trouble, and over refusals for the rate', async () => {
    const { faults } = session.simulator;
    faults.add({ action: 'DescribeInvocations', calls: [1], code: 'InternalError' });
    faults.add({ action: 'DescribeInvocations', calls: [2], code: 'RequestLimitExceeded' });
    const { exitCode, document } = await session.runJson<FoundDocument>(args);
    expect(exitCode).toBe(0);
    expect(document).toMatchObject({ jobs: 1, calls: 3 });
    expect(session.readCalls).toEqual({ DescribeInvocations: 3 });
  });
});

describe('the options of a search', () => {
  it.each([
    [['--command', 'cmd-1'], '"cmd-1" is not a command id'],
    [['--instance', 'inv-12345678'], '"inv-12345678" is not an instance id'],
    [['--all-running', '--command', 'cmd-12345678'], 'leave out --command and --instance'],
    [['inv-12345678', '--all-running'], 'not both'],
    [['--file', 'targets.csv', '--command', 'cmd-12345678'], 'not both'],
    [['inv-12345678', '--since', '2h'], '--since: goes with --command, --instance or --all-running'],
    [['inv-12345678', '--disable-invokers'], '--disable-invokers: goes with'],
    [['--all-running', '--since', 'yesterday'], '--since: must be an age such as 30m'],
    [['--all-running', '--since', '2999-01-01'], '--since: lies in the future'],
  ])('are refused: %j', async (given, message) => {
    const { exitCode, stdout, stderr } = await session.run(['cancel', ...given, '--yes']);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(session.simulator.record.count()).toBe(0);
  });
});
