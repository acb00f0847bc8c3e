import { createHash } from 'node:crypto';
import { weaknessOf } from './weak-secret.js';

/** What a caller of the server may do; each role includes those before it. */
export const roles = ['read', 'enqueue', 'operate'] as const;
export type Role = (typeof roles)[number];

/** Who may come in: a name for the audit, a role, and the hash of the secret, which itself is kept nowhere. */
export interface AccessToken {
  readonly name: string;
  readonly role: Role;
  readonly sha256: Buffer;
}

const shortestSecret = 16;
const entryPattern = /^(?<name>[A-Za-z0-9][A-Za-z0-9._@-]{0,63}):(?<role>[a-z]+):(?<secret>\S+)$/;

export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/**
 * Reads `name:role:secret` entries with commas between; a secret may be given as `sha256:` and 64 hex digits. `complain`
 * is told of every entry that cannot be used, never with its secret.
 */
export function parseAccessTokens(text: string, complain: (message: string) => void): AccessToken[] {
  const tokens: AccessToken[] = [];
  for (const [index, entry] of text.split(',').entries()) {
    const { name, role, secret } = entryPattern.exec(entry.trim())?.groups ?? {};
    if (name === undefined || role === undefined || secret === undefined) {
      complain(`entry ${index + 1} does not look like name:role:secret`);
      continue;
    }
    const known = roles.find((each) => each === role);
    if (known === undefined) {
      complain(`entry ${index + 1} (${name}) has a role that is none of ${roles.join(', ')}`);
      continue;
    }
    const sha256 = hashOf(secret);
    if (sha256 === undefined) {
      complain(
        `entry ${index + 1} (${name}) has a secret of fewer than ${shortestSecret} characters, or a sha256: without 64 hex digits`,
      );
      continue;
    }
    const weakness = secret.startsWith('sha256:') ? undefined : weaknessOf(secret, name);
    if (weakness !== undefined) {
      complain(
        `entry ${index + 1} (${name}) has a secret that ${weakness}: make one with openssl rand -hex 24`,
      );
    }
    if (tokens.some((token) => token.name === name)) complain(`the name ${name} is there twice`);
    if (tokens.some((token) => token.sha256.equals(sha256))) {
      complain(`entry ${index + 1} (${name}) has the secret of another entry`);
    }
    tokens.push({ name, role: known, sha256 });
  }
  return tokens;
}

function hashOf(secret: string): Buffer | undefined {
  if (secret.startsWith('sha256:')) {
    const hex = secret.slice('sha256:'.length);
    return /^[0-9a-fA-F]{64}$/.test(hex) ? Buffer.from(hex, 'hex') : undefined;
  }
  return secret.length < shortestSecret ? undefined : hashSecret(secret);
}
