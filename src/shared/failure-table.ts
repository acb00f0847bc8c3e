import type { Failure } from './failure.js';
import type { FailureRow } from './failure-row.js';
import { commonFailureRows } from './failure-rows-common.js';
import { ownFailureRows } from './failure-rows-own.js';
import { tatFailureRows } from './failure-rows-tat.js';

export type { FailureRow } from './failure-row.js';

/** Every failure this project knows by its code, each code once. Docs, CLI and operator page show it too. */
export const failureTable: readonly FailureRow[] = [
  ...commonFailureRows,
  ...tatFailureRows,
  ...ownFailureRows,
];

/** A fault of the set-up in the disguise of a parameter error: the one case where the message decides. */
export interface SetupFault {
  /** The code it arrives with; longer codes below it count too. */
  readonly code: string;
  /** The message names one of these in back-ticks, in every language the API speaks. */
  readonly named: RegExp;
  readonly reason: string;
  readonly row: FailureRow;
}

export const setupFaults: readonly SetupFault[] = [
  {
    code: 'MissingParameter',
    named: /`(?:Region|X-TC-Region)`/,
    reason: 'Without a region header every call fails this way, so no target is to blame.',
    row: setupRow('MissingParameter', 'The call carries no region.', { perRegion: true }),
  },
  {
    code: 'MissingParameter',
    named: /`(?:Timestamp|SecretId|X-TC-(?!Region)[A-Za-z-]+)`/,
    reason: 'These come from the key and the clock, never from a target.',
    row: setupRow('MissingParameter', 'The call lacks what the key or the clock contributes.'),
  },
  {
    code: 'InvalidParameterValue',
    named: /`X-TC-Region`/,
    reason: 'An unknown region is told apart from a bad target only by the header that the message names.',
    row: setupRow('InvalidParameterValue', 'The cloud does not know the region.', { perRegion: true }),
  },
  {
    code: 'InvalidParameterValue',
    named: /`X-TC-(?!Region)[A-Za-z-]+`/,
    reason: 'Headers are the same for every target.',
    row: setupRow('InvalidParameterValue', 'A header of the call has a value the cloud does not accept.'),
  },
];

function setupRow(code: string, meaning: string, details: { perRegion?: boolean } = {}): FailureRow {
  const advice = 'Correct region, key or clock of this machine; the work goes on by itself.';
  return { code, class: 'hold', scope: 'request', meaning, advice, ...details };
}

/** A code that no row covers: perhaps a new one, so it is tried again before it is given up. */
const unknownRow: FailureRow = {
  code: '*',
  class: 'retry',
  scope: 'unknown',
  meaning: 'The cloud gave a code that this version does not know.',
  advice: 'Look the code up in the documentation of the API, then redrive or discard.',
};

export interface Judgement {
  readonly row: FailureRow;
  /** False when the code has no row of its own and a shorter one (or none) had to answer: worth a warning. */
  readonly isKnown: boolean;
}

const rowByCode = new Map(failureTable.map((row) => [row.code, row]));

/**
 * Looks a code up: the exact code first, then its longest dotted prefix, else `retry`. The message counts only for
 * the listed set-up faults. Never throws.
 */
export function judge(code: string, message = ''): Judgement {
  const fault = setupFaults.find((rule) => isWithin(code, rule.code) && rule.named.test(message));
  if (fault !== undefined) return { row: fault.row, isKnown: true };
  const exact = rowByCode.get(code);
  if (exact !== undefined) return { row: exact, isKnown: true };
  for (let prefix = parentOf(code); prefix !== ''; prefix = parentOf(prefix)) {
    const row = rowByCode.get(prefix);
    if (row !== undefined) return { row, isKnown: false };
  }
  return { row: unknownRow, isKnown: false };
}

/** A failure with this code, classed by the table. The message is kept as given: clean it of secrets first. */
export function createFailure(code: string, message: string, cloudRequestId?: string): Failure {
  const { row, isKnown } = judge(code, message);
  return {
    class: row.class,
    code,
    message,
    scope: row.scope,
    ...(isKnown ? {} : { isKnown }),
    ...(cloudRequestId ? { cloudRequestId } : {}),
    ...(row.renewCredentials ? { renewCredentials: true } : {}),
    ...(row.longBackoff ? { longBackoff: true } : {}),
    ...(row.perTarget ? { perTarget: true } : {}),
    ...(row.perRegion ? { perRegion: true } : {}),
    ...(row.perAccessPoint ? { perAccessPoint: true } : {}),
  };
}

function isWithin(code: string, prefix: string): boolean {
  return code === prefix || code.startsWith(`${prefix}.`);
}

function parentOf(code: string): string {
  return code.slice(0, Math.max(0, code.lastIndexOf('.')));
}
