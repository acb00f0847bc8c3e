import { AsyncLocalStorage } from 'node:async_hooks';
import type { Attributes, Span } from '@opentelemetry/api';
import type { CallResult, TatClient } from '../../cloud/tat-client.js';
import type { Tracing } from '../../shared/tracing/tracing.js';
import { missedPermit } from '../send-in-time.js';

/** `SpanKind.CLIENT` and `SpanStatusCode.ERROR`, without loading OpenTelemetry for those who trace nothing. */
const clientKind = 2;
const errorStatus = 2;

/**
 * One span for each call to the cloud. A call serves many requests, so it has a trace of its own, with links to the
 * spans in which those were enqueued.
 */
export class CallTracer {
  readonly #carried = new AsyncLocalStorage<readonly string[]>();

  /** `traceOf` tells what the ledger holds of the trace in which a request was enqueued. */
  constructor(
    private readonly tracing: Tracing,
    private readonly traceOf: (requestId: string) => Promise<string | undefined>,
  ) {}

  /** The same client, with a span for every call. */
  traced(client: TatClient): TatClient {
    return new Proxy(client, {
      get: (target, name) => {
        const value = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        const method = value.bind(target);
        if (name === 'close') return method;
        return (...args: unknown[]) => this.#call(actionOf(String(name)), args, method);
      },
    });
  }

  /** Runs one call, which carries instances of these requests. */
  async carry<Result>(requestIds: readonly string[], call: () => Promise<Result>): Promise<Result> {
    return await this.#carried.run(requestIds, call);
  }

  async #call(
    action: string,
    args: readonly unknown[],
    method: (...args: readonly unknown[]) => Promise<CallResult<unknown>>,
  ): Promise<CallResult<unknown>> {
    const outline = { name: action, kind: clientKind, attributes: describe(action, args[0]) };
    const call = async (span: Span) => {
      const linked = span.isRecording() ? this.#link(span, this.#carried.getStore() ?? []) : undefined;
      const result = await method(...args);
      noteResult(span, result);
      await linked;
      return result;
    };
    return await this.tracing.withinNewTrace(outline, call, (result) => !missedPermit(result));
  }

  /** While the call is under way, so that it need not wait. Never rejects. */
  async #link(span: Span, requestIds: readonly string[]): Promise<void> {
    // A link the less is no reason to fail or to wait: Redis may be away, and the request gone.
    const found = await Promise.all(requestIds.map((id) => this.traceOf(id).catch(() => undefined)));
    for (const metadata of found) {
      const context = metadata === undefined ? undefined : this.tracing.spanOf(metadata);
      if (context !== undefined) span.addLink({ context });
    }
  }
}

function describe(action: string, input: unknown): Attributes {
  const { region, invocationId, instanceIds, invocationIds } = (input ?? {}) as {
    region?: string;
    invocationId?: string;
    instanceIds?: readonly string[];
    invocationIds?: readonly string[];
  };
  return {
    'tat_cancel.action': action,
    ...(region === undefined ? {} : { 'tat_cancel.region': region }),
    ...(invocationId === undefined ? {} : { 'tat_cancel.invocation_id': invocationId }),
    ...(invocationIds === undefined ? {} : { 'tat_cancel.invocations': invocationIds.length }),
    ...(instanceIds === undefined ? {} : { 'tat_cancel.instances': instanceIds.length }),
    ...(action === 'CancelInvocation' ? { 'tat_cancel.whole_invocation': instanceIds === undefined } : {}),
  };
}

/** The code and no text: answers and messages of the cloud may hold what a command does. */
function noteResult(span: Span, result: CallResult<unknown>): void {
  const cloudRequestId = result.ok ? result.cloudRequestId : result.failure.cloudRequestId;
  span.setAttribute('tat_cancel.code', result.ok ? 'ok' : result.failure.code);
  if (cloudRequestId !== undefined) span.setAttribute('tat_cancel.cloud_request_id', cloudRequestId);
  if (!result.ok) {
    span.setAttribute('error.type', result.failure.code);
    span.setStatus({ code: errorStatus, message: result.failure.code });
  }
}

/** cancelInvocation → CancelInvocation: as the cloud calls it. */
function actionOf(method: string): string {
  return method.charAt(0).toUpperCase() + method.slice(1);
}
