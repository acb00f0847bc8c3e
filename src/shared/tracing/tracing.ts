import type { Attributes, Span, SpanContext, SpanKind } from '@opentelemetry/api';
import type { Telemetry } from 'bullmq';

export interface SpanOutline {
  readonly name: string;
  readonly kind?: SpanKind;
  readonly attributes?: Attributes;
}

/**
 * Spans, by way of whatever OpenTelemetry SDK the operator has registered in this process. Without one, every method
 * does its work and records nothing.
 */
export interface Tracing {
  /** For BullMQ: puts the trace into each job that is added, and takes it up when the job is processed. */
  readonly telemetry: Telemetry;
  /** Runs the work inside a span below the current one. A rejection is noted on the span by its code, and passed on. */
  within<Result>(outline: SpanOutline, work: (span: Span) => Promise<Result>): Promise<Result>;
  /** The same at the head of a trace of its own, for work that belongs to many traces at once. */
  withinNewTrace<Result>(
    outline: SpanOutline,
    work: (span: Span) => Promise<Result>,
    /** False: nothing happened that anybody would want to see, and the span is dropped. */
    isWorthKeeping?: (result: Result) => boolean,
  ): Promise<Result>;
  /** Runs the work outside of any trace: what outlives the caller must not hang below the caller's span for ever. */
  detached<Result>(work: () => Result): Result;
  /** Runs the work as part of the trace that HTTP headers name, unless some instrumentation has seen to that already. */
  continued<Result>(headers: Readonly<Record<string, unknown>>, work: () => Result): Result;
  current(): SpanContext | undefined;
  /** What a request keeps of the current trace; undefined outside of any. */
  currentMetadata(): string | undefined;
  /** The span that such metadata name; undefined when they name none. */
  spanOf(metadata: string): SpanContext | undefined;
  /** Hands finished spans to the operator's exporter, before the process ends. Never rejects; five seconds at most. */
  flush(): Promise<void>;
}

/** Loads OpenTelemetry only when it is wanted: a service that traces nothing should not pay for it. */
export async function loadTracing(isOn: boolean): Promise<Tracing | undefined> {
  if (!isOn) return undefined;
  const { OtelTracing } = await import('./otel-tracing.js');
  return new OtelTracing();
}
