import type { Role } from '../api/answers.js';

const rank: Readonly<Record<Role, number>> = { read: 0, enqueue: 1, operate: 2 };

/** Each role may do what those before it may. */
export function may(role: Role, needed: Role): boolean {
  return rank[role] >= rank[needed];
}

/** Why something is not offered. */
export function describeMissingRole(role: Role, needed: Role, action: string): string {
  return `Your role is “${role}”. To ${action}, log in with a token of the role “${needed}”${
    needed === 'operate' ? '' : ' or higher'
  }.`;
}
