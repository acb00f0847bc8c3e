import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const page = 'docs/guarantees.md';

interface Proof {
  readonly promise: string;
  readonly file: string;
  readonly title?: string;
}

interface Row {
  readonly promise: string;
  readonly proof: string;
}

const rows = readRows(readFileSync(page, 'utf8'));
const proofs = rows.flatMap(readProofs);

/** The rows of the table under the heading. */
function readRows(text: string): Row[] {
  const [, section = ''] = text.split(/^## Promise by promise$/m);
  const [table = ''] = section.split(/^## /m);
  const lines = table.split('\n').filter((line) => line.startsWith('| '));
  return lines.slice(1).map((line) => {
    const [, promise = '', proof = ''] = /^\| (.*) \| (.*) \|$/.exec(line) ?? [];
    return { promise, proof };
  });
}

/** A file in backticks, and behind it the titles of its tests in quotation marks. */
function readProofs({ promise, proof }: Row): Proof[] {
  const found: Proof[] = [];
  let file = '';
  for (const [, path, title] of proof.matchAll(/`((?:test|bench)\/[^`]+)`|“([^”]+)”/g)) {
    if (title !== undefined) found.push({ promise, file, title });
    else file = path ?? '';
    if (path?.startsWith('bench/')) found.push({ promise, file: path });
  }
  return found;
}

describe('the table of promises', () => {
  it('names for each promise what tries it, or why nothing can', () => {
    expect(rows.length).toBeGreaterThan(25);
    const bare = rows.filter(
      (row) => row.promise === '' || (readProofs(row).length === 0 && !/^not tried: .{10,}/.test(row.proof)),
    );
    expect(bare).toEqual([]);
    expect(rows.filter(({ proof }) => proof.startsWith('not tried')).length).toBeLessThan(3);
  });

  it.each(proofs)('names a test that there is: $promise, $title', ({ file, title }) => {
    expect(existsSync(file), file).toBe(true);
    if (title === undefined) return;
    const source = readFileSync(file, 'utf8');
    const isTitle = [`'${title}'`, `\`${title}\``, `"${title}"`].some((text) => source.includes(text));
    expect(isTitle, `${file} has no test “${title}”`).toBe(true);
  });
});
