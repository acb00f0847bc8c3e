// What an operator gives to `node --import`, with spans that wait for a minute before they are written to stderr.
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

const exporter = {
  export: (spans, done) => {
    for (const span of spans) process.stderr.write(`span: ${span.name} ${span.spanContext().traceId}\n`);
    done({ code: 0 });
  },
  shutdown: async () => {},
};
new NodeTracerProvider({
  spanProcessors: [new BatchSpanProcessor(exporter, { scheduledDelayMillis: 60_000 })],
}).register();
