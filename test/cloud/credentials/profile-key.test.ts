import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createProfileKey } from '../../../src/cloud/credentials/profile-key.js';

let directory: string;
let file: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tat-cancel-profile-'));
  file = join(directory, 'credentials');
});

afterEach(() => rm(directory, { recursive: true }));

async function keyOf(text: string) {
  await writeFile(file, text);
  const offer = await createProfileKey([file]).offer();
  if (offer.kind !== 'key') return offer;
  const { secretId, secretKey, token } = offer.credential;
  return { secretId, secretKey, token };
}

describe('a profile file', () => {
  it.each([
    ['plain', '[default]\nsecret_id = AKID1\nsecret_key = key1\n'],
    ['without blanks', '[default]\nsecret_id=AKID1\nsecret_key=key1'],
    ['of Windows', '\uFEFF[default]\r\nsecret_id = AKID1 \r\nsecret_key = key1\r\n'],
    ['with quotes', '[default]\nsecret_id = "AKID1"\nsecret_key = \'key1\'\n'],
    ['with comments', '; mine\n[default]\n# two\nsecret_id = AKID1\n;secret_key = old\nsecret_key = key1\n'],
    [
      'with other sections',
      '[a]\nsecret_id=x\n[default]\nsecret_id=AKID1\nsecret_key=key1\n[b]\nsecret_key=y',
    ],
  ])('%s gives its key', async (_kind, text) => {
    expect(await keyOf(text)).toEqual({ secretId: 'AKID1', secretKey: 'key1', token: undefined });
  });

  it('may hold a token, and a key with an equals sign', async () => {
    expect(await keyOf('[default]\nsecret_id=AKID1\nsecret_key=a=b==\ntoken=t\n')).toEqual({
      secretId: 'AKID1',
      secretKey: 'a=b==',
      token: 't',
    });
  });

  it.each([
    ['', 'has no [default] section'],
    ['secret_id=AKID1\nsecret_key=key1', 'has no [default] section'],
    ['[default]\nsecret_key=key1', 'lacks secret_id'],
    ['[default]\nsecret_id=AKID1\n', 'lacks secret_key'],
    ['[default]\nsecret_id=AKID1\nsecret_key=\n', 'lacks secret_key'],
    ['[default]\nsecret_id=AK ID1\nsecret_key=key1\n', 'secretId has blanks'],
  ])('that is broken says how and ends the search: %j', async (text, reason) => {
    expect(await keyOf(text)).toMatchObject({ kind: 'failed', reason: expect.stringContaining(reason) });
  });

  it('that cannot be read says so', async () => {
    expect(await createProfileKey([directory]).offer()).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('EISDIR'),
    });
  });

  it('is read again each time, so that a corrected key serves at once', async () => {
    await writeFile(file, '[default]\nsecret_id=AKID1\nsecret_key=key1\n');
    const profile = createProfileKey([file]);
    const idOf = async () => {
      const offer = await profile.offer();
      return offer.kind === 'key' ? offer.credential.secretId : offer.kind;
    };
    expect(await idOf()).toBe('AKID1');
    await writeFile(file, '[default]\nsecret_id=AKID2\nsecret_key=key2\n');
    expect(await idOf()).toBe('AKID2');
  });

  it('that exists first wins, and that none exists is no failure unless one was named', async () => {
    await writeFile(file, '[default]\nsecret_id=AKID1\nsecret_key=key1\n');
    const missing = join(directory, 'missing');
    expect(await createProfileKey([missing, file]).offer()).toMatchObject({ kind: 'key' });
    expect(await createProfileKey([missing]).offer()).toMatchObject({ kind: 'absent' });
    expect(await createProfileKey([missing], true).offer()).toMatchObject({ kind: 'failed' });
  });
});
