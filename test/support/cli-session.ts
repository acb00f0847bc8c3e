import { once } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import { inject } from 'vitest';
import { runCli } from '../../src/cli/run-cli.js';
import { type Clock, systemClock } from '../../src/shared/clock.js';
import { connectToTestRedis, freshPrefix, removeKeysOf } from './test-prefix.js';

export interface CliRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliRunOptions {
  /** Added to Redis, prefix and region; undefined takes one away. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly stdin?: string | Buffer;
  /** Somebody sits at the input, and answers each question with the next line of `stdin`. */
  readonly isAttended?: boolean;
  /** Stands for SIGINT. */
  readonly signal?: AbortSignal;
  /** In place of the machine's. */
  readonly clock?: Clock;
  /** Both outputs are terminals. */
  readonly isTerminal?: boolean;
  /** Their width; default 120. */
  readonly columns?: number;
  readonly onOutput?: (stream: 'stdout' | 'stderr', text: string) => void;
}

/** The `tat-cancel` command in this process, on the run's Redis and a key prefix of its own. */
export class CliSession {
  constructor(readonly prefix = freshPrefix()) {}

  get environment(): Record<string, string> {
    return {
      REDIS_URL: inject('redisUrl'),
      QUEUE_PREFIX: this.prefix,
      TENCENTCLOUD_REGION: 'ap-singapore',
    };
  }

  async run(args: readonly string[], options: CliRunOptions = {}): Promise<CliRun> {
    const stdin = Object.assign(new PassThrough(), { isTTY: options.isAttended ?? false });
    const answers = options.isAttended ? String(options.stdin ?? '').split(/(?<=\n)/) : [];
    if (!options.isAttended) stdin.end(options.stdin ?? '');
    const stdout = new CapturedStream('stdout', options);
    const stderr = new CapturedStream('stderr', {
      ...options,
      onOutput: (stream, text) => {
        options.onOutput?.(stream, text);
        // Whoever sits there reads a question before answering it.
        if (!options.isAttended || !text.endsWith('[y/N] ')) return;
        const answer = answers.shift();
        if (answer === undefined || answer === '') stdin.end();
        else stdin.write(answer);
      },
    });
    const exitCode = await runCli(args, {
      environment: { ...this.environment, ...options.environment },
      stdin,
      stdout,
      stderr,
      clock: options.clock ?? systemClock,
      trapSignals: () => options.signal ?? new AbortController().signal,
    });
    await Promise.all([stdout, stderr].map((stream) => once(stream.end(), 'finish')));
    return { exitCode, stdout: stdout.text, stderr: stderr.text };
  }

  /** Runs with --json; the whole of stdout must be one JSON document. */
  async runJson<Document>(
    args: readonly string[],
    options: CliRunOptions = {},
  ): Promise<CliRun & { document: Document }> {
    const run = await this.run([...args, '--json'], options);
    if (run.stdout === '') throw new Error(`nothing on stdout: ${run.stderr}`);
    return { ...run, document: JSON.parse(run.stdout) as Document };
  }

  async close(): Promise<void> {
    const redis = connectToTestRedis();
    await removeKeysOf(redis, this.prefix);
    redis.disconnect();
  }
}

class CapturedStream extends Writable {
  text = '';
  readonly isTTY: boolean;
  readonly columns: number;

  constructor(
    private readonly streamName: 'stdout' | 'stderr',
    private readonly options: CliRunOptions,
  ) {
    super({ decodeStrings: false });
    this.isTTY = options.isTerminal ?? false;
    this.columns = options.columns ?? 120;
  }

  override _write(chunk: string, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk;
    this.options.onOutput?.(this.streamName, chunk);
    done();
  }
}
