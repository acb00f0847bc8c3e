import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { absent, failed, type KeyProvider, type Offer, offerKey } from './key-provider.js';

/** Where Tencent Cloud's tools keep keys: the user's file, then the machine's. */
export function defaultProfileFiles(): string[] {
  return [join(homedir(), '.tencentcloud', 'credentials'), '/etc/tencentcloud/credentials'];
}

/**
 * The key in the `[default]` section of a profile file. The first of the files that exists counts. It is read anew
 * each time (a few hundred bytes, some twenty times a second), so a corrected key serves without a restart.
 *
 * @param isRequired an absent file is then a failure, because someone named it
 */
export function createProfileKey(files: readonly string[], isRequired = false): KeyProvider {
  return {
    name: 'profile file',
    isRemote: false,
    offer: async () => {
      for (const file of files) {
        const offer = await readProfile(file);
        if (offer !== undefined) return offer;
      }
      const reason = `${files.join(' and ')} ${files.length === 1 ? 'does' : 'do'} not exist`;
      return isRequired ? failed(reason) : absent(reason);
    },
  };
}

async function readProfile(file: string): Promise<Offer | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    return failed(`${file} cannot be read (${code})`);
  }
  const section = parseSection(text, 'default');
  if (section === undefined) return failed(`${file} has no [default] section`);
  const secretId = section.get('secret_id') ?? '';
  const secretKey = section.get('secret_key') ?? '';
  if (secretId === '' || secretKey === '') {
    return failed(`${file} lacks ${secretId === '' ? 'secret_id' : 'secret_key'} in [default]`);
  }
  return offerKey({ secretId, secretKey, token: section.get('token') });
}

/** The keys of one section of an ini file; undefined when the section is not there. */
function parseSection(text: string, wanted: string): Map<string, string> | undefined {
  let section = '';
  let found: Map<string, string> | undefined;
  for (const rawLine of text.replace(/^\uFEFF/, '').split(/\r?\n/)) {
    const line = rawLine.trim();
    const heading = /^\[([^\]]*)\]$/.exec(line)?.[1];
    if (heading !== undefined) {
      section = heading.trim();
      if (section === wanted) found ??= new Map();
      continue;
    }
    const pair = /^([^=;#\s]+)\s*=\s*(.*)$/.exec(line);
    if (pair?.[1] === undefined || section !== wanted) continue;
    found?.set(pair[1], unquote(pair[2] ?? ''));
  }
  return found;
}

function unquote(value: string): string {
  return /^(["'])(.*)\1$/.exec(value)?.[2] ?? value;
}
