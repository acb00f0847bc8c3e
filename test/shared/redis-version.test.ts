import { describe, expect, it } from 'vitest';
import { findKnownHole, versionFrom } from '../../src/shared/redis-version.js';

function holeOf(fields: Record<string, string>) {
  return findKnownHole(versionFrom(new Map(Object.entries(fields))));
}

describe('the version that a server tells', () => {
  it.each(['6.2.20', '7.2.11', '7.4.6', '7.4.10', '8.0.4', '8.2.2', '8.4.0', '9.0.0'])(
    'has no known hole: Redis %s',
    (version) => {
      expect(holeOf({ redis_version: version })).toBeUndefined();
    },
  );

  it.each(['6.2.19', '7.2.10', '7.4.5', '8.0.3', '8.2.1'])('is open to a known hole: Redis %s', (version) => {
    expect(holeOf({ redis_version: version })?.what).toContain(`Redis ${version} is open to CVE-2025-49844`);
  });

  it('may be mended by a distribution where the series gets no fix any more', () => {
    const hole = holeOf({ redis_version: '7.0.15' });
    expect(hole?.what).toMatch(/^Redis 7\.0\.15 may be open .* a distribution may have patched it\.$/);
    expect(hole?.advice).toContain('Use 7.2.11 or newer');
  });

  it('is that of Valkey where it is Valkey, whatever Redis it says to be like', () => {
    expect(holeOf({ redis_version: '7.2.4', valkey_version: '8.1.4' })).toBeUndefined();
    expect(holeOf({ redis_version: '7.2.4', valkey_version: '8.1.3' })?.what).toContain(
      'Valkey 8.1.3 is open',
    );
  });
});
