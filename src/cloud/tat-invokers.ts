import type { CallOptions, CallResult } from './tat-client.js';

/** A schedule of the cloud that starts a command, without the fields that may hold secrets. */
export interface Invoker {
  readonly invokerId: string;
  readonly name: string;
  readonly commandId: string;
  readonly isEnabled: boolean;
  /** `ONCE` or `RECURRENCE`; unknown strings are passed on as they come. */
  readonly policy: string;
  /** A crontab expression in Beijing time; empty for one that fires once. */
  readonly recurrence: string;
  /** When one that fires once does; empty for the others. */
  readonly invokeTime: string;
}

/** Which invoker started an invocation. */
export interface InvokerRecord {
  readonly invokerId: string;
  readonly invocationId: string;
}

export interface DescribeInvokersInput {
  readonly region: string;
  /** At most 5. */
  readonly commandIds?: readonly string[];
  readonly offset?: number;
  /** 1 to 100; the cloud's default is 20. */
  readonly limit?: number;
}

export interface DescribeInvokerRecordsInput {
  readonly region: string;
  /** At most 100. */
  readonly invokerIds: readonly string[];
  readonly offset?: number;
  readonly limit?: number;
}

/** The part of the API that deals with schedules. Its methods keep the promises of `TatClient`. */
export interface TatInvokers {
  describeInvokers(
    input: DescribeInvokersInput,
    options?: CallOptions,
  ): Promise<CallResult<{ totalCount: number; invokers: Invoker[] }>>;
  /** An invocation does not name the invoker that started it: these records do. The newest come first. */
  describeInvokerRecords(
    input: DescribeInvokerRecordsInput,
    options?: CallOptions,
  ): Promise<CallResult<{ totalCount: number; records: InvokerRecord[] }>>;
  /** Keeps an invoker from starting its command again. What it has started goes on. May be repeated. */
  disableInvoker(
    input: { readonly region: string; readonly invokerId: string },
    options?: CallOptions,
  ): Promise<CallResult<undefined>>;
}
