import type { Schedules } from './find-schedules.js';
import { countInstances, type Findings } from './found-invocation.js';

export interface FindingsFacts {
  readonly findings: Findings;
  readonly schedules: Schedules;
  readonly calls: number;
  /** Ids of the invokers that were disabled. */
  readonly disabled: readonly string[];
}

/** What --json tells of a search, beside what became of it. Holds no contents of commands. */
export function findingsDocument({ findings, schedules, calls, disabled }: FindingsFacts): object {
  return {
    found: findings.invocations.map((found) => ({
      region: found.region,
      invocationId: found.invocationId,
      commandId: found.commandId,
      commandName: found.commandName,
      createdAt: found.createdAt,
      startedBy: found.isScheduled ? 'invoker' : 'user',
      invokerId: schedules.startedBy.get(found.invocationId)?.invokerId ?? null,
      isWhole: found.instanceIds === undefined,
      unfinished: found.unfinished,
      states: Object.fromEntries(found.states),
      ...(found.instanceIds === undefined ? {} : { instanceIds: found.instanceIds }),
    })),
    foundInstances: countInstances(findings.invocations),
    examined: findings.examined,
    startedMeanwhile: findings.startedMeanwhile,
    calls,
    invokers: schedules.pending.map((invoker) => ({
      ...invoker,
      isEnabled: !disabled.includes(invoker.invokerId),
    })),
  };
}
