import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createCredentialSource } from '../../src/cloud/credentials/credential-source.js';
import { Credential, CredentialsUnavailableError } from '../../src/cloud/credentials.js';

const parts = { secretId: 'AKIDcanary', secretKey: 'canary-key', token: 'canary-token' };

describe('a credential', () => {
  it('gives its parts to who asks for them', () => {
    const { secretId, secretKey, token } = new Credential(parts);
    expect({ secretId, secretKey, token }).toEqual(parts);
  });

  it.each([
    ['printed', (value: object) => inspect(value, { depth: 9, showHidden: true })],
    ['serialised', (value: object) => JSON.stringify(value)],
    ['made a text', (value: object) => `${value}`],
    ['spread', (value: object) => inspect({ ...value })],
  ])('shows no secret when it is %s', (_how, show) => {
    expect(show(new Credential(parts))).not.toContain('canary');
    expect(show({ key: new Credential(parts) })).not.toContain('canary');
  });

  it('shows no secret when its source is printed', async () => {
    const source = createCredentialSource({ ...parts, sessionToken: parts.token, environment: {} });
    await source.get();
    expect(inspect(source, { depth: 9, showHidden: true })).not.toContain('canary');
    expect(JSON.stringify(source)).not.toContain('canary');
  });
});

describe('CredentialsUnavailableError', () => {
  it('says which sources were tried and why each did not serve', () => {
    const error = new CredentialsUnavailableError([
      { source: 'environment', reason: 'not set' },
      { source: 'CVM role', reason: 'no role' },
    ]);
    expect(error.code).toBe('CredentialsUnavailable');
    expect(error.message).toBe('No credentials: environment: not set; CVM role: no role.');
  });
});
