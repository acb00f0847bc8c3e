import { once } from 'node:events';
import type { FaultRule } from '../faults/fault-rule.js';
import { createSimulator, type Simulator } from '../simulator.js';
import { seedWorld } from './seed-world.js';
import type { SimulatorProcessOptions } from './simulator-process-options.js';

export interface RunSimulatorContext {
  /** Ends the simulator. */
  readonly signal: AbortSignal;
  /** A logger such as pino's. */
  readonly logger?: { info(fields: object, message: string): void };
  /** Called once it listens and its world is laid out. */
  readonly onListening?: (simulator: Simulator) => void;
}

/**
 * Runs a simulator with a seeded world until the signal aborts, and resolves when all is closed. Rejects when it cannot
 * listen.
 */
export async function runSimulator(
  options: SimulatorProcessOptions,
  { signal, logger, onListening }: RunSimulatorContext,
): Promise<void> {
  if (signal.aborted) return;
  const aborted = once(signal, 'abort');
  const simulator = createSimulator({
    host: options.host,
    port: options.port,
    seed: options.seed,
    defaultRegion: options.region,
    credentials: [{ secretId: options.secretId, secretKey: options.secretKey }],
    callsPerSecond: options.callsPerSecond,
    latency: { minMs: options.latencyMinMs, maxMs: options.latencyMaxMs },
    faults: faultsOf(options),
    ...(options.callLogPath === undefined ? {} : { callLogPath: options.callLogPath }),
  });
  seedWorld(simulator, options);
  const url = await simulator.start();
  logger?.info({ url, invocations: options.invocations, region: options.region }, 'simulator-listening');
  onListening?.(simulator);
  await aborted;
  await simulator.close();
  logger?.info({ url, calls: simulator.record.count() }, 'simulator-closed');
}

function faultsOf(options: SimulatorProcessOptions): FaultRule[] {
  const shares: [code: string, share: number][] = [
    ['InternalError', options.internalErrorShare],
    ['LimitExceeded', options.limitExceededShare],
    ['RequestLimitExceeded', options.requestLimitExceededShare],
  ];
  return shares
    .filter(([, share]) => share > 0)
    .map(([code, share]) => ({ action: 'CancelInvocation', code, share }));
}
