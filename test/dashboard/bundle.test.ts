import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';

const built = fileURLToPath(new URL('../../dist/dashboard', import.meta.url));
const assets = readdirSync(join(built, 'assets'));

describe('the built page', () => {
  it('makes a browser load less than 120 kB', () => {
    const loaded = assets.filter((name) => /\.(js|css)$/.test(name));
    const bytes = loaded.map((name) => gzipSync(readFileSync(join(built, 'assets', name))).length);
    const sum = bytes.reduce((total, size) => total + size, 0);
    process.stderr.write(`The operator page: ${(sum / 1_000).toFixed(1)} kB with gzip\n`);
    expect(loaded.length).toBeGreaterThanOrEqual(2);
    expect(sum).toBeLessThan(120_000);
  });

  it('is there compressed, and with the licences of what it holds', () => {
    for (const name of assets.filter((each) => /\.(js|css)$/.test(each))) {
      expect(assets).toEqual(expect.arrayContaining([`${name}.br`, `${name}.gz`]));
    }
    expect(readFileSync(join(built, 'assets', 'licenses.md'), 'utf8')).toContain('react-dom');
  });

  it('has nothing in its markup that the content security policy would refuse', () => {
    const html = readFileSync(join(built, 'index.html'), 'utf8');
    expect(html).not.toMatch(/<style|style=|\son[a-z]+=|<script(?![^>]*\ssrc=)/);
  });
});
