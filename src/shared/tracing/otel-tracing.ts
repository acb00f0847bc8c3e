import { setTimeout as sleep } from 'node:timers/promises';
import {
  context,
  isSpanContextValid,
  type ProxyTracerProvider,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { Telemetry } from 'bullmq';
import { errorTypeOf } from './error-type.js';
import { createQueueTelemetry, readJobContext } from './queue-telemetry.js';
import type { SpanOutline, Tracing } from './tracing.js';

/** Under this name the spans of this project can be told from those of others. */
export const tracerName = 'tat-cancel';

const longestFlushMs = 5_000;

export class OtelTracing implements Tracing {
  readonly telemetry: Telemetry = createQueueTelemetry(tracerName);
  readonly #tracer = trace.getTracer(tracerName);

  async within<Result>(outline: SpanOutline, work: (span: Span) => Promise<Result>): Promise<Result> {
    const { name, ...options } = outline;
    return await this.#tracer.startActiveSpan(name, options, (span) => ended(span, work, () => true));
  }

  async withinNewTrace<Result>(
    { name, ...options }: SpanOutline,
    work: (span: Span) => Promise<Result>,
    isWorthKeeping: (result: Result) => boolean = () => true,
  ): Promise<Result> {
    return await this.detached(() =>
      this.#tracer.startActiveSpan(name, options, (span) => ended(span, work, isWorthKeeping)),
    );
  }

  detached<Result>(work: () => Result): Result {
    return context.with(ROOT_CONTEXT, work);
  }

  continued<Result>(headers: Readonly<Record<string, unknown>>, work: () => Result): Result {
    if (trace.getActiveSpan() !== undefined) return work();
    return context.with(propagation.extract(context.active(), headers), work);
  }

  current(): SpanContext | undefined {
    return usable(trace.getActiveSpan()?.spanContext());
  }

  currentMetadata(): string | undefined {
    return this.telemetry.contextManager.getMetadata(context.active()) || undefined;
  }

  spanOf(jobMetadata: string): SpanContext | undefined {
    return usable(trace.getSpanContext(readJobContext(ROOT_CONTEXT, jobMetadata)));
  }

  async flush(): Promise<void> {
    const provider = (trace.getTracerProvider() as ProxyTracerProvider).getDelegate?.();
    if (provider === undefined || !canFlush(provider)) return;
    const flushed = provider.forceFlush().catch(() => {}); // the SDK tells of it through its own diagnostics
    const late = new AbortController();
    await Promise.race([
      flushed,
      sleep(longestFlushMs, undefined, { signal: late.signal }).catch(() => {}), // aborted: the flush was faster
    ]);
    late.abort();
  }
}

/** A span that is never ended is never handed on. */
async function ended<Result>(
  span: Span,
  work: (span: Span) => Promise<Result>,
  isWorthKeeping: (result: Result) => boolean,
): Promise<Result> {
  try {
    const result = await work(span);
    if (isWorthKeeping(result)) span.end();
    return result;
  } catch (error) {
    const code = errorTypeOf(error);
    span.setAttribute('error.type', code).setStatus({ code: SpanStatusCode.ERROR, message: code });
    span.end();
    throw error;
  }
}

function usable(spanContext: SpanContext | undefined): SpanContext | undefined {
  return spanContext !== undefined && isSpanContextValid(spanContext) ? spanContext : undefined;
}

/** The interface knows no flush; the providers of the SDK have one. */
function canFlush(provider: object): provider is { forceFlush(): Promise<void> } {
  return 'forceFlush' in provider && typeof provider.forceFlush === 'function';
}
