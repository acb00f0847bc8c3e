import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import {
  BottleneckChangedError,
  hardenScript,
  hardenScripts,
} from '../../../src/shared/rate-limiter/hardened-scripts.js';

const { names, payload } = createRequire(import.meta.url)('bottleneck/lib/Scripts.js') as {
  names: string[];
  payload(name: string): string;
};

describe('hardenScripts', () => {
  it('leaves no script that takes the time from a client or an error that Redis 7 renames', () => {
    const scripts = hardenScripts();
    expect([...scripts.keys()]).toEqual(names);
    for (const [name, lua] of scripts) {
      expect(lua, name).toContain("redis.call('time')");
      expect(lua, name).not.toContain('tonumber(ARGV[1])\n');
      expect(lua, name).not.toContain('error_reply');
    }
  });

  it.each(names)('fails, naming the version, when %s is not the script it was made for', (name) => {
    const other = payload(name).replace('local now = tonumber(ARGV[1])', 'local now = ARGV[1]');
    expect(() => hardenScript(name, other)).toThrow(BottleneckChangedError);
    expect(() => hardenScript(name, other)).toThrow(/Bottleneck 2\.19\.5 .*script \w+ holds/);
  });

  it('fails when a text that it replaces is there twice', () => {
    const other = payload('register').replace('{true, wait, reservoir}', '$&, return $&');
    const twice = other.replaceAll(
      '{true, wait, reservoir}',
      '{true, wait, reservoir}\nreturn {true, wait, reservoir}',
    );
    expect(() => hardenScript('register', twice)).toThrow(/times instead of once/);
  });
});
