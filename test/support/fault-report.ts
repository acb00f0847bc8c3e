import { appendFileSync } from 'node:fs';
import type { Finding } from './invariants.js';

export interface ReportedFault {
  /** What went wrong, in a few words. */
  readonly fault: string;
  readonly finding: Finding;
}

/**
 * Adds one line of JSON for a fault that was lived through to the file that FAULT_REPORT_FILE names, if it does;
 * script/fault-table.mjs makes a table of it.
 */
export function reportFault({ fault, finding }: ReportedFault): void {
  const path = process.env.FAULT_REPORT_FILE;
  if (path === undefined || path === '') return;
  const { violations, ...figures } = finding;
  appendFileSync(path, `${JSON.stringify({ fault, ...figures, violations: violations.length })}\n`);
}
