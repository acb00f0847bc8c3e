import { describe, expect, it } from 'vitest';
import { planTask, type TaskBehaviour } from '../../../src/simulator/world/task-behaviour.js';
import { taskStateAt } from '../../../src/simulator/world/task-state.js';

const never = Number.NaN;

function statuses(behaviour: TaskBehaviour, cancelledAtMs: number, moments: number[]) {
  const timing = planTask(behaviour, 1000, 1, 0);
  return moments.map((nowMs) => taskStateAt(timing, cancelledAtMs, nowMs).status);
}

describe('a task that nobody cancels', () => {
  it('is delivered, runs and ends', () => {
    const behaviour = { pendingMs: 10, deliveringMs: 10, runMs: 10 };
    expect(statuses(behaviour, never, [1000, 1009, 1010, 1019, 1020, 1029, 1030])).toEqual([
      'PENDING',
      'PENDING',
      'DELIVERING',
      'DELIVERING',
      'RUNNING',
      'RUNNING',
      'SUCCESS',
    ]);
  });

  it.each(['FAILED', 'TIMEOUT'] as const)('can end as %s', (ending) => {
    expect(statuses({ runMs: 5, ending }, never, [1004, 1005])).toEqual(['RUNNING', ending]);
  });

  it.each(['DELIVER_FAILED', 'START_FAILED'] as const)('can end as %s without having run', (ending) => {
    expect(statuses({ deliveringMs: 5, ending }, never, [1004, 1005])).toEqual(['DELIVERING', ending]);
    expect(taskStateAt(planTask({ ending }, 0, 1, 0), never, 9)).not.toHaveProperty('startedAtMs');
  });

  it('can wait for ever, also with its delivery delayed', () => {
    expect(statuses({ pendingMs: 'never' }, never, [1e15])).toEqual(['PENDING']);
    expect(statuses({ deliveringMs: 'never', deliverDelayed: true }, never, [1e15])).toEqual([
      'DELIVER_DELAYED',
    ]);
  });
});

describe('a cancelled task', () => {
  it.each([
    ['PENDING', { pendingMs: 'never' }],
    ['DELIVERING', { deliveringMs: 'never' }],
    ['DELIVER_DELAYED', { deliveringMs: 'never', deliverDelayed: true }],
  ] as [string, TaskBehaviour][])('is CANCELLED at once when it was %s', (before, behaviour) => {
    expect(statuses(behaviour, 1500, [1499, 1500, 9999])).toEqual([before, 'CANCELLED', 'CANCELLED']);
  });

  it('is CANCELLING until its agent has killed it, then TERMINATED', () => {
    expect(statuses({ cancelMs: 50 }, 1500, [1499, 1500, 1549, 1550])).toEqual([
      'RUNNING',
      'CANCELLING',
      'CANCELLING',
      'TERMINATED',
    ]);
  });

  it('ends by itself when that comes before its kill', () => {
    const behaviour: TaskBehaviour = { runMs: 520, cancelMs: 50, ending: 'FAILED' };
    expect(statuses(behaviour, 1500, [1519, 1520, 1600])).toEqual(['CANCELLING', 'FAILED', 'FAILED']);
  });

  it('stays CANCELLING when its agent is gone, or until the cloud gives up on it', () => {
    expect(statuses({ cancelMs: 'never', runMs: 600 }, 1500, [1500, 1e15])).toEqual([
      'CANCELLING',
      'CANCELLING',
    ]);
    const behaviour: TaskBehaviour = { cancelMs: 'never', agentTimeoutMs: 100 };
    expect(statuses(behaviour, 1500, [1599, 1600])).toEqual(['CANCELLING', 'TASK_TIMEOUT']);
  });

  it('keeps its ending when it had ended before', () => {
    expect(statuses({ runMs: 5 }, 1500, [1500, 2000])).toEqual(['SUCCESS', 'SUCCESS']);
  });

  it('tells when it started, ended and changed', () => {
    const timing = planTask({ pendingMs: 100, cancelMs: 50 }, 1000, 1, 0);
    expect(taskStateAt(timing, 1500, 1600)).toEqual({
      status: 'TERMINATED',
      sinceMs: 1550,
      startedAtMs: 1100,
      endedAtMs: 1550,
    });
  });
});

it('draws ranges anew for each task, and always the same for one seed', () => {
  const ends = (seed: number) =>
    [0, 1, 2, 3].map((task) => planTask({ runMs: [100, 900] }, 0, seed, task).endAtMs);
  expect(new Set(ends(1)).size).toBe(4);
  expect(ends(1)).toEqual(ends(1));
  expect(ends(1)).not.toEqual(ends(2));
  for (const end of ends(1)) expect(end >= 100 && end <= 900).toBe(true);
});
