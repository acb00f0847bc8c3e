import { trace } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { waitUntil } from '../support/wait-until.js';

/** An SDK in this process, as an operator would load one, that keeps what it is given. One for each test file. */
export class SpanRecorder {
  readonly #exporter = new InMemorySpanExporter();

  constructor() {
    new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(this.#exporter)] }).register();
  }

  /** The finished spans of this project, in the order of their ends. */
  get spans(): ReadableSpan[] {
    return this.#exporter
      .getFinishedSpans()
      .filter(({ instrumentationScope }) => instrumentationScope.name === 'tat-cancel');
  }

  get names(): string[] {
    return [...new Set(this.spans.map(({ name }) => name))].sort();
  }

  named(name: string): ReadableSpan[] {
    return this.spans.filter((span) => span.name === name);
  }

  /** The spans of this name, as soon as so many have ended. */
  async until(name: string, count: number): Promise<ReadableSpan[]> {
    return await waitUntil(`${count} spans named ${name}`, async () => {
      const found = this.named(name);
      return found.length >= count ? found : undefined;
    });
  }

  reset(): void {
    this.#exporter.reset();
  }

  /** A span of the caller's own around the work. */
  async around<Result>(work: () => Promise<Result>): Promise<Result> {
    return await trace.getTracer('caller').startActiveSpan('caller', async (span) => {
      try {
        return await work();
      } finally {
        span.end();
      }
    });
  }
}

/** Where a span belongs: its trace, itself, and what it hangs below. */
export function placeOf(span: ReadableSpan | undefined) {
  return {
    traceId: span?.spanContext().traceId,
    spanId: span?.spanContext().spanId,
    parentId: span?.parentSpanContext?.spanId,
  };
}

export function linkedIds(span: ReadableSpan | undefined): (string | undefined)[] {
  return (span?.links ?? []).map(({ context }) => context.spanId).sort();
}
