import { Server, type ServerOptions } from './server.js';

/** Runs the server until the signal aborts, then ends it in good order. */
export async function runServer(options: ServerOptions, signal: AbortSignal): Promise<void> {
  const server = new Server(options);
  try {
    await server.start();
    if (!signal.aborted) {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    }
    options.logger.info('server stops: requests under way finish');
  } finally {
    await server.close();
  }
  options.logger.info('server stopped');
}
