import { describe, expect, it } from 'vitest';
import { authenticate } from '../../../src/simulator/gateway/authenticate.js';
import { CredentialBook } from '../../../src/simulator/gateway/credential-book.js';
import { tc3Signature } from '../../../src/simulator/gateway/tc3-signature.js';

const timestamp = 1_767_225_600;
const credential = { secretId: 'AKIDEXAMPLE', secretKey: 'SKEXAMPLE' };
const credentials = new CredentialBook([credential]);
const body = Buffer.from('{}');

function signed(service: string, headers: readonly (readonly [string, string])[], host: string) {
  const signature = tc3Signature({ secretKey: credential.secretKey, timestamp, service, headers, body });
  const names = headers.map(([name]) => name).join(';');
  return {
    body,
    headers: {
      ...Object.fromEntries(headers),
      host,
      'x-tc-timestamp': String(timestamp),
      authorization: `TC3-HMAC-SHA256 Credential=AKIDEXAMPLE/2026-01-01/${service}/tc3_request, SignedHeaders=${names}, Signature=${signature}`,
    },
  };
}

const contentType = ['content-type', 'application/json'] as const;

describe('authentication', () => {
  it('leaves the port of the host unsigned', () => {
    const request = signed('tat', [contentType, ['host', 'tat.example.com']], 'tat.example.com:4010');
    expect(authenticate(request, credentials, timestamp * 1000)).toEqual(credential);
  });

  it('demands the service that the host names', () => {
    const request = signed('cvm', [contentType, ['host', 'tat.example.com']], 'tat.example.com');
    expect(authenticate(request, credentials, timestamp * 1000)).toEqual({
      code: 'AuthFailure.InvalidAuthorization',
      message:
        'The request `Authorization` header does not conform to tencentcloud standards: `Service` in Credential not valid.',
    });
  });

  it('takes further signed headers, also when their values were signed in lower case', () => {
    const headers = [contentType, ['host', 'tat.example.com'], ['x-tc-action', 'describeregions']] as const;
    const request = signed('tat', headers, 'tat.example.com');
    const sent = { ...request, headers: { ...request.headers, 'x-tc-action': 'DescribeRegions' } };
    expect(authenticate(sent, credentials, timestamp * 1000)).toEqual(credential);
  });

  it.each([299, 300, -300])('bears a clock that is %i seconds off', (skewSeconds) => {
    const request = signed('tat', [contentType, ['host', 'tat.example.com']], 'tat.example.com');
    const nowMs = (timestamp + skewSeconds) * 1000;
    expect(authenticate(request, credentials, nowMs)).toEqual(credential);
  });

  it('does not take the signature of another body', () => {
    const request = signed('tat', [contentType, ['host', 'tat.example.com']], 'tat.example.com');
    const changed = { ...request, body: Buffer.from('{"InvocationId":"inv-other000"}') };
    expect(authenticate(changed, credentials, timestamp * 1000)).toMatchObject({
      code: 'AuthFailure.SignatureFailure',
    });
  });
});
