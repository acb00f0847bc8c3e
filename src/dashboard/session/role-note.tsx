import type { Role } from '../api/answers.js';
import { describeMissingRole, may } from './role.js';
import { useSession } from './session-provider.js';

/** In the place of what the role may not do. Nothing for those who may. */
export function RoleNote({ needed, action }: { needed: Role; action: string }) {
  const { role } = useSession();
  if (may(role, needed)) return null;
  return <p className="role-note">{describeMissingRole(role, needed, action)}</p>;
}
