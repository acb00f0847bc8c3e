import type { AuditLog } from '../../shared/audit/audit-log.js';
import type { Door } from '../auth/door.js';
import type { OriginCheck } from '../auth/origin-check.js';
import type { Backend } from '../backend.js';
import type { Facts } from '../facts.js';

/** What the routes work with. */
export interface RouteDeps {
  readonly backend: Backend;
  readonly audit: AuditLog;
  readonly door: Door;
  readonly origins: OriginCheck;
  readonly facts: Facts;
  /** Aborts when the server goes down: streams end then. */
  readonly closing: AbortSignal;
}
