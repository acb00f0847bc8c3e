import type { Simulator } from '../simulator.js';

/** What a simulator has seen and how its world looks. */
export function reportOn({ record, world }: Simulator) {
  const byAction = <Value>(look: (action: string) => Value) =>
    Object.fromEntries(record.actions().map((action) => [action, look(action)]));
  return {
    calls: byAction((action) => record.count(action)),
    answers: record.countByCode(),
    mostCallsInAnySecond: byAction((action) => record.mostCallsInAnySecond(action)),
    callsPerSecond: byAction((action) => record.ratePerSecond(action)),
    invocations: world.size,
    tasksByStatus: world.countByStatus(),
  };
}

export type SimulationReport = ReturnType<typeof reportOn>;
