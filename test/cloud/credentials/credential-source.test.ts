import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type CredentialSettings,
  createCredentialSource,
} from '../../../src/cloud/credentials/credential-source.js';
import { CredentialsUnavailableError } from '../../../src/cloud/credentials.js';
import { freePort } from '../../support/free-port.js';
import { answersStatus, answersText, refuses } from '../../support/misbehaving-answers.js';
import { type Behaviour, MisbehavingServer } from '../../support/misbehaving-server.js';

let server: MisbehavingServer;
let directory: string;
let nobodyUrl: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tat-cancel-credentials-'));
  vi.stubEnv('HOME', directory); // whoever runs the tests may have a profile file of their own
  server = await MisbehavingServer.start(answersStatus(404));
  nobodyUrl = `http://127.0.0.1:${await freePort()}`;
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await server.stop();
  await rm(directory, { recursive: true });
});

const inTwoHours = () => Math.floor(Date.now() / 1_000) + 7_200;
const metadataPath = '/latest/meta-data/cam/security-credentials/';

/** A metadata server with one role. */
function metadataOf(secretId: string, role = 'canceller'): Behaviour {
  return (response, request) => {
    const key = {
      TmpSecretId: secretId,
      TmpSecretKey: 'canary-key',
      Token: 'canary-token',
      ExpiredTime: inTwoHours(),
      Code: 'Success',
    };
    const answers: Record<string, string> = {
      [metadataPath]: role,
      [`${metadataPath}${role}`]: JSON.stringify(key),
    };
    const answer = answers[request.path];
    if (answer === undefined) answersStatus(404)(response, request);
    else answersText(answer)(response, request);
  };
}

/** STS, as it answers AssumeRoleWithWebIdentity. */
function stsOf(secretId: string): Behaviour {
  return (response, request) => {
    const credentials = { TmpSecretId: secretId, TmpSecretKey: 'canary-key', Token: 'canary-token' };
    const answer = { Credentials: credentials, ExpiredTime: inTwoHours(), RequestId: 'req-1' };
    answersText(JSON.stringify({ Response: answer }))(response, request);
  };
}

async function tkeEnvironment(): Promise<Record<string, string>> {
  const tokenFile = join(directory, 'token');
  await writeFile(tokenFile, 'identity-token\n');
  return {
    TKE_REGION: 'ap-singapore',
    TKE_PROVIDER_ID: 'cls-1',
    TKE_WEB_IDENTITY_TOKEN_FILE: tokenFile,
    TKE_ROLE_ARN: 'qcs::cam::uin/1:roleName/canceller',
  };
}

/** A source that finds nothing anywhere, but for what the settings add. */
function sourceOf(settings: CredentialSettings) {
  return createCredentialSource({ environment: {}, metadataUrl: nobodyUrl, ...settings });
}

async function failureOf(settings: CredentialSettings): Promise<CredentialsUnavailableError> {
  const error: unknown = await sourceOf(settings)
    .get()
    .catch((thrown) => thrown);
  if (!(error instanceof CredentialsUnavailableError)) throw new Error('the source gave a key');
  return error;
}

describe('the environment', () => {
  it('comes first', async () => {
    server.behave(metadataOf('AKIDrole'));
    const source = sourceOf({ secretId: ' AKIDenv\n', secretKey: 'key', metadataUrl: server.url });
    expect((await source.get()).secretId).toBe('AKIDenv');
    expect(server.requests).toEqual([]);
  });

  it.each([
    [{ secretId: 'AKIDenv' }, 'TENCENTCLOUD_SECRET_KEY is not'],
    [{ secretKey: 'canary' }, 'TENCENTCLOUD_SECRET_ID is not'],
    [{ secretId: 'AKIDenv', secretKey: 'can\u200Bary' }, 'secretKey has blanks or unprintable'],
    [{ secretId: 'AKIDenv', secretKey: 'k', sessionToken: 'a\nb' }, 'token has blanks or unprintable'],
  ])('that is half set is a failure, not a reason to become somebody else: %j', async (half, reason) => {
    server.behave(metadataOf('AKIDrole'));
    const error = await failureOf({ ...half, metadataUrl: server.url });
    expect(error.message).toContain(reason);
    expect(inspect(error)).not.toContain('canary');
    expect(server.requests).toEqual([]);
  });
});

describe('the role of the machine', () => {
  it('serves when there is neither environment nor profile', async () => {
    server.behave(metadataOf('AKIDrole'));
    const source = sourceOf({ metadataUrl: server.url });
    const { secretId, secretKey, token } = await source.get();
    expect({ secretId, secretKey, token }).toEqual({
      secretId: 'AKIDrole',
      secretKey: 'canary-key',
      token: 'canary-token',
    });
    await source.get();
    expect(server.requests.map((request) => request.path)).toEqual([
      metadataPath,
      `${metadataPath}canceller`,
    ]);
    expect(inspect(source, { depth: 9, showHidden: true })).not.toContain('canary');
  });

  it('is fetched anew after its key was refused', async () => {
    server.behave(metadataOf('AKIDrole1'));
    const source = sourceOf({ metadataUrl: server.url });
    source.invalidate(await source.get());
    server.behave(metadataOf('AKIDrole2'));
    expect((await source.get()).secretId).toBe('AKIDrole2');
  });

  it('is not asked when it shall not be', async () => {
    server.behave(metadataOf('AKIDrole'));
    const error = await failureOf({ cvmRole: 'never', metadataUrl: server.url });
    expect(error.tried.map(({ source }) => source)).toEqual(['environment', 'profile file', 'TKE OIDC']);
    expect(server.requests).toEqual([]);
  });

  it('that someone wants ends the search when it is not there', async () => {
    server.behave(stsOf('AKIDpod'));
    const environment = await tkeEnvironment();
    const error = await failureOf({ cvmRole: 'always', environment, stsEndpoint: server.url });
    expect(error.tried.at(-1)).toMatchObject({
      source: 'CVM role',
      reason: expect.stringContaining('ECONNREFUSED'),
    });
    expect(server.requests).toEqual([]);
  });

  it.each([
    ['no JSON', answersText('sorry')],
    ['half a key', answersText(JSON.stringify({ TmpSecretId: 'AKIDcanary', TmpSecretKey: 'canary' }))],
    ['an error', answersStatus(500)],
  ])('that answers with %s is a failure without secrets', async (_what, answer) => {
    server.behave((response, request) => {
      if (request.path === metadataPath) answersText('canceller')(response, request);
      else answer(response, request);
    });
    const error = await failureOf({ metadataUrl: server.url });
    expect(error.tried.at(-1)?.source).toBe('CVM role');
    expect(inspect(error)).not.toContain('canary');
  });

  it('serves again after its failure', async () => {
    server.behave(answersStatus(500));
    const source = sourceOf({ metadataUrl: server.url, cvmRole: 'always' });
    await expect(source.get()).rejects.toThrow('HTTP 500');
    server.behave(metadataOf('AKIDrole'));
    expect((await source.get()).secretId).toBe('AKIDrole');
  });
});

describe('the role of the pod', () => {
  it('serves last, by exchanging the identity token unsigned', async () => {
    server.behave(stsOf('AKIDpod'));
    const source = sourceOf({ environment: await tkeEnvironment(), stsEndpoint: server.url });
    expect((await source.get()).secretId).toBe('AKIDpod');
    await source.get();
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]?.headers).toMatchObject({
      'x-tc-action': 'AssumeRoleWithWebIdentity',
      'x-tc-region': 'ap-singapore',
      authorization: 'SKIP',
    });
    expect(JSON.parse(server.requests[0]?.body ?? '')).toMatchObject({
      ProviderId: 'cls-1',
      WebIdentityToken: 'identity-token',
    });
  });

  it('does not ask the machine again while it serves', async () => {
    server.behave((response, request) => {
      const answer = request.method === 'GET' ? answersStatus(404) : stsOf('AKIDpod');
      answer(response, request);
    });
    const environment = await tkeEnvironment();
    const source = sourceOf({ environment, metadataUrl: server.url, stsEndpoint: server.url });
    await source.get();
    await source.get();
    expect(server.requests.map((request) => request.method)).toEqual(['GET', 'POST']);
  });

  it('serves again after STS failed once', async () => {
    server.behave(refuses('InternalError.DbError', 'No role today.'));
    const source = sourceOf({ environment: await tkeEnvironment(), stsEndpoint: server.url });
    await expect(source.get()).rejects.toThrow('No role today.');
    server.behave(stsOf('AKIDpod'));
    expect((await source.get()).secretId).toBe('AKIDpod');
  });

  it('with half its variables is a failure that names the others', async () => {
    const { TKE_ROLE_ARN: _, ...environment } = await tkeEnvironment();
    expect((await failureOf({ environment })).message).toContain('TKE_ROLE_ARN missing');
  });
});

describe('no source at all', () => {
  it('tells all that was tried', async () => {
    const error = await failureOf({});
    expect(error.tried.map(({ source }) => source)).toEqual([
      'environment',
      'profile file',
      'CVM role',
      'TKE OIDC',
    ]);
  });

  it('ends the search at a profile file that was named and is not there', async () => {
    const error = await failureOf({ profileFile: join(directory, 'missing') });
    expect(error.tried.map(({ source }) => source)).toEqual(['environment', 'profile file']);
  });
});

describe('the identity', () => {
  it('does not change because its file is away for a moment', async () => {
    server.behave(metadataOf('AKIDrole'));
    await mkdir(join(directory, '.tencentcloud'));
    const file = join(directory, '.tencentcloud', 'credentials');
    await writeFile(file, '[default]\nsecret_id=AKIDfile\nsecret_key=key\n');
    const source = sourceOf({ metadataUrl: server.url });
    expect((await source.get()).secretId).toBe('AKIDfile');
    await rm(file);
    await expect(source.get()).rejects.toThrow(/profile file: .+ do not exist/);
    expect(server.requests).toEqual([]);
    await writeFile(file, '[default]\nsecret_id=AKIDfile2\nsecret_key=key\n');
    expect((await source.get()).secretId).toBe('AKIDfile2');
  });

  it('becomes that of a file put in place while a role serves', async () => {
    server.behave(metadataOf('AKIDrole'));
    const source = sourceOf({ metadataUrl: server.url });
    await source.get();
    await mkdir(join(directory, '.tencentcloud'));
    await writeFile(
      join(directory, '.tencentcloud', 'credentials'),
      '[default]\nsecret_id=AKIDfile\nsecret_key=key\n',
    );
    expect((await source.get()).secretId).toBe('AKIDfile');
  });
});
