import { describe, expect, it } from 'vitest';
import { FaultSimulation } from '../../support/fault-simulation.js';
import { fullLengthOr } from '../../support/full-length.js';

const { SIMULATION_SEED } = process.env;

/** Seeds that once found something come first. */
const seeds =
  SIMULATION_SEED === undefined
    ? Array.from({ length: fullLengthOr(40, 3) }, (_, index) => index + 1)
    : [Number(SIMULATION_SEED)];

describe('random faults over random requests', { timeout: 240_000 }, () => {
  it.each(seeds)('leave every instance with one true outcome: seed %d', async (seed) => {
    const simulation = await FaultSimulation.start();
    try {
      const { finding } = await simulation.play(seed);
      expect(finding.violations).toEqual([]);
      expect(finding.instances).toBeGreaterThan(0);
    } finally {
      await simulation.close();
    }
  });
});
