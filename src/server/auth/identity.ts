import { type Role, roles } from '../../shared/settings/index.js';

/** Who a request comes from, and how that was proved. */
export interface Identity {
  /** As the token is called in AUTH_TOKENS, for the audit. */
  readonly name: string;
  readonly role: Role;
  /** `open`: the server runs without tokens, on loopback. */
  readonly via: 'token' | 'session' | 'proxy' | 'open';
  /** When a session ends (ms since the epoch). */
  readonly until?: number;
}

/** Without tokens everybody who reaches the loopback address may operate. */
export const openIdentity: Identity = { name: 'local', role: 'operate', via: 'open' };

export function hasRole(identity: Identity, needed: Role): boolean {
  return roles.indexOf(identity.role) >= roles.indexOf(needed);
}
