import { describe, expect, it } from 'vitest';
import { createSimulator } from '../../../src/simulator/index.js';
import { HandClock } from '../../support/simulator-clock.js';

describe('the world', () => {
  it('holds a million tasks', () => {
    const simulator = createSimulator();
    simulator.addInvocations(5000, { instances: 200 });
    expect(simulator.countByStatus()).toEqual({ RUNNING: 1_000_000 });
  });

  it('is laid out the same for the same seed', () => {
    const ids = (seed: number) => createSimulator({ seed }).addInvocation({ instances: 3 });
    expect(ids(1)).toMatchObject({ invocationId: ids(1).invocationId, instanceIds: ids(1).instanceIds });
    expect(ids(1).instanceIds).not.toEqual(ids(2).instanceIds);
  });

  it('takes ids, kinds, ages and exceptions as they are given', () => {
    const clock = new HandClock();
    const simulator = createSimulator({ clock });
    const { invocationId, instanceKind } = simulator.addInvocation({
      region: 'ap-guangzhou',
      invocationId: 'inv-mine0001',
      instanceIds: ['lhins-aaaaaaaa', 'lhins-bbbbbbbb', 'lhins-cccccccc'],
      behaviour: { runMs: 1000 },
      exceptions: { 'lhins-bbbbbbbb': 'pending', 2: { runMs: 5000, ending: 'FAILED' } },
      ageMs: 2000,
    });
    expect([invocationId, instanceKind]).toEqual(['inv-mine0001', 'LIGHTHOUSE']);
    expect(simulator.countByStatus()).toEqual({ PENDING: 1, RUNNING: 1, SUCCESS: 1 });
    clock.advance(3000);
    expect(simulator.countByStatus()).toEqual({ PENDING: 1, SUCCESS: 1, FAILED: 1 });
  });

  it('refuses what cannot be', () => {
    const simulator = createSimulator();
    simulator.addInvocation({ invocationId: 'inv-mine0001' });
    expect(() => simulator.addInvocation({ invocationId: 'inv-mine0001' })).toThrow(/exists already/);
    expect(() => simulator.addInvocation({ instances: 201 })).toThrow(/1 to 200/);
    expect(() => simulator.addInvocation({ instances: 0 })).toThrow(/1 to 200/);
    expect(() => simulator.addInvocation({ instanceIds: [] })).toThrow(/1 to 200/);
    expect(() => simulator.addInvocation({ exceptions: { 'ins-nowhere0': 'pending' } })).toThrow(
      /ins-nowhere0/,
    );
  });

  it('knows nothing of tasks that do not exist', () => {
    const simulator = createSimulator();
    const { invocationId } = simulator.addInvocation();
    expect(simulator.task(invocationId, 'ins-nowhere0')).toBeUndefined();
    expect(simulator.task('inv-nowhere0', 'ins-nowhere0')).toBeUndefined();
  });
});
