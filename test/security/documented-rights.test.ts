import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findKnownHole, versionFrom } from '../../src/shared/redis-version.js';

const text = readFileSync('docs/security.md', 'utf8');

describe('the page on security', () => {
  it('allows the cloud key exactly what the code calls', () => {
    const policies = [...text.matchAll(/```json\n(?<policy>.*?)```/gs)].map(
      ({ groups }) => JSON.parse(groups?.policy ?? '') as { statement: { action: string[] }[] },
    );
    const allowed = policies.flatMap(({ statement }) => statement.flatMap(({ action }) => action));
    const client = readFileSync('src/cloud/sdk-tat-client.ts', 'utf8');
    const called = [...client.matchAll(/call\(\s*'(?<action>\w+)'/g)].map(
      ({ groups }) => `tat:${groups?.action}`,
    );
    expect(called.length).toBeGreaterThan(5);
    expect([...allowed].sort()).toEqual([...new Set(called)].sort());
  });

  it('names the very versions of Redis that are taken for mended', () => {
    const [, redis = '', valkey = ''] =
      /CVE-2025-49844 is closed:.*?Redis (?<redis>[\d., \n]+) and Valkey (?<valkey>[\d., \n]+) are/s.exec(
        text,
      ) ?? [];
    const versions = (list: string) => list.split(',').map((version) => version.trim());
    const isMended = (fields: Record<string, string>) =>
      findKnownHole(versionFrom(new Map(Object.entries(fields)))) === undefined;
    const earlierThan = (version: string) => version.replace(/\d+$/, (patch) => String(Number(patch) - 1));
    expect(versions(redis).length + versions(valkey).length).toBeGreaterThan(6);
    for (const version of versions(redis)) {
      expect([version, isMended({ redis_version: version })]).toEqual([version, true]);
      expect([version, isMended({ redis_version: earlierThan(version) })]).toEqual([version, false]);
    }
    for (const version of versions(valkey)) {
      expect([version, isMended({ valkey_version: version })]).toEqual([version, true]);
      expect([version, isMended({ valkey_version: earlierThan(version) })]).toEqual([version, false]);
    }
  });
});
