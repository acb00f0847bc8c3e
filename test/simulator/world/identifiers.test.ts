import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Identifiers, instanceKindOf } from '../../../src/simulator/world/identifiers.js';

describe('identifiers', () => {
  it('look like the cloud’s', () => {
    const identifiers = new Identifiers(1);
    expect(identifiers.invocationId(0)).toMatch(/^inv-[0-9a-z]{8}$/);
    expect(identifiers.commandId(0)).toMatch(/^cmd-[0-9a-z]{8}$/);
    expect(identifiers.taskId(0)).toMatch(/^invt-[0-9a-z]{8}$/);
    expect(identifiers.instanceId('CVM', 0)).toMatch(/^ins-[0-9a-z]{8}$/);
    expect(identifiers.instanceId('LIGHTHOUSE', 0)).toMatch(/^lhins-[0-9a-z]{8}$/);
    expect(identifiers.instanceId('MANAGED', 0)).toMatch(/^rins-[0-9a-z]{8}$/);
  });

  it('never collide', () => {
    const identifiers = new Identifiers(7);
    const ids = Array.from({ length: 100_000 }, (_, number) => identifiers.instanceId('CVM', number));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('follow from the seed', () => {
    expect(new Identifiers(3).invocationId(5)).toBe(new Identifiers(3).invocationId(5));
    expect(new Identifiers(3).invocationId(5)).not.toBe(new Identifiers(4).invocationId(5));
  });

  it('lead back to the number of the task', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 0, max: 2 ** 40 - 1 }), (seed, number) => {
        const identifiers = new Identifiers(seed);
        expect(identifiers.taskNumber(identifiers.taskId(number))).toBe(number);
      }),
    );
  });

  it('of a foreign form lead nowhere', () => {
    const identifiers = new Identifiers(1);
    for (const id of ['inv-12345678', 'invt-1', 'invt-zzzzzzzz', 'invt-!!!!!!!!']) {
      expect(identifiers.taskNumber(id)).toBeUndefined();
    }
  });

  it('tell the kind of an instance', () => {
    expect(['ins-1', 'lhins-1', 'rins-1'].map(instanceKindOf)).toEqual(['CVM', 'LIGHTHOUSE', 'MANAGED']);
  });
});
