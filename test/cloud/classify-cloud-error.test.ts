import { createRequire } from 'node:module';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { CallEndedError } from '../../src/cloud/call-ended.js';
import { classifyCloudError } from '../../src/cloud/classify-cloud-error.js';
import { CredentialsUnavailableError } from '../../src/cloud/credentials.js';

/** The SDK's own error class. Its CommonJS default export comes out the same under Node and vitest only this way. */
const { default: SdkException } = createRequire(import.meta.url)(
  'tencentcloud-sdk-nodejs/tencentcloud/common/exception/tencent_cloud_sdk_exception.js',
) as { default: new (message: string, requestId: string) => Error };

function sdkError(message: string, fields: { code?: string; httpCode?: number } = {}, requestId = ''): Error {
  return Object.assign(new SdkException(message, requestId), fields);
}

/** An error of node-fetch, which the SDK lets through when a body fails. */
function fetchError(type: string, code?: string): Error {
  return Object.assign(new Error('invalid json at https://tat…: "secret text"'), { type, code });
}

function connectionError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`it was ${code}`), { code });
}

describe('classifyCloudError', () => {
  it('takes a code for the API’s only on the SDK’s own error class', () => {
    expect(classifyCloudError(sdkError('no', { code: 'InvalidParameter' }, 'req-9'))).toMatchObject({
      class: 'dead',
      code: 'InvalidParameter',
      cloudRequestId: 'req-9',
    });
    const foreign = Object.assign(new Error('Premature close'), { code: 'InvalidParameter' });
    expect(classifyCloudError(foreign)).toMatchObject({ class: 'retry', code: 'NetworkError' });
  });

  it.each([
    ['an API error', sdkError('x', { code: 'LimitExceeded' }), 'LimitExceeded'],
    ['an HTTP status', sdkError('Bad Gateway', { httpCode: 502 }), 'HttpStatus.502'],
    ['a cut chunk', fetchError('system', 'ERR_STREAM_PREMATURE_CLOSE'), 'NetworkError'],
    ['no JSON', fetchError('invalid-json'), 'MalformedAnswer'],
    ['a late body', fetchError('body-timeout'), 'CallTimeout'],
    ['an abort in the body', fetchError('aborted'), 'CallAborted'],
    [
      'an answer without Response',
      new TypeError("Cannot read properties of undefined (reading 'Error')"),
      'MalformedAnswer',
    ],
    ['late headers', sdkError('network timeout at: https://tat'), 'CallTimeout'],
    ['a redirect loop', sdkError('maximum redirect reached at: https://tat'), 'Redirected'],
    ['an abort before the headers', sdkError('The user aborted a request.'), 'CallAborted'],
    [
      'a refused connection',
      sdkError('request to https://tat failed, reason: connect ECONNREFUSED'),
      'NetworkError',
    ],
    ['our own deadline', new CallEndedError('CallTimeout', 'late'), 'CallTimeout'],
    ['no credentials', new CredentialsUnavailableError([]), 'CredentialsUnavailable'],
    ['a thrown text', 'boom', 'NetworkError'],
    ['a thrown nothing', undefined, 'NetworkError'],
    ['a thrown null', null, 'NetworkError'],
  ])('knows %s', (_what, thrown, code) => {
    expect(classifyCloudError(thrown).code).toBe(code);
  });

  it.each([
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'TlsFailure'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'TlsFailure'],
    ['CERT_HAS_EXPIRED', 'TlsFailure'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'TlsFailure'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'TlsFailure'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'TlsFailure'],
    ['EPROTO', 'TlsFailure'],
    ['ECONNREFUSED', 'NetworkError'],
    ['ECONNRESET', 'NetworkError'],
    ['ENOTFOUND', 'NetworkError'],
    ['EAI_AGAIN', 'NetworkError'],
    ['ETIMEDOUT', 'NetworkError'],
  ])('believes the connection about %s', (code, expected) => {
    const trace = { answerBytes: 0, transportError: connectionError(code) };
    const failure = classifyCloudError(sdkError('request failed'), { trace });
    expect(failure).toMatchObject({ code: expected, message: `it was ${code}` });
  });

  it('tells an empty answer from one that is no JSON, and quotes neither', () => {
    const empty = classifyCloudError(fetchError('invalid-json'), { trace: { status: 200, answerBytes: 0 } });
    const prose = classifyCloudError(fetchError('invalid-json'), { trace: { status: 200, answerBytes: 9 } });
    expect([empty.code, prose.code]).toEqual(['EmptyAnswer', 'MalformedAnswer']);
    expect(inspect([empty, prose])).not.toContain('secret text');
  });

  it('keeps secrets out of the message', () => {
    const failure = classifyCloudError(sdkError('bad key s3cr3t', { code: 'AuthFailure' }), {
      secrets: ['s3cr3t'],
    });
    expect(failure.message).toBe('bad key ***');
  });
});
