import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { EnqueuedRequest } from '../../src/producer/index.js';
import type { CancelRequest } from '../../src/shared/schemas.js';
import type { Installation } from './installation.js';

export interface EnqueuerInput {
  readonly redisUrl: string;
  readonly prefix: string;
  readonly request: CancelRequest;
  readonly times: number;
}

const script = new URL('./request-enqueuer-main.ts', import.meta.url);

/** Sends the same request so many times at once from each of some processes, and resolves with all answers. */
export async function enqueueFromProcesses(
  { redisUrl, prefix }: Installation,
  request: CancelRequest,
  counts: { processes: number; times: number },
): Promise<EnqueuedRequest[]> {
  const input: EnqueuerInput = { redisUrl, prefix, request, times: counts.times };
  const children = Array.from({ length: counts.processes }, () =>
    fork(script, [JSON.stringify(input)], { execArgv: ['--import', 'tsx'] }),
  );
  await Promise.all(children.map((child) => once(child, 'message')));
  const answers = await Promise.all(
    children.map(async (child) => {
      const answered = once(child, 'message');
      child.send('begin');
      const [enqueued] = await answered;
      return enqueued as EnqueuedRequest[];
    }),
  );
  return answers.flat();
}
