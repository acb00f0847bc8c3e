export type { BrokenAnswer, FaultRule } from './faults/fault-rule.js';
export type { SimulatedCredential } from './gateway/credential-book.js';
export type { ForeignClient } from './gateway/foreign-client.js';
export { type RunSimulatorContext, runSimulator } from './process/run-simulator.js';
export {
  type SimulatorProcessInput,
  type SimulatorProcessOptions,
  simulatorOptionsSchema,
} from './process/simulator-process-options.js';
export type { CallRecord } from './record/call-record.js';
export type { RecordedCall } from './record/recorded-call.js';
export { mostInAnyWindow } from './record/sliding-window.js';
export { createSimulator, type Simulator } from './simulator.js';
export type { SimulatorOptions } from './simulator-options.js';
export type { InvokerFacts, InvokerSchedule, InvokerSpec } from './world/invokers.js';
export type { Behaviour, TaskBehaviour } from './world/task-behaviour.js';
export type { TaskStatus } from './world/task-state.js';
export type { InvocationSpec } from './world/world.js';
