import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Credential } from '../../src/cloud/credentials.js';
import { createSdkTatClient } from '../../src/cloud/sdk-tat-client.js';
import type { TatClient } from '../../src/cloud/tat-client.js';
import { answersJson, succeeds } from '../support/misbehaving-answers.js';
import { MisbehavingServer, selfSigned } from '../support/misbehaving-server.js';
import {
  cancelOne,
  createTestClient,
  FixedCredentials,
  failureOf,
  region,
  successOf,
} from './cloud-fixtures.js';

let server: MisbehavingServer;
let client: TatClient;

beforeEach(async () => {
  server = await MisbehavingServer.start(succeeds());
  client = createTestClient(server.url);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  client.close();
  await server.stop();
});

describe('cancelInvocation', () => {
  it('sends one signed request and gives the cloud’s request id back', async () => {
    expect(await client.cancelInvocation(cancelOne)).toEqual({
      ok: true,
      cloudRequestId: 'b27421da-0ad4-4e11-b694-cda143606701',
      value: undefined,
    });
    expect(server.requests).toHaveLength(1);
    const [request] = server.requests;
    expect(request?.method).toBe('POST');
    expect(request?.headers).toMatchObject({
      'x-tc-action': 'CancelInvocation',
      'x-tc-version': '2020-10-28',
      'x-tc-region': region,
      'x-tc-language': 'en-US',
      'accept-encoding': 'identity',
      authorization: expect.stringContaining('TC3-HMAC-SHA256 Credential=AKIDtestkey0123456789/'),
    });
    expect(request?.headers).not.toHaveProperty('x-tc-token');
    expect(JSON.parse(request?.body ?? '')).toEqual({
      InvocationId: 'inv-ib2lld37',
      InstanceIds: ['ins-zcewfho0'],
    });
  });

  it('leaves the list out to cancel the whole invocation', async () => {
    await client.cancelInvocation({ region, invocationId: 'inv-ib2lld37' });
    expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({ InvocationId: 'inv-ib2lld37' });
  });

  it('never sends an empty list, which the cloud might read as "all"', async () => {
    const failure = failureOf(await client.cancelInvocation({ ...cancelOne, instanceIds: [] }));
    expect(failure).toMatchObject({ class: 'dead', code: 'EmptyInstanceList', scope: 'request' });
    expect(server.requests).toEqual([]);
  });

  it.each([
    '',
    'singapore',
    'AP-SINGAPORE',
    'ap-singapore.evil.example',
    'ap-x/',
    'ap-x\r\nX-Evil: 1',
    `ap-${'x'.repeat(60)}`,
  ])('sends nothing for "%s", which is no region', async (wrong) => {
    const failure = failureOf(await client.cancelInvocation({ ...cancelOne, region: wrong }));
    expect(failure).toMatchObject({ class: 'dead', code: 'InvalidRegion' });
    expect(server.requests).toEqual([]);
  });

  it('signs with the session token of temporary credentials', async () => {
    const credential = new Credential({ secretId: 'AKIDtemporary', secretKey: 'key', token: 'tok' });
    const temporary = createTestClient(server.url, { credentials: new FixedCredentials(credential) });
    successOf(await temporary.cancelInvocation(cancelOne));
    expect(server.requests[0]?.headers['x-tc-token']).toBe('tok');
    temporary.close();
  });

  it('signs each call with the key that is current then', async () => {
    const keys = ['AKIDfirst', 'AKIDsecond'].map(
      (secretId) => new Credential({ secretId, secretKey: 'key' }),
    );
    const rotating = {
      get: async () => keys.shift() ?? Promise.reject(new Error('no more')),
      invalidate() {},
    };
    const rotated = createTestClient(server.url, { credentials: rotating });
    await rotated.cancelInvocation(cancelOne);
    await rotated.cancelInvocation(cancelOne);
    const signers = server.requests.map(
      (request) => /Credential=(\w+)/.exec(request.headers.authorization ?? '')?.[1],
    );
    expect(signers).toEqual(['AKIDfirst', 'AKIDsecond']);
    rotated.close();
  });
});

describe('describeInvocations', () => {
  it('picks the fields that are needed and drops those that may hold secrets', async () => {
    server.behave(
      succeeds({
        TotalCount: 1,
        InvocationSet: [
          {
            InvocationId: 'inv-ib2lld37',
            CommandId: 'cmd-1',
            CommandName: 'bad one',
            InvocationStatus: 'RUNNING',
            InvocationSource: 'USER',
            CreatedTime: '2026-03-05T16:27:17+00:00',
            CommandContent: 'c2VjcmV0',
            Parameters: '{"password":"secret"}',
            EndTime: null,
            InvocationTaskBasicInfoSet: [
              { InvocationTaskId: 'invt-1', TaskStatus: 'RUNNING', InstanceId: 'ins-zcewfho0' },
              { InvocationTaskId: 'invt-2', TaskStatus: 'SOMETHING_NEW', InstanceId: 'lhins-ar5wyn4x' },
            ],
          },
        ],
      }),
    );
    const result = await client.describeInvocations({ region, invocationIds: ['inv-ib2lld37'], limit: 100 });
    expect(successOf(result)).toEqual({
      totalCount: 1,
      invocations: [
        {
          invocationId: 'inv-ib2lld37',
          commandId: 'cmd-1',
          commandName: 'bad one',
          status: 'RUNNING',
          source: 'USER',
          createdAt: '2026-03-05T16:27:17+00:00',
          tasks: [
            { invocationTaskId: 'invt-1', instanceId: 'ins-zcewfho0', status: 'RUNNING' },
            { invocationTaskId: 'invt-2', instanceId: 'lhins-ar5wyn4x', status: 'SOMETHING_NEW' },
          ],
        },
      ],
    });
    expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({
      InvocationIds: ['inv-ib2lld37'],
      Limit: 100,
    });
  });

  it('takes absent optional fields for empty ones', async () => {
    server.behave(
      succeeds({ TotalCount: 1, InvocationSet: [{ InvocationId: 'inv-1', InvocationStatus: 'PENDING' }] }),
    );
    const { invocations } = successOf(await client.describeInvocations({ region }));
    expect(invocations).toMatchObject([{ invocationId: 'inv-1', commandName: '', tasks: [] }]);
  });

  it('filters by command', async () => {
    server.behave(succeeds({ TotalCount: 0, InvocationSet: [] }));
    await client.describeInvocations({ region, commandId: 'cmd-1', offset: 20 });
    expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({
      Filters: [{ Name: 'command-id', Values: ['cmd-1'] }],
      Offset: 20,
    });
  });

  it('takes an answer of another shape for malformed and names the fields, not their values', async () => {
    server.behave(succeeds({ TotalCount: 'secret', InvocationSet: [{ InvocationId: 7 }] }));
    const failure = failureOf(await client.describeInvocations({ region }));
    expect(failure).toMatchObject({
      class: 'retry',
      code: 'MalformedAnswer',
      cloudRequestId: expect.any(String),
      message: expect.stringContaining('TotalCount'),
    });
    expect(failure.message).not.toContain('secret');
  });
});

describe('describeInvocationTasks', () => {
  it('filters by invocation and instance and asks for no output', async () => {
    server.behave(
      succeeds({
        TotalCount: 1,
        InvocationTaskSet: [
          {
            InvocationTaskId: 'invt-1',
            TaskStatus: 'TERMINATED',
            InstanceId: 'ins-zcewfho0',
            InvocationId: 'inv-1',
            CommandId: 'cmd-1',
            CommandName: 'bad one',
            InvocationSource: 'INVOKER',
            CreatedTime: '2026-03-05T16:27:17Z',
            CommandDocument: { Content: 'c2VjcmV0' },
            TaskResult: { Output: 'c2VjcmV0' },
          },
        ],
      }),
    );
    const result = await client.describeInvocationTasks({
      region,
      invocationId: 'inv-1',
      instanceId: 'ins-zcewfho0',
      limit: 100,
    });
    expect(successOf(result)).toEqual({
      totalCount: 1,
      tasks: [
        {
          invocationTaskId: 'invt-1',
          instanceId: 'ins-zcewfho0',
          status: 'TERMINATED',
          invocationId: 'inv-1',
          commandId: 'cmd-1',
          commandName: 'bad one',
          source: 'INVOKER',
          createdAt: '2026-03-05T16:27:17Z',
        },
      ],
    });
    expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({
      Filters: [
        { Name: 'invocation-id', Values: ['inv-1'] },
        { Name: 'instance-id', Values: ['ins-zcewfho0'] },
      ],
      Limit: 100,
      HideOutput: true,
    });
  });
});

describe('describeInvokers', () => {
  it('filters by commands, and drops the parameters, which may hold secrets', async () => {
    const schedule = { Policy: 'RECURRENCE', Recurrence: '*/5 * * * *', InvokeTime: null };
    server.behave(
      succeeds({
        TotalCount: 1,
        InvokerSet: [
          {
            InvokerId: 'ivk-1',
            Name: 'nightly',
            CommandId: 'cmd-1',
            Enable: true,
            Parameters: '{"password":"secret"}',
            ScheduleSettings: schedule,
          },
        ],
      }),
    );
    const result = await client.describeInvokers({ region, commandIds: ['cmd-1', 'cmd-2'], limit: 100 });
    expect(successOf(result)).toEqual({
      totalCount: 1,
      invokers: [
        {
          invokerId: 'ivk-1',
          name: 'nightly',
          commandId: 'cmd-1',
          isEnabled: true,
          policy: 'RECURRENCE',
          recurrence: '*/5 * * * *',
          invokeTime: '',
        },
      ],
    });
    expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({
      Filters: [{ Name: 'command-id', Values: ['cmd-1', 'cmd-2'] }],
      Limit: 100,
    });
  });
});

describe('the connection', () => {
  it('is kept and used again', async () => {
    for (let call = 0; call < 5; call += 1) successOf(await client.cancelInvocation(cancelOne));
    expect(server.connections).toBe(1);
  });

  it('is shared by all regions of one endpoint', async () => {
    for (const other of ['ap-singapore', 'eu-frankfurt', 'na-siliconvalley']) {
      successOf(await client.cancelInvocation({ ...cancelOne, region: other }));
    }
    expect(server.connections).toBe(1);
    expect(server.requests.map((request) => request.headers['x-tc-region'])).toEqual([
      'ap-singapore',
      'eu-frankfurt',
      'na-siliconvalley',
    ]);
  });

  it('goes to the endpoint of the region when the endpoint says so', async () => {
    const port = new URL(server.url).port;
    const asked: string[] = [];
    const regional = createTestClient(`https://tat.{region}.tencentcloudapi.com:${port}`, {
      agentOptions: {
        lookup: (hostname, _options, callback) => {
          asked.push(hostname);
          callback(new Error('not today'), '');
        },
      },
    });
    await regional.cancelInvocation(cancelOne);
    expect(asked).toEqual(['tat.ap-singapore.tencentcloudapi.com']);
    regional.close();
  });

  it('ignores the proxies of the environment', async () => {
    vi.stubEnv('http_proxy', 'http://127.0.0.1:1');
    successOf(await client.cancelInvocation(cancelOne));
  });

  it('speaks TLS with a certificate that it is told to trust', async () => {
    const secure = await MisbehavingServer.start(succeeds(), 'https');
    const trusting = createTestClient(secure.url, {
      agentOptions: { ca: selfSigned.cert },
    });
    successOf(await trusting.cancelInvocation(cancelOne));
    successOf(await trusting.cancelInvocation(cancelOne));
    expect(secure.connections).toBe(1);
    trusting.close();
    await secure.stop();
  });

  it('is refused to plain HTTP on other machines', () => {
    expect(() => createTestClient('http://tat.intl.tencentcloudapi.com')).toThrow(/loopback only/);
  });

  it('goes to the international endpoint by default', async () => {
    const asked: string[] = [];
    const byDefault = createSdkTatClient({
      credentials: new FixedCredentials(),
      timeoutMs: 250,
      agentOptions: {
        lookup: (hostname, _options, callback) => {
          asked.push(hostname);
          callback(new Error('not today'), '');
        },
      },
    });
    await byDefault.cancelInvocation(cancelOne);
    expect(asked).toEqual(['tat.intl.tencentcloudapi.com']);
    byDefault.close();
  });
});

describe('close', () => {
  it('may be called twice, and later calls fail without being sent', async () => {
    client.close();
    client.close();
    expect(failureOf(await client.cancelInvocation(cancelOne)).code).toBe('CallAborted');
    expect(server.requests).toEqual([]);
  });

  it('gives up the calls that are under way', async () => {
    server.behave(() => {});
    const seen = server.nextRequest();
    const call = client.cancelInvocation(cancelOne);
    await seen;
    client.close();
    expect(failureOf(await call).code).toBe('CallAborted');
  });

  it('leaves answers alone that came before', async () => {
    server.behave(answersJson({ Response: { RequestId: 'req-7' } }));
    const result = await client.cancelInvocation(cancelOne);
    client.close();
    expect(result).toMatchObject({ ok: true, cloudRequestId: 'req-7' });
  });
});
