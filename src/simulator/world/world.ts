import type { Clock } from '../../shared/clock.js';
import { Identifiers, type InstanceKind, instanceKindOf } from './identifiers.js';
import { type InvokerSpec, Invokers, type SimulatedInvoker } from './invokers.js';
import {
  type CommandFacts,
  maxInstancesPerInvocation,
  SimulatedInvocation,
  taskNumbersPerInvocation,
} from './simulated-invocation.js';
import { type Behaviour, resolveBehaviour, type TaskBehaviour } from './task-behaviour.js';
import { type TaskState, type TaskStatus, taskStatuses } from './task-state.js';

/** What to put into the world. Whatever is left out is made up from the seed. */
export interface InvocationSpec {
  readonly region?: string;
  readonly invocationId?: string;
  /** The instances by id, at most 200; or leave it out and say how many. */
  readonly instanceIds?: readonly string[];
  /** How many instances to make up; default 1. */
  readonly instances?: number;
  readonly instanceKind?: InstanceKind;
  readonly behaviour?: Behaviour;
  /** Instances, by id or position in the list, that behave otherwise than the rest. */
  readonly exceptions?: Readonly<Record<string, Behaviour>>;
  /** How long ago it was created; default 0. */
  readonly ageMs?: number;
  readonly command?: Partial<CommandFacts>;
  /** The invoker that started it, and that keeps a record of this. It must have been added before. */
  readonly invokerId?: string;
}

/** One task, as seen from outside the API. */
export interface SimulatedTask extends TaskState {
  readonly invocationTaskId: string;
  readonly instanceId: string;
}

export interface WorldSettings {
  readonly seed: number;
  readonly clock: Clock;
  readonly defaultRegion: string;
  /** Planted in the command's content and parameters: it must never turn up in a client's logs. */
  readonly plantedSecret: string;
}

/** All invocations that the simulated cloud knows. */
export class World {
  readonly identifiers: Identifiers;
  readonly invokers: Invokers;
  readonly #byId = new Map<string, SimulatedInvocation>();
  readonly #inOrder: SimulatedInvocation[] = [];
  /** What a command is that nobody described. */
  readonly command: Omit<CommandFacts, 'commandId'>;
  #instancesMade = 0;

  constructor(private readonly settings: WorldSettings) {
    this.identifiers = new Identifiers(settings.seed);
    this.invokers = new Invokers(this.identifiers, settings.defaultRegion);
    this.command = plantedCommand(settings.plantedSecret);
  }

  get size(): number {
    return this.#inOrder.length;
  }

  /** Adds an invocation. Throws a RangeError for no or too many instances, or an invocation id that is taken. */
  add(spec: InvocationSpec = {}): SimulatedInvocation {
    const number = this.#inOrder.length;
    const invocationId = spec.invocationId ?? this.identifiers.invocationId(number);
    if (this.#byId.has(invocationId)) throw new RangeError(`invocation ${invocationId} exists already`);
    const size = spec.instanceIds?.length ?? spec.instances ?? 1;
    if (size < 1 || size > maxInstancesPerInvocation) {
      throw new RangeError(`an invocation has 1 to ${maxInstancesPerInvocation} instances`);
    }
    const instanceIds = spec.instanceIds ?? this.#makeInstances(size, spec.instanceKind ?? 'CVM');
    const invoker = spec.invokerId === undefined ? undefined : this.invokers.get(spec.invokerId);
    const facts = {
      number,
      region: spec.region ?? this.settings.defaultRegion,
      invocationId,
      instanceKind: spec.instanceKind ?? instanceKindOf(instanceIds[0] ?? ''),
      instanceIds,
      createdAtMs: this.settings.clock.now() - (spec.ageMs ?? 0),
      command: { commandId: this.identifiers.commandId(number), ...this.command, ...spec.command },
      ...(invoker === undefined ? {} : { invokerId: invoker.facts.invokerId }),
    };
    const exceptions = resolveExceptions(spec, instanceIds);
    const behaviour = resolveBehaviour(spec.behaviour);
    const invocation = new SimulatedInvocation(facts, behaviour, exceptions, this.settings.seed);
    this.#byId.set(invocationId, invocation);
    this.#inOrder.push(invocation);
    invoker?.records.push({ invocationId, invokedAtMs: facts.createdAtMs });
    return invocation;
  }

  addInvoker(spec: InvokerSpec = {}): SimulatedInvoker {
    return this.invokers.add(spec, this.settings.clock.now());
  }

  /** The time of an invoker has come: its command starts on its instances, unless it is disabled. */
  invoke(invokerId: string, behaviour?: Behaviour): SimulatedInvocation | undefined {
    const { facts, enabled } = this.invokers.get(invokerId);
    if (!enabled) return undefined;
    return this.add({
      region: facts.region,
      ...(facts.instanceIds.length === 0 ? {} : { instanceIds: facts.instanceIds }),
      ...(behaviour === undefined ? {} : { behaviour }),
      command: { commandId: facts.commandId },
      invokerId,
    });
  }

  /** The invocation of that id, if it lives in that region. */
  find(region: string, invocationId: string): SimulatedInvocation | undefined {
    const invocation = this.#byId.get(invocationId);
    return invocation?.facts.region === region ? invocation : undefined;
  }

  /** In order of creation. */
  invocations(): readonly SimulatedInvocation[] {
    return this.#inOrder;
  }

  /** Whose task that id is, with its position. */
  findTaskById(taskId: string): { invocation: SimulatedInvocation; position: number } | undefined {
    const number = this.identifiers.taskNumber(taskId);
    if (number === undefined) return undefined;
    const position = number % taskNumbersPerInvocation;
    const invocation = this.#inOrder[Math.floor(number / taskNumbersPerInvocation)];
    return invocation !== undefined && position < invocation.size ? { invocation, position } : undefined;
  }

  task(invocationId: string, instanceId: string): SimulatedTask | undefined {
    const invocation = this.#byId.get(invocationId);
    const position = invocation?.positionOf(instanceId) ?? -1;
    if (invocation === undefined || position < 0) return undefined;
    const state = invocation.stateOf(position, this.settings.clock.now());
    return {
      ...state,
      instanceId,
      invocationTaskId: this.identifiers.taskId(invocation.taskNumber(position)),
    };
  }

  /** Looks at every task: about a tenth of a second for a million. Statuses that no task has are left out. */
  countByStatus(): Partial<Record<TaskStatus, number>> {
    const counts = new Map<TaskStatus, number>();
    const nowMs = this.settings.clock.now();
    for (const invocation of this.#inOrder) {
      for (const status of invocation.statuses(nowMs)) counts.set(status, (counts.get(status) ?? 0) + 1);
    }
    const inOrder = taskStatuses.filter((status) => counts.has(status));
    return Object.fromEntries(inOrder.map((status) => [status, counts.get(status) ?? 0]));
  }

  #makeInstances(length: number, kind: InstanceKind): string[] {
    return Array.from({ length }, () => this.identifiers.instanceId(kind, this.#instancesMade++));
  }
}

function resolveExceptions(
  spec: InvocationSpec,
  instanceIds: readonly string[],
): ReadonlyMap<number, TaskBehaviour> | undefined {
  if (spec.exceptions === undefined) return undefined;
  const exceptions = new Map<number, TaskBehaviour>();
  for (const [key, behaviour] of Object.entries(spec.exceptions)) {
    const position = /^\d+$/.test(key) ? Number(key) : instanceIds.indexOf(key);
    if (position < 0 || position >= instanceIds.length) throw new RangeError(`no instance ${key} to except`);
    exceptions.set(position, resolveBehaviour(behaviour));
  }
  return exceptions;
}

function plantedCommand(secret: string): Omit<CommandFacts, 'commandId'> {
  return {
    commandName: 'simulated-command',
    commandType: 'SHELL',
    content: Buffer.from(`#!/bin/sh\nexport PASSWORD='${secret}'\nwhile :; do sleep 1; done\n`).toString(
      'base64',
    ),
    parameters: JSON.stringify({ password: secret }),
    username: 'root',
    workingDirectory: '/root',
    timeoutSeconds: 86_400,
    description: '',
  };
}
