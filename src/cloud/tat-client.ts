import type { Failure } from '../shared/failure.js';
import type { TatInvokers } from './tat-invokers.js';

/** A cloud answer that succeeded (with the cloud's RequestId), or the reason why it did not. Never thrown. */
export type CallResult<Value> =
  | { readonly ok: true; readonly cloudRequestId: string; readonly value: Value }
  | { readonly ok: false; readonly failure: Failure };

export interface CancelInvocationInput {
  readonly region: string;
  readonly invocationId: string;
  /** 1 to 100 ids. Left out: the whole invocation. An empty list is refused before anything is sent. */
  readonly instanceIds?: readonly string[];
}

/** The thirteen states of a task, as the API documents them. Unknown strings are passed on as they come. */
export type TaskStatus =
  | 'PENDING'
  | 'DELIVERING'
  | 'DELIVER_DELAYED'
  | 'RUNNING'
  | 'CANCELLING'
  | 'DELIVER_FAILED'
  | 'START_FAILED'
  | 'SUCCESS'
  | 'FAILED'
  | 'TIMEOUT'
  | 'TASK_TIMEOUT'
  | 'CANCELLED'
  | 'TERMINATED';

export interface InvocationTask {
  readonly invocationTaskId: string;
  readonly instanceId: string;
  readonly status: TaskStatus | (string & {});
}

/** A task as DescribeInvocationTasks lists it, which also tells what it belongs to. */
export interface ListedTask extends InvocationTask {
  readonly invocationId: string;
  readonly commandId: string;
  readonly commandName: string;
  readonly source: string;
  readonly createdAt: string;
}

/** An invocation as DescribeInvocations shows it, without the fields that may hold secrets. */
export interface Invocation {
  readonly invocationId: string;
  readonly commandId: string;
  readonly commandName: string;
  readonly status: string;
  /** `USER`, or `INVOKER` for a schedule; the cloud's examples also have it in lower case. */
  readonly source: string;
  readonly createdAt: string;
  readonly tasks: readonly InvocationTask[];
}

export interface DescribeInvocationsInput {
  readonly region: string;
  /** At most 100; excludes the filters. */
  readonly invocationIds?: readonly string[];
  readonly commandId?: string;
  readonly offset?: number;
  /** 1 to 100; the cloud's default is 20. */
  readonly limit?: number;
}

export interface DescribeInvocationTasksInput {
  readonly region: string;
  readonly invocationId?: string;
  /** In place of one: tasks of any of these, at most 5. */
  readonly invocationIds?: readonly string[];
  readonly instanceId?: string;
  readonly commandId?: string;
  readonly offset?: number;
  readonly limit?: number;
}

export interface CallOptions {
  /** Ends the call early. The call's own deadline holds in any case. */
  readonly signal?: AbortSignal;
  /** The request, signed and all, waits for this before it goes to a connection. The call's deadline goes on. */
  readonly whenDue?: () => Promise<void>;
  /** The last look before the request goes to a connection; false ends the call unsent, with `PermitMissed`. */
  readonly mayLeave?: () => boolean;
  /** Called when the last byte of the request has been handed to the network, if it comes to that. */
  readonly onSent?: () => void;
}

/**
 * The part of Tencent Cloud's TAT API (version 2020-10-28) that cancelling needs. Every method settles within the
 * client's deadline, which also covers queueing, credentials and the body, and never rejects.
 */
export interface TatClient extends TatInvokers {
  /** Asks the cloud to stop an invocation on the given instances. Success means accepted, not yet stopped. */
  cancelInvocation(input: CancelInvocationInput, options?: CallOptions): Promise<CallResult<undefined>>;
  describeInvocations(
    input: DescribeInvocationsInput,
    options?: CallOptions,
  ): Promise<CallResult<{ totalCount: number; invocations: Invocation[] }>>;
  describeInvocationTasks(
    input: DescribeInvocationTasksInput,
    options?: CallOptions,
  ): Promise<CallResult<{ totalCount: number; tasks: ListedTask[] }>>;
  /** Frees sockets. Safe to call twice. */
  close(): void;
}
