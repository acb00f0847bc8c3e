import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { CancelRequest } from '../../src/shared/schemas.js';
import type { Installation } from './installation.js';

/** Where a producer dies while it hands a request in. */
export const deaths = [
  'before the ledger knows',
  'before any job is added',
  'when half the jobs are added',
  'before the jobs are noted as added',
] as const;
export type Death = (typeof deaths)[number];

export interface DyingProducerInput {
  readonly redisUrl: string;
  readonly prefix: string;
  readonly death: Death;
  readonly request: CancelRequest;
}

const script = new URL('./dying-producer-main.ts', import.meta.url);

/** Hands a request in from a process that kills itself at the given point. Resolves when it is dead. */
export async function enqueueAndDie(
  { redisUrl, prefix }: Installation,
  death: Death,
  request: CancelRequest,
): Promise<void> {
  const input: DyingProducerInput = { redisUrl, prefix, death, request };
  const child = fork(script, [JSON.stringify(input)], { execArgv: ['--import', 'tsx'] });
  const [code, signal] = await once(child, 'exit');
  if (signal !== 'SIGKILL') throw new Error(`the producer ended with ${code} instead of dying`);
}
