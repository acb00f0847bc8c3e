import { expect } from 'vitest';
import type { CancelProducer, RequestProgress } from '../../src/producer/index.js';
import { it } from '../support/installed-test.js';

interface Rollout {
  readonly rolloutId: string;
  readonly waves: readonly (readonly string[])[];
  readonly producer: CancelProducer;
  startWave(instanceIds: readonly string[]): Promise<string>;
  isHealthy(): Promise<boolean>;
}

// Examples are plain JavaScript, whose types the compiler is not asked for.
const example: string = '../../examples/rollout/roll-out.mjs';
const { rollOut } = (await import(example)) as {
  rollOut(rollout: Rollout): Promise<RequestProgress | undefined>;
};

const waves = [0, 1, 2, 3].map((wave) => [0, 1, 2].map((each) => `ins-0000000${wave}${each}`));

it('the rollout example cancels every wave when a check fails, and starts no further one', async ({
  install,
}) => {
  const { producer, simulator } = await install();
  let started = 0;
  const rollout: Rollout = {
    rolloutId: 'rollout-4711',
    waves,
    producer,
    startWave: async (instanceIds) => {
      started += 1;
      return simulator.addInvocation({ instanceIds: [...instanceIds] }).invocationId;
    },
    isHealthy: async () => started < 3,
  };
  const progress = await rollOut(rollout);
  expect(started).toBe(3);
  expect(progress).toMatchObject({
    state: 'finished',
    label: 'rollout-4711',
    counts: { 'dead-lettered': 0 },
  });
  expect(simulator.world.countByStatus()).toEqual({ TERMINATED: 9 });
});

it('the rollout example cancels nothing when all goes well', async ({ install }) => {
  const { producer, simulator } = await install();
  const startWave = async (instanceIds: readonly string[]) =>
    simulator.addInvocation({ instanceIds: [...instanceIds] }).invocationId;
  const rollout = { rolloutId: 'rollout-1', waves, producer, startWave, isHealthy: async () => true };
  expect(await rollOut(rollout)).toBeUndefined();
  expect(simulator.record.count('CancelInvocation')).toBe(0);
});
