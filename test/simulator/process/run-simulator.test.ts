import { describe, expect, it } from 'vitest';
import { runSimulator, type Simulator, simulatorOptionsSchema } from '../../../src/simulator/index.js';
import { sdkClient } from '../../support/simulator-client.js';

describe('the options of a simulator process', () => {
  it('have defaults, and take the text of flags', () => {
    const options = simulatorOptionsSchema.parse({ port: '0', internalErrorShare: '0.02' });
    expect(options).toMatchObject({ port: 0, internalErrorShare: 0.02, callsPerSecond: 20, seed: 1 });
  });

  it.each([
    { port: '' },
    { port: 'http' },
    { internalErrorShare: 2 },
    { instancesPerInvocation: 201 },
    { latencyMinMs: 100, latencyMaxMs: 50 },
    { cancelMinMs: 5000 },
    { finishedShare: 0.6, pendingShare: 0.6 },
    { prot: 4010 },
  ])('refuse %j', (input) => {
    expect(simulatorOptionsSchema.safeParse(input).success).toBe(false);
  });

  it('are described, every one', () => {
    const described = Object.entries(simulatorOptionsSchema.shape).filter(([, schema]) => schema.description);
    expect(described.length).toBe(Object.keys(simulatorOptionsSchema.shape).length);
  });
});

describe('a simulator process', () => {
  it('serves a seeded world until it is told to end', async () => {
    const ending = new AbortController();
    const lines: string[] = [];
    const options = simulatorOptionsSchema.parse({
      port: 0,
      invocations: 5,
      instancesPerInvocation: 100,
      latencyMinMs: 0,
      latencyMaxMs: 0,
      internalErrorShare: 1,
      secretId: 'AKIDDEMO',
    });
    let running: Promise<void> | undefined;
    const simulator = await new Promise<Simulator>((resolve, reject) => {
      running = runSimulator(options, {
        signal: ending.signal,
        logger: { info: (_fields, message) => lines.push(message) },
        onListening: resolve,
      });
      running.catch(reject);
    });
    const counts = simulator.countByStatus();
    expect((counts.RUNNING ?? 0) + (counts.PENDING ?? 0) + (counts.SUCCESS ?? 0)).toBe(500);
    expect(counts.PENDING).toBeGreaterThan(20);
    expect(counts.SUCCESS).toBeGreaterThan(5);
    const [invocation] = simulator.world.invocations();
    const cancel = sdkClient(simulator).CancelInvocation({
      InvocationId: invocation?.facts.invocationId ?? '',
    });
    await expect(cancel).rejects.toMatchObject({ code: 'InternalError' });
    ending.abort();
    await running;
    expect(lines).toEqual(['simulator-listening', 'simulator-closed']);
    await expect(fetch(`${simulator.url}/_simulator/health`)).rejects.toThrow();
  });

  it('does not begin when it is told to end already', async () => {
    const options = simulatorOptionsSchema.parse({ port: 0 });
    await expect(runSimulator(options, { signal: AbortSignal.abort() })).resolves.toBeUndefined();
  });
});
