import type { FailureClass, FailureScope } from './failure.js';

/** One line of the failure catalogue: what a code means and what becomes of the work that met it. */
export interface FailureRow {
  /** An exact code. It also covers longer codes that start with it and a dot and have no row of their own. */
  readonly code: string;
  readonly class: FailureClass;
  readonly scope: FailureScope;
  /** One sentence: what happened. */
  readonly meaning: string;
  /** One or two sentences: what an operator does about it. */
  readonly advice: string;
  readonly renewCredentials?: boolean;
  readonly longBackoff?: boolean;
  readonly perTarget?: boolean;
  readonly perRegion?: boolean;
  readonly perAccessPoint?: boolean;
}

type RowDetails = Partial<Omit<FailureRow, 'code' | 'class' | 'meaning' | 'advice'>>;
type RowBuilder = (code: string, meaning: string, advice: string, details?: RowDetails) => FailureRow;

function rowsOf(failureClass: FailureClass): RowBuilder {
  return (code, meaning, advice, details = {}) => ({
    code,
    class: failureClass,
    scope: 'unknown',
    meaning,
    advice,
    ...details,
  });
}

export const retry = rowsOf('retry');
export const throttle = rowsOf('throttle');
export const dead = rowsOf('dead');
export const hold = rowsOf('hold');

/** Advice that several rows share. */
export const advice = {
  waits:
    'Nothing: it is tried again by itself. Redrive the dead letters if it lasted longer than the attempts.',
  reach:
    'See whether the cloud and the way to it are in order: endpoint, DNS, firewall, proxy. Retried automatically; redrive a dead letter afterwards.',
  slowsDown: 'Nothing: all workers slow down and speed up again. See who else calls with this account.',
  fixTarget: 'Correct the ids and enqueue the target again, or discard the dead letter.',
  reportBug: 'The request itself is malformed, which no retry cures: report it, with the cloud request id.',
  fixKey: 'Put a valid key in place; the work goes on by itself as soon as the cloud accepts it.',
  grant: 'Let the account administrator grant tat:CancelInvocation; the work goes on by itself.',
  fixEndpoint:
    'Check the endpoint, the network path to it and any proxy on the way; the work goes on by itself.',
  mend: 'Find out what stopped the worker, then redrive.',
} as const;
