import { expect, it } from 'vitest';
import { rollUpStatus } from '../../../src/simulator/world/invocation-status.js';
import type { TaskStatus } from '../../../src/simulator/world/task-state.js';

const cases: [tasks: TaskStatus[], invocation: string][] = [
  [['PENDING', 'DELIVERING', 'DELIVER_DELAYED'], 'PENDING'],
  [['PENDING', 'RUNNING'], 'RUNNING'],
  [['PENDING', 'SUCCESS'], 'RUNNING'],
  [['RUNNING', 'TERMINATED'], 'RUNNING'],
  [['RUNNING', 'CANCELLING', 'SUCCESS'], 'CANCELLING'],
  [['CANCELLED', 'TERMINATED'], 'CANCELLED'],
  [['CANCELLED', 'SUCCESS'], 'PARTIAL_CANCELLED'],
  [['TERMINATED', 'FAILED'], 'PARTIAL_CANCELLED'],
  [['SUCCESS'], 'SUCCESS'],
  [['SUCCESS', 'TASK_TIMEOUT'], 'PARTIAL_FAILED'],
  [['TIMEOUT'], 'TIMEOUT'],
  [['FAILED', 'TIMEOUT'], 'FAILED'],
  [['DELIVER_FAILED', 'START_FAILED'], 'FAILED'],
];

it.each(cases)('sums up %j as %s', (tasks, invocation) => {
  expect(rollUpStatus(tasks)).toBe(invocation);
});
