import { describe, expect, it } from 'vitest';
import { redactSecrets } from '../../src/cloud/redact-secrets.js';

describe('redactSecrets', () => {
  it.each([
    ['key AKIDz8krbsJ5yKBZQpn74WFkmLPx3 is bad', 'key *** is bad'],
    ['Signature=0a1b2c&Nonce=1', 'Signature=***&Nonce=1'],
    ['Authorization: TC3-HMAC-SHA256 Credential=x/y, Signature=z', 'Authorization: ***'],
    ['got {"Authorization":"TC3 secret"}', 'got {"Authorization: ***"}'],
    ['TC3-HMAC-SHA256 Credential=x/2026/tat, SignedHeaders=host', 'TC3-HMAC-SHA256 ***'],
    ['X-TC-Token=abc; SecretKey=def', 'X-TC-Token=***; SecretKey=***'],
  ])('makes "%s" harmless', (text, clean) => {
    expect(redactSecrets(text)).toBe(clean);
  });

  it('removes the given secrets wherever they stand', () => {
    expect(redactSecrets('a s3cr3t and s3cr3t$', ['s3cr3t', 's3cr3t$'])).toBe('a *** and ***$');
  });

  it('leaves ordinary texts of the cloud alone', () => {
    const text = 'The SecretId is not found, please ensure that your SecretId is correct.';
    expect(redactSecrets(text, ['', 'is'])).toBe(text);
  });

  it('cuts what is long', () => {
    const cut = redactSecrets('x'.repeat(10_000));
    expect(cut).toHaveLength(500);
    expect(cut.endsWith('…')).toBe(true);
  });

  it('cuts no character in two, wherever one of two code units stands', () => {
    for (let before = 480; before <= 520; before++) {
      for (const after of [0, 1, 40]) {
        const cut = redactSecrets(`${'x'.repeat(before)}😀${'y'.repeat(after)}`);
        expect(cut.isWellFormed()).toBe(true);
        expect(cut.length).toBeLessThanOrEqual(500);
      }
    }
  });

  it('makes half characters whole that the cloud sent as such', () => {
    expect(redactSecrets('bad \ud83d name')).toBe('bad \ufffd name');
  });
});
