import { type Role, roles } from './access-token.js';

/** What the users of a group may do. */
export interface GroupRole {
  /** `*` for every user. */
  readonly group: string;
  readonly role: Role;
}

/** Reads `group:role` entries with commas between. `complain` is told of every entry that cannot be used. */
export function parseGroupRoles(text: string, complain: (message: string) => void): GroupRole[] {
  return text.split(',').flatMap((entry, index) => {
    const colon = entry.lastIndexOf(':');
    const group = entry.slice(0, colon).trim();
    const role = roles.find((each) => each === entry.slice(colon + 1).trim());
    if (colon > 0 && group !== '' && role !== undefined) return [{ group, role }];
    complain(`entry ${index + 1} does not look like group:role, with a role of ${roles.join(', ')}`);
    return [];
  });
}
