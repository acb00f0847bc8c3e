import { Agent } from 'node:http';
import type { LookupFunction } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createSimulator, type Simulator } from '../../../src/simulator/index.js';
import { rawCall, refusalOf, sdkClient } from '../../support/simulator-client.js';

const nowSeconds = () => Math.floor(Date.now() / 1000);

describe('the gateway', () => {
  let simulator: Simulator;
  beforeAll(async () => {
    simulator = createSimulator({
      callsPerSecond: 0,
      credentials: [
        { secretId: 'AKIDPERMANENT', secretKey: 'permanent-key' },
        { secretId: 'AKIDTEMPORARY', secretKey: 'temporary-key', token: 'the-token' },
        { secretId: 'AKIDREADER', secretKey: 'reader-key', deniedActions: ['CancelInvocation'] },
      ],
    });
    await simulator.start();
  });
  afterEach(() => simulator.credentials.enable('AKIDPERMANENT'));
  afterAll(() => simulator.close());

  const refused: [
    what: string,
    call: Parameters<typeof rawCall>[1],
    code: string,
    message: string | RegExp,
  ][] = [
    ['a GET', { method: 'GET' }, 'UnsupportedProtocol', /POST/],
    [
      'no timestamp',
      { headers: { 'X-TC-Timestamp': null } },
      'MissingParameter',
      'The request is missing a required parameter `Timestamp`.',
    ],
    ['no action', { headers: { 'X-TC-Action': null } }, 'MissingParameter', /`Action`/],
    ['no version', { headers: { 'X-TC-Version': null } }, 'MissingParameter', /`Version`/],
    [
      'a timestamp that is no number',
      { headers: { 'X-TC-Timestamp': 'noon' } },
      'InvalidParameterValue',
      /`Timestamp`/,
    ],
    [
      'no Authorization',
      { headers: { Authorization: null } },
      'AuthFailure.InvalidAuthorization',
      /`Authorization`/,
    ],
    [
      'an Authorization of another kind',
      { headers: { Authorization: 'Bearer 1234' } },
      'AuthFailure.InvalidAuthorization',
      /`Authorization`/,
    ],
    [
      'an unsigned host',
      {
        headers: {
          Authorization: `TC3-HMAC-SHA256 Credential=AKIDPERMANENT/2026-01-01/tat/tc3_request, SignedHeaders=content-type, Signature=${'0'.repeat(64)}`,
        },
      },
      'AuthFailure.InvalidAuthorization',
      /`SignedHeaders`/,
    ],
    [
      'a scope of another day',
      {
        headers: {
          Authorization: `TC3-HMAC-SHA256 Credential=AKIDPERMANENT/2001-01-01/tat/tc3_request, SignedHeaders=content-type;host, Signature=${'0'.repeat(64)}`,
        },
      },
      'AuthFailure.InvalidAuthorization',
      /`Date` in Credential not valid/,
    ],
    [
      'a clock that is behind',
      { timestamp: nowSeconds() - 400 },
      'AuthFailure.SignatureExpire',
      /^Signature expired\. Please use local time and enable NTP .* server time \d+\.$/,
    ],
    ['a clock that is ahead', { timestamp: nowSeconds() + 400 }, 'AuthFailure.SignatureExpire', /NTP/],
    [
      'an unknown SecretId',
      { secretId: 'AKIDNOBODY' },
      'AuthFailure.SecretIdNotFound',
      'The SecretId is not found, please ensure that your SecretId is correct.',
    ],
    [
      'a wrong token',
      { secretId: 'AKIDTEMPORARY', secretKey: 'temporary-key', token: 'an-old-token' },
      'AuthFailure.TokenFailure',
      /token/,
    ],
    [
      'no token for temporary keys',
      { secretId: 'AKIDTEMPORARY', secretKey: 'temporary-key' },
      'AuthFailure.TokenFailure',
      /token/,
    ],
    [
      'a wrong secret key',
      { secretKey: 'guessed' },
      'AuthFailure.SignatureFailure',
      'The provided credentials could not be validated. Please check your signature is correct.',
    ],
    [
      'a key without the right to do this',
      { secretId: 'AKIDREADER', secretKey: 'reader-key' },
      'UnauthorizedOperation.CamAuthFailed',
      /not authorized to perform operation \(tat:CancelInvocation\)/,
    ],
    [
      'an unknown action',
      { action: 'CancelEverything' },
      'InvalidAction',
      'The request action=`CancelEverything` is invalid or not found in service=`tat` and version=`2020-10-28`.',
    ],
    ['another version', { headers: { 'X-TC-Version': '2017-03-12' } }, 'NoSuchVersion', /2017-03-12/],
    [
      'no region',
      { headers: { 'X-TC-Region': null } },
      'MissingParameter',
      'The request is missing a required parameter `Region`.',
    ],
    [
      'an unknown region',
      { headers: { 'X-TC-Region': 'ap-atlantis' } },
      'UnsupportedRegion',
      'A value specified in `X-TC-Region` is not valid, is unsupported, or cannot be used.',
    ],
    ['a body that is no JSON', { body: '{"InvocationId":' }, 'InvalidParameter', /JSON/],
    ['a body that is no object', { body: '[]' }, 'InvalidParameter', /JSON/],
  ];

  it.each(refused)('refuses %s', async (_what, call, code, message) => {
    const refusal = await refusalOf(simulator, call);
    expect(refusal?.Code).toBe(code);
    expect(refusal?.Message).toMatch(message);
  });

  it('answers refusals with status 200, a RequestId and the trace id that was sent', async () => {
    const response = await rawCall(simulator, {
      secretKey: 'guessed',
      headers: { 'X-TC-TraceId': 'trace-7' },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('x-tc-traceid')).toBe('trace-7');
    const answer = (await response.json()) as { Response: { RequestId: string } };
    expect(answer.Response.RequestId).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });

  it('does not know a disabled key until it is enabled again', async () => {
    simulator.credentials.disable('AKIDPERMANENT');
    expect((await refusalOf(simulator, { action: 'DescribeRegions' }))?.Code).toBe(
      'AuthFailure.SecretIdNotFound',
    );
    simulator.credentials.enable('AKIDPERMANENT');
    expect(await refusalOf(simulator, { action: 'DescribeRegions' })).toBeUndefined();
  });

  it('takes temporary keys with their token, and a new token once the old one is replaced', async () => {
    const keys = { action: 'DescribeRegions', secretId: 'AKIDTEMPORARY', secretKey: 'temporary-key' };
    expect(await refusalOf(simulator, { ...keys, token: 'the-token' })).toBeUndefined();
    simulator.credentials.update('AKIDTEMPORARY', { token: 'the-next-token' });
    expect((await refusalOf(simulator, { ...keys, token: 'the-token' }))?.Code).toBe(
      'AuthFailure.TokenFailure',
    );
    expect(await refusalOf(simulator, { ...keys, token: 'the-next-token' })).toBeUndefined();
  });

  it('lets any service label pass at an address', async () => {
    for (const service of ['127', 'tat', 'localhost:4010']) {
      expect(await refusalOf(simulator, { action: 'DescribeRegions', service })).toBeUndefined();
    }
  });

  it('takes the right service label at the cloud’s own host name', async () => {
    const port = simulator.endpoint.split(':')[1];
    const lookup: LookupFunction = (_host, _options, found) =>
      found(null, [{ address: '127.0.0.1', family: 4 }]);
    const client = sdkClient(simulator, {
      endpoint: `tat.tencentcloudapi.com:${port}`,
      agent: new Agent({ lookup }),
    });
    await expect(client.DescribeRegions()).resolves.toHaveProperty('RequestId');
  });

  it('refuses more than 10 MB', async () => {
    const body = JSON.stringify({ InvocationId: 'x'.repeat(10 * 1024 * 1024) });
    expect((await refusalOf(simulator, { body }))?.Code).toBe('RequestSizeLimitExceeded');
  });

  it('is served to the cloud’s own client', async () => {
    const regions = await sdkClient(simulator).DescribeRegions();
    expect(regions.TotalCount).toBe(regions.RegionSet?.length);
    expect(regions.RegionSet?.[0]).toMatchObject({ Region: 'ap-singapore', RegionState: 'AVAILABLE' });
  });

  it('knows no other path', async () => {
    const response = await fetch(`${simulator.url}/elsewhere`);
    expect(response.status).toBe(404);
  });
});

it('can answer an unknown region the other way', async () => {
  const simulator = createSimulator({ invalidRegionCode: 'InvalidParameterValue' });
  await simulator.start();
  const refusal = await refusalOf(simulator, { headers: { 'X-TC-Region': 'ap-atlantis' } });
  expect(refusal?.Code).toBe('InvalidParameterValue');
  await simulator.close();
});

it('refuses calls beyond the limit with the text of the real gateway', async () => {
  const simulator = createSimulator({ callsPerSecond: { DescribeRegions: 1 } });
  await simulator.start();
  // Of three calls in a row two must fall into the same second, if the three take less than a second.
  const answers = await Promise.all([1, 2, 3].map(() => refusalOf(simulator, { action: 'DescribeRegions' })));
  const refusal = answers.find((answer) => answer !== undefined);
  expect(refusal).toEqual({
    Code: 'RequestLimitExceeded',
    Message: expect.stringMatching(
      /^Your current request times equals to `[23]` in a second, which exceeds the frequency limit `1` for a second\. Please reduce the frequency of calls\.$/,
    ),
  });
  await simulator.close();
});
