import { CallDispatcher, type CallDispatcherOptions } from './call-dispatcher.js';
import { CallRunner, type CallRunnerOptions } from './call-runner.js';
import type { CloudLimiters } from './cloud-limiters.js';
import { createMemberReader } from './member-reader.js';

export interface DispatchersOptions
  extends Omit<CallRunnerOptions, 'limiter' | 'readMembers'>,
    Pick<CallDispatcherOptions, 'callsInFlight'> {
  readonly limiters: CloudLimiters;
  /** Where calls for a region enter the cloud. */
  readonly accessPointOf: (region: string) => string;
}

/** One dispatcher for each access point, since each has a call limit of its own. */
export class Dispatchers {
  readonly #dispatchers = new Map<string, CallDispatcher>();

  constructor(private readonly options: DispatchersOptions) {}

  /** Starts the dispatcher if it is new. */
  of(region: string): CallDispatcher {
    const accessPoint = this.options.accessPointOf(region);
    const known = this.#dispatchers.get(accessPoint);
    if (known !== undefined) return known;
    const { limiters, client, logger } = this.options;
    const limiter = limiters.of('CancelInvocation', region);
    const readMembers = createMemberReader(client, limiters.of('DescribeInvocations', region), logger);
    const runner = new CallRunner({ ...this.options, limiter, readMembers });
    const dispatcher = new CallDispatcher({ ...this.options, limiter, runner });
    this.#dispatchers.set(accessPoint, dispatcher);
    dispatcher.start();
    return dispatcher;
  }

  /** A limiter that connects only with the first job would make an idle system's first call wait. */
  connectAhead(): void {
    const [one, other] = ['ap-guangzhou', 'ap-singapore'] as const;
    if (this.options.accessPointOf(one) === this.options.accessPointOf(other)) this.of(one);
  }

  /** Jobs without a verdict yet. */
  get size(): number {
    return [...this.#dispatchers.values()].reduce((sum, dispatcher) => sum + dispatcher.size, 0);
  }

  /** Hands waiting jobs back unspent and resolves when the calls in flight have landed. */
  async drain(): Promise<void> {
    await Promise.all([...this.#dispatchers.values()].map((dispatcher) => dispatcher.drain()));
  }
}
