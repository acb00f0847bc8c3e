import { loadTracing } from '../shared/tracing/tracing.js';
import { Server, type ServerOptions } from './server.js';

/** Runs the server until the signal aborts, then ends it in good order. */
export async function runServer(options: ServerOptions, signal: AbortSignal): Promise<void> {
  const tracing = await loadTracing(options.settings.tracing);
  const server = new Server({ ...options, tracing });
  try {
    await server.start();
    if (!signal.aborted) {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    }
    options.logger.info('server stops: requests under way finish');
  } finally {
    await server.close();
    await tracing?.flush();
  }
  options.logger.info('server stopped');
}
