import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TatClient } from '../../src/cloud/tat-client.js';
import { freePort } from '../support/free-port.js';
import {
  answersJson,
  answersStatus,
  answersText,
  cutsBody,
  cutsChunks,
  hangsUp,
  neverAnswers,
  neverClosesLists,
  neverEnds,
  neverEndsNaming,
  redirectsToItself,
  refuses,
  resets,
  speaksNonsense,
  stallsInBody,
  succeeds,
} from '../support/misbehaving-answers.js';
import { type Behaviour, MisbehavingServer } from '../support/misbehaving-server.js';
import {
  cancelOne,
  createTestClient,
  FixedCredentials,
  failureOf,
  successOf,
  testKey,
} from './cloud-fixtures.js';

let server: MisbehavingServer;
let client: TatClient;

beforeEach(async () => {
  server = await MisbehavingServer.start(succeeds());
  client = createTestClient(server.url, { maxSockets: 1, maxAnswerBytes: 1_000_000 });
});

afterEach(async () => {
  client.close();
  await server.stop();
});

const misdeeds: readonly (readonly [what: string, how: Behaviour, failureClass: string, code: string])[] = [
  ['an API error', refuses('InternalError', 'An internal error has occurred.'), 'retry', 'InternalError'],
  ['a throttled call', refuses('RequestLimitExceeded', 'Too many.'), 'throttle', 'RequestLimitExceeded'],
  ['an unknown code', refuses('Brand.New', 'Who knows.'), 'retry', 'Brand.New'],
  ['an error without a code', refuses(undefined, 'What now?'), 'retry', 'MalformedAnswer'],
  ['a code that is a number', refuses(42, 'What now?'), 'retry', 'MalformedAnswer'],
  ['a code that is prose', refuses('It <b>broke</b>', 'What now?'), 'retry', 'MalformedAnswer'],
  ['HTTP 500', answersStatus(500), 'retry', 'HttpStatus.500'],
  ['HTTP 502', answersStatus(502), 'retry', 'HttpStatus.502'],
  ['HTTP 429', answersStatus(429), 'throttle', 'HttpStatus.429'],
  ['HTTP 403', answersStatus(403), 'hold', 'HttpStatus.403'],
  ['HTTP 404', answersStatus(404), 'hold', 'HttpStatus.404'],
  ['HTTP 204', answersStatus(204, 0), 'retry', 'HttpStatus.204'],
  ['HTTP 500 with a body too large to drain', answersStatus(500, 500_000), 'retry', 'HttpStatus.500'],
  ['HTML with HTTP 200', answersText('<html>Hello</html>', 'text/html'), 'retry', 'MalformedAnswer'],
  ['cut JSON', answersText('{"Response":'), 'retry', 'MalformedAnswer'],
  ['an empty answer', answersText(''), 'retry', 'EmptyAnswer'],
  ['{}', answersJson({}), 'retry', 'MalformedAnswer'],
  ['null', answersJson(null), 'retry', 'MalformedAnswer'],
  ['[]', answersJson([]), 'retry', 'MalformedAnswer'],
  ['a Response that is null', answersJson({ Response: null }), 'retry', 'MalformedAnswer'],
  ['a Response that is text', answersJson({ Response: 'ok' }), 'retry', 'MissingRequestId'],
  ['an empty Response', answersJson({ Response: {} }), 'retry', 'MissingRequestId'],
  ['an empty RequestId', answersJson({ Response: { RequestId: '' } }), 'retry', 'MissingRequestId'],
  ['a RequestId that is a number', answersJson({ Response: { RequestId: 7 } }), 'retry', 'MissingRequestId'],
  ['an event stream', answersText('data: {}\n\n', 'text/event-stream'), 'retry', 'MissingRequestId'],
  ['a body cut short', cutsBody, 'retry', 'NetworkError'],
  ['chunks cut short', cutsChunks, 'retry', 'NetworkError'],
  ['a reset connection', resets, 'retry', 'NetworkError'],
  ['a closed connection', hangsUp, 'retry', 'NetworkError'],
  ['something that is not HTTP', speaksNonsense, 'retry', 'NetworkError'],
  ['lists in lists without end', neverClosesLists, 'retry', 'MalformedAnswer'],
  ['names without end', neverEndsNaming, 'retry', 'MalformedAnswer'],
  ['an answer without end', neverEnds, 'retry', 'AnswerTooLarge'],
  ['an answer announced as huge', answersText('x'.repeat(1_000_001)), 'retry', 'AnswerTooLarge'],
  ['a redirect', redirectsToItself, 'hold', 'Redirected'],
];

describe('a call', () => {
  it.each(misdeeds)(
    'that meets %s fails with its class and code, and frees the one connection',
    async (_what, how, failureClass, code) => {
      server.behave(how);
      expect(failureOf(await client.cancelInvocation(cancelOne))).toMatchObject({
        class: failureClass,
        code,
      });
      expect(server.requests).toHaveLength(1);

      server.behave(succeeds());
      successOf(await client.cancelInvocation(cancelOne));
    },
  );

  it.each([
    ['no headers', neverAnswers],
    ['a stalled body', stallsInBody],
  ])('that meets %s fails at its deadline, and frees the one connection', async (_what, how) => {
    const impatient = createTestClient(server.url, { maxSockets: 1, timeoutMs: 400 });
    server.behave(how);
    expect(failureOf(await impatient.cancelInvocation(cancelOne))).toMatchObject({
      class: 'retry',
      code: 'CallTimeout',
    });
    server.behave(succeeds());
    successOf(await impatient.cancelInvocation(cancelOne));
    impatient.close();
  });

  it('that is refused a connection can be tried again', async () => {
    const nobody = createTestClient(`http://127.0.0.1:${await freePort()}`);
    const onSent = vi.fn();
    expect(failureOf(await nobody.cancelInvocation(cancelOne, { onSent }))).toMatchObject({
      class: 'retry',
      code: 'NetworkError',
      message: expect.stringContaining('ECONNREFUSED'),
    });
    expect(onSent).not.toHaveBeenCalled();
    nobody.close();
  });

  it('whose host is not found can be tried again', async () => {
    const lost = createTestClient('https://tat.nowhere.invalid', {
      agentOptions: {
        lookup: (hostname, _options, callback) => {
          callback(Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: 'ENOTFOUND' }), '');
        },
      },
    });
    expect(failureOf(await lost.cancelInvocation(cancelOne))).toMatchObject({
      class: 'retry',
      code: 'NetworkError',
      message: 'getaddrinfo ENOTFOUND tat.nowhere.invalid',
    });
    lost.close();
  });

  it('to somebody who cannot prove who he is holds the work', async () => {
    const impostor = await MisbehavingServer.start(succeeds(), 'https');
    const careful = createTestClient(impostor.url);
    expect(failureOf(await careful.cancelInvocation(cancelOne))).toMatchObject({
      class: 'hold',
      code: 'TlsFailure',
    });
    expect(impostor.requests).toEqual([]);
    careful.close();
    await impostor.stop();
  });

  it('in TLS to somebody who speaks plain HTTP holds the work', async () => {
    const confused = createTestClient(server.url.replace('http:', 'https:'));
    expect(failureOf(await confused.cancelInvocation(cancelOne))).toMatchObject({
      class: 'hold',
      code: 'TlsFailure',
    });
    confused.close();
  });

  it('keeps the cloud’s request id of an error', async () => {
    server.behave(refuses('InternalError', 'It broke.'));
    expect(failureOf(await client.cancelInvocation(cancelOne))).toEqual({
      class: 'retry',
      code: 'InternalError',
      message: 'It broke.',
      scope: 'unknown',
      perAccessPoint: true,
      cloudRequestId: 'req-1',
    });
  });

  it('never tells the key, whatever the error quotes', async () => {
    const { secretId, secretKey } = testKey;
    server.behave(
      refuses('AuthFailure', `key ${secretId} / ${secretKey} Signature=abcdef0123 ${'x'.repeat(2_000)}`),
    );
    const { message } = failureOf(await client.cancelInvocation(cancelOne));
    expect(message).toMatch(/^key \*\*\* \/ \*\*\* Signature=\*\*\* x+…$/);
    expect(message.length).toBeLessThanOrEqual(500);
  });
});

describe('credentials', () => {
  it.each(['AuthFailure.TokenFailure', 'AuthFailure.SignatureExpire', 'UnauthorizedOperation.InvalidToken'])(
    'are renewed after %s, and the call is not repeated',
    async (code) => {
      const credentials = new FixedCredentials();
      const renewing = createTestClient(server.url, { credentials });
      server.behave(refuses(code, 'No.'));
      expect(failureOf(await renewing.cancelInvocation(cancelOne))).toMatchObject({
        class: 'hold',
        renewCredentials: true,
      });
      expect(credentials.invalidated).toEqual([testKey]);
      expect(server.requests).toHaveLength(1);
      renewing.close();
    },
  );

  it('are kept after any other failure', async () => {
    const credentials = new FixedCredentials();
    const keeping = createTestClient(server.url, { credentials });
    server.behave(refuses('AuthFailure.SecretIdNotFound', 'No.'));
    await keeping.cancelInvocation(cancelOne);
    expect(credentials.invalidated).toEqual([]);
    keeping.close();
  });

  it('that cannot be had hold the work before anything is sent', async () => {
    const broken = { get: () => Promise.reject(new Error('the safe is locked')), invalidate() {} };
    const keyless = createTestClient(server.url, { credentials: broken });
    expect(failureOf(await keyless.cancelInvocation(cancelOne))).toMatchObject({
      class: 'hold',
      code: 'CredentialsUnavailable',
      message: expect.stringContaining('the safe is locked'),
    });
    expect(server.requests).toEqual([]);
    keyless.close();
  });

  it('that never come hold the work when the deadline passes', async () => {
    const slow = { get: () => new Promise<never>(() => {}), invalidate() {} };
    const keyless = createTestClient(server.url, { credentials: slow, timeoutMs: 100 });
    expect(failureOf(await keyless.cancelInvocation(cancelOne)).code).toBe('CredentialsUnavailable');
    keyless.close();
  });
});
