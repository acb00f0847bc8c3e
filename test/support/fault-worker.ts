import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { CancelWorkerOptions } from '../../src/worker/cancel-worker.js';

/** Where a worker process dies like in a crash. */
export type WorkerDeath =
  | 'after the claim'
  | 'before the answer is written down'
  | 'after the answer is written down'
  | 'before the dead letter is shown'
  | 'before the queue forgets the failed job';

/** The options of a worker that can be told to another process. */
export interface FaultWorkerChanges
  extends Partial<Omit<CancelWorkerOptions, 'client' | 'logger' | 'accessPointOf' | 'metrics'>> {
  readonly logLevel?: string;
  /** How long SIGTERM lets calls in flight finish, in ms; default 10000. */
  readonly graceMs?: number;
}

export interface FaultWorkerInput {
  readonly redisUrl: string;
  readonly prefix: string;
  readonly simulatorUrl: string;
  readonly dieAt?: WorkerDeath;
  readonly changes: FaultWorkerChanges;
}

export interface FaultWorkerProcessOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly nodeFlags?: readonly string[];
}

export interface WorkerLogLine {
  readonly level: number;
  readonly msg: string;
  readonly time?: number;
  /** When it came in here, by `performance.now()`: the worker's clock may be wrong. */
  readonly atMs: number;
  readonly [field: string]: unknown;
}

const script = new URL('./fault-worker-main.mjs', import.meta.url);
const mostLinesKept = 20_000;

/** The built worker in a process of its own, to be killed, stopped, blocked and starved. */
export class FaultWorker {
  readonly lines: { readonly text: string; readonly atMs: number }[] = [];
  /** How it ended: exit code, or null and the signal. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  #hasEnded = false;

  private constructor(private readonly child: ChildProcess) {
    this.ended = once(child, 'exit').then(([code, signal]) => {
      this.#hasEnded = true;
      return { code: code as number | null, signal: signal as NodeJS.Signals | null };
    });
    if (child.stderr === null) throw new Error('the log of the worker is piped');
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (this.lines.length < mostLinesKept) this.lines.push({ text: line, atMs: performance.now() });
    });
  }

  /** Resolves when the worker takes jobs. */
  static async start(input: FaultWorkerInput, options: FaultWorkerProcessOptions = {}): Promise<FaultWorker> {
    const child = fork(script, [JSON.stringify(input)], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { PATH: process.env.PATH, HOME: '/nonexistent', ...options.environment },
      execArgv: [...(options.nodeFlags ?? [])],
    });
    const worker = new FaultWorker(child);
    const died = worker.ended.then(({ code, signal }) => {
      throw new Error(
        `the worker ended with ${code ?? signal} before it was ready: ${worker.lines.map(({ text }) => text).join('\n')}`,
      );
    });
    died.catch(() => {}); // its later end is no news
    await Promise.race([once(child, 'message'), died]);
    return worker;
  }

  get pid(): number {
    return this.child.pid ?? Number.NaN;
  }

  get isRunning(): boolean {
    return !this.#hasEnded;
  }

  /** What it logged, as far as it is JSON; Node's own last words are not. */
  get log(): WorkerLogLine[] {
    return this.lines.flatMap(({ text, atMs }) => {
      try {
        return [{ ...(JSON.parse(text) as WorkerLogLine), atMs }];
      } catch {
        return [];
      }
    });
  }

  /** The lines whose message holds the text. */
  saying(text: string): WorkerLogLine[] {
    return this.log.filter(({ msg }) => msg.includes(text));
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** Ends it as a crash would, if it still runs. */
  async kill(): Promise<void> {
    if (this.isRunning) this.child.kill('SIGKILL');
    await this.ended;
  }

  /** Asks it to stop in good order, and resolves with its exit code. */
  async terminate(): Promise<number | null> {
    this.child.kill('SIGTERM');
    return (await this.ended).code;
  }

  /** Blocks its event loop. */
  block(forMs: number): void {
    this.child.send({ kind: 'block', forMs });
  }

  /** Lets it allocate until it dies of it. */
  eatMemory(): void {
    this.child.send({ kind: 'eat memory' });
  }

  /** Processor time that it has used, in ms. */
  cpuMs(): number {
    const fields = readFileSync(`/proc/${this.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10;
  }

  /** Resident memory in MiB. */
  memoryMiB(): number {
    const [, kiB] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8')) ?? [];
    return Number(kiB) / 1024;
  }
}
