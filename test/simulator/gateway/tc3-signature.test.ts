import { expect, it } from 'vitest';
import { tc3Signature, utcDate } from '../../../src/simulator/gateway/tc3-signature.js';

it('signs the known example with the known signature', () => {
  const signature = tc3Signature({
    secretKey: 'SKEXAMPLE',
    timestamp: 1_767_225_600,
    service: 'tat',
    headers: [
      ['content-type', 'application/json'],
      ['host', 'tat.tencentcloudapi.com'],
    ],
    body: '{"InvocationId":"inv-ib2lld37","InstanceIds":["ins-zcewfho0"]}',
  });
  expect(signature).toBe('eccd9b614cc5c2030c022a2a2a37a33538d571af983aca063ac5814a61971218');
});

it('takes the day of a timestamp in UTC', () => {
  expect(utcDate(1_767_225_599)).toBe('2025-12-31');
  expect(utcDate(1_767_225_600)).toBe('2026-01-01');
});
