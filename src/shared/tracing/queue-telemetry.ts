import { type Context, context, propagation, ROOT_CONTEXT } from '@opentelemetry/api';
import type { Telemetry } from 'bullmq';
import { BullMQOtel } from 'bullmq-otel';
import { errorTypeOf } from './error-type.js';

type QueueTracer = Telemetry<Context>['tracer'];
type QueueSpan = ReturnType<QueueTracer['startSpan']>;

/** What happens to jobs. BullMQ also traces its housekeeping: an idle worker would start a trace every few seconds. */
const operations = new Set(['add', 'addBulk', 'process', 'complete', 'delay', 'retry', 'fail']);

/** In place of a span that nobody wants: what happens inside belongs to the span around it. */
const noSpan: QueueSpan = {
  setSpanOnContext: (around: Context) => around,
  setAttribute: () => {},
  setAttributes: () => {},
  addEvent: () => {},
  recordException: () => {},
  end: () => {},
};

/** BullMQ writes results and messages of errors into spans; those of Redis and of the cloud may quote anything. */
function withoutTexts(span: QueueSpan): QueueSpan {
  return {
    setSpanOnContext: (around: Context) => span.setSpanOnContext(around),
    setAttribute: (key, value) => span.setAttribute(key, value),
    setAttributes: (attributes) => span.setAttributes(attributes),
    addEvent: (name) => span.addEvent(name),
    recordException: (exception) => span.setAttribute('error.type', errorTypeOf(exception)),
    end: () => span.end(),
  };
}

/**
 * BullMQ's add-on for OpenTelemetry, with what it lacks: it leaves jobs as they are when there is no trace, keeps the
 * caller's baggage out of Redis and messages out of spans, survives what others wrote into a job, and lets endless loops begin outside of any span.
 */
export function createQueueTelemetry(tracerName: string): Telemetry<Context> {
  const { tracer, contextManager } = new BullMQOtel({ tracerName });
  return {
    tracer: {
      startSpan: (name, options, parent) => {
        const [operation = ''] = name.split(' ', 1);
        return operations.has(operation) ? withoutTexts(tracer.startSpan(name, options, parent)) : noSpan;
      },
    },
    contextManager: {
      with: (around, work) => contextManager.with(around, work),
      active: () => context.active(),
      root: () => ROOT_CONTEXT,
      getMetadata: (around) => {
        const metadata = contextManager.getMetadata(propagation.deleteBaggage(around));
        return metadata === '{}' ? '' : metadata;
      },
      fromMetadata: readJobContext,
    },
  };
}

/** What a job says of its trace, on top of a context; that context itself when it says nothing that can be read. */
export function readJobContext(around: Context, metadata: unknown): Context {
  try {
    const carrier: unknown = JSON.parse(String(metadata));
    return typeof carrier === 'object' && carrier !== null ? propagation.extract(around, carrier) : around;
  } catch {
    return around;
  }
}
