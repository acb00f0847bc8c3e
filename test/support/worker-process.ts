import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { CancelWorkerOptions } from '../../src/worker/cancel-worker.js';
import type { Installation } from './installation.js';
import type { TestPlace } from './test-worker.js';

/** The options of a worker that can be told to another process. */
export type WorkerProcessChanges = Partial<Omit<CancelWorkerOptions, 'client' | 'logger' | 'accessPointOf'>>;

export interface WorkerProcessInput {
  readonly place: TestPlace;
  readonly changes: WorkerProcessChanges;
}

const script = new URL('./worker-process-main.ts', import.meta.url);

/** A worker in a process of its own, which a test may kill. */
export class WorkerProcess {
  readonly exited: Promise<number | null>;

  private constructor(private readonly child: ChildProcess) {
    this.exited = once(child, 'exit').then(([code]) => code as number | null);
  }

  /** Resolves when the worker takes jobs. */
  static async start(installation: Installation, changes: WorkerProcessChanges = {}): Promise<WorkerProcess> {
    const { redisUrl, prefix, simulator } = installation;
    const input: WorkerProcessInput = {
      place: { redisUrl, prefix, simulatorUrl: simulator.url },
      changes: { callsPerSecond: 1_000, ...changes },
    };
    const child = fork(script, [JSON.stringify(input)], { execArgv: ['--import', 'tsx'] });
    const worker = new WorkerProcess(child);
    const died = worker.exited.then((code) => {
      throw new Error(`the worker process ended with ${code} before it was ready`);
    });
    await Promise.race([once(child, 'message'), died]);
    died.catch(() => {}); // its later end is no news
    return worker;
  }

  /** Ends it as a crash would, if it still runs. */
  async kill(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL');
    await this.exited;
  }

  /** Asks it to stop in good order, and resolves with its exit code. */
  async terminate(): Promise<number | null> {
    this.child.kill('SIGTERM');
    return await this.exited;
  }
}
