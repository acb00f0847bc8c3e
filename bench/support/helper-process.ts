import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

type Answers<Api> = { [Name in keyof Api]: (input: never) => unknown };

interface Question {
  readonly number: number;
  readonly name: string;
  readonly input: unknown;
}

interface Reply {
  readonly number: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** A process of the bench's own that carries out what it is asked for: nothing in it disturbs what another one measures. */
export class HelperProcess<Api extends Answers<Api>> {
  readonly #waiting = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: Error) => void }
  >();
  #questions = 0;

  private constructor(readonly child: ChildProcess) {
    child.on('message', (reply: Reply) => {
      const asker = this.#waiting.get(reply.number);
      this.#waiting.delete(reply.number);
      if (reply.error === undefined) asker?.resolve(reply.value);
      else asker?.reject(new Error(reply.error));
    });
    child.on('exit', (code, signal) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`helper ended: ${code ?? signal}`));
      this.#waiting.clear();
    });
  }

  /** `module` calls `answerParent`. Loaders of this process, such as tsx, are the helper's too. */
  static start<Api extends Answers<Api>>(module: URL): HelperProcess<Api> {
    return new HelperProcess(fork(module, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }));
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('the process did not start');
    return this.child.pid;
  }

  async ask<Name extends keyof Api & string>(
    name: Name,
    ...[input]: Parameters<Api[Name]>
  ): Promise<Awaited<ReturnType<Api[Name]>>> {
    this.#questions += 1;
    const question: Question = { number: this.#questions, name, input };
    const answer = new Promise((resolve, reject) => {
      this.#waiting.set(question.number, { resolve, reject });
    });
    this.child.send(question);
    return (await answer) as Awaited<ReturnType<Api[Name]>>;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }
}

/** The other side: answers questions until the parent is gone. */
export function answerParent(api: Readonly<Record<string, (input: never) => unknown>>): void {
  process.on('message', ({ number, name, input }: Question) => {
    void (async () => {
      const reply: Reply = await Promise.resolve(api[name]?.(input as never)).then(
        (value) => ({ number, value }),
        (error: unknown) => ({ number, error: error instanceof Error ? (error.stack ?? '') : String(error) }),
      );
      process.send?.(reply);
    })();
  });
  process.on('disconnect', () => process.exit());
}
