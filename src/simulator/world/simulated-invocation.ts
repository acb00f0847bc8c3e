import type { InstanceKind } from './identifiers.js';
import { type InvocationStatus, rollUpStatus } from './invocation-status.js';
import { isUniform, planTask, type TaskBehaviour, type TaskTiming } from './task-behaviour.js';
import { type TaskState, type TaskStatus, taskStateAt } from './task-state.js';

/** More instances than this the cloud does not take for one command. */
export const maxInstancesPerInvocation = 200;

/** Numbers of tasks are the invocation's number times this, plus the position in the list. */
export const taskNumbersPerInvocation = 256;

export interface CommandFacts {
  readonly commandId: string;
  readonly commandName: string;
  readonly commandType: string;
  /** Base64, as the API wants it. */
  readonly content: string;
  /** JSON text. */
  readonly parameters: string;
  readonly username: string;
  readonly workingDirectory: string;
  readonly timeoutSeconds: number;
  readonly description: string;
}

export interface InvocationFacts {
  readonly number: number;
  readonly region: string;
  readonly invocationId: string;
  readonly instanceKind: InstanceKind;
  readonly instanceIds: readonly string[];
  readonly createdAtMs: number;
  readonly command: CommandFacts;
  /** The schedule that started it; absent when somebody did. */
  readonly invokerId?: string;
}

/**
 * One invocation and its tasks. Nothing moves by itself: the state of a task is worked out whenever somebody looks, so
 * a task costs its id and, once any task of the invocation was cancelled, nine bytes more.
 */
export class SimulatedInvocation {
  readonly #uniformTiming: TaskTiming | undefined;
  #cancelledAtMs: Float64Array | undefined;
  #missedCancels: Uint8Array | undefined;

  constructor(
    readonly facts: InvocationFacts,
    private readonly behaviour: TaskBehaviour,
    private readonly exceptions: ReadonlyMap<number, TaskBehaviour> | undefined,
    private readonly seed: number,
  ) {
    this.#uniformTiming = isUniform(behaviour) ? planTask(behaviour, facts.createdAtMs, seed, 0) : undefined;
  }

  get size(): number {
    return this.facts.instanceIds.length;
  }

  /** The position of an instance, or -1. */
  positionOf(instanceId: string): number {
    return this.facts.instanceIds.indexOf(instanceId);
  }

  /** The positions of many instances, -1 for strangers. */
  positionsOf(instanceIds: readonly string[]): number[] {
    if (instanceIds.length <= 4) return instanceIds.map((id) => this.positionOf(id));
    const positions = new Map(this.facts.instanceIds.map((id, position) => [id, position]));
    return instanceIds.map((id) => positions.get(id) ?? -1);
  }

  taskNumber(position: number): number {
    return this.facts.number * taskNumbersPerInvocation + position;
  }

  stateOf(position: number, nowMs: number): TaskState {
    return taskStateAt(this.#timingOf(position), this.#cancelledAtMs?.[position] ?? Number.NaN, nowMs);
  }

  statusOf(position: number, nowMs: number): TaskStatus {
    return this.stateOf(position, nowMs).status;
  }

  *statuses(nowMs: number): Iterable<TaskStatus> {
    for (let position = 0; position < this.size; position++) yield this.statusOf(position, nowMs);
  }

  status(nowMs: number): InvocationStatus {
    return rollUpStatus(this.statuses(nowMs));
  }

  /** Takes a cancel for one task. Harmless for a task that has ended or is being cancelled already. */
  cancel(position: number, nowMs: number): void {
    const { status, endedAtMs } = this.stateOf(position, nowMs);
    if (endedAtMs !== undefined || status === 'CANCELLING') return;
    if (status === 'RUNNING' && this.#agentMissesCancel(position)) return;
    this.#cancelledAtMs ??= new Float64Array(this.size).fill(Number.NaN);
    this.#cancelledAtMs[position] = nowMs;
  }

  #agentMissesCancel(position: number): boolean {
    const limit = this.#behaviourOf(position).ignoredCancels ?? 0;
    if (limit === 0) return false;
    this.#missedCancels ??= new Uint8Array(this.size);
    const missed = this.#missedCancels[position] ?? 0;
    if (missed >= limit) return false;
    this.#missedCancels[position] = missed + 1;
    return true;
  }

  #behaviourOf(position: number): TaskBehaviour {
    return this.exceptions?.get(position) ?? this.behaviour;
  }

  #timingOf(position: number): TaskTiming {
    if (this.#uniformTiming !== undefined && !this.exceptions?.has(position)) return this.#uniformTiming;
    return planTask(
      this.#behaviourOf(position),
      this.facts.createdAtMs,
      this.seed,
      this.taskNumber(position),
    );
  }
}
