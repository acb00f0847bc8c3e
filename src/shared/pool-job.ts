import { invocationIdPattern, regionPattern } from './id-patterns.js';

/** An invocation in a region, and what waits for it, whoever asked. */
export interface Pool {
  readonly region: string;
  readonly invocationId: string;
}

/** A job of the queue: this invocation has work. What the work is, the ledger says. */
export interface PoolJob extends Pool {
  /** Another one in the ledger means that this job was superseded. */
  readonly generation: number;
  /** Of its most urgent part, 0 for urgent. */
  readonly rank: number;
  /** When it has something to do (ms since the epoch, Redis' clock). */
  readonly dueAtMs: number;
}

/** The BullMQ job id: `<region>.<invocation>.<generation>`, so a job says what it is for even when its data is lost. */
export function poolJobIdOf({ region, invocationId, generation }: Omit<PoolJob, 'rank' | 'dueAtMs'>): string {
  return `${region}.${invocationId}.${generation}`;
}

/** Reads a BullMQ job id; undefined when it is none of a pool. */
export function parsePoolJobId(jobId: string): Omit<PoolJob, 'rank' | 'dueAtMs'> | undefined {
  const [region = '', invocationId = '', generation = '', ...rest] = jobId.split('.');
  if (rest.length > 0 || !/^[1-9]\d{0,15}$/.test(generation)) return undefined;
  if (!regionPattern.pattern.test(region) || !invocationIdPattern.pattern.test(invocationId))
    return undefined;
  return { region, invocationId, generation: Number(generation) };
}
