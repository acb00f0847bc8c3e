import { drawUnit } from '../seeded-random.js';
import type { Simulator } from '../simulator.js';
import type { TaskBehaviour } from '../world/task-behaviour.js';
import type { SimulatorProcessOptions } from './simulator-process-options.js';

const mixStream = 700;

/** Fills a world with running commands, some of them finished, waiting or deaf, in the shares that the options give. */
export function seedWorld(simulator: Simulator, options: SimulatorProcessOptions): void {
  const { region, invocations, instancesPerInvocation: instances } = options;
  const commandIds = Array.from({ length: options.commands }, (_, number) =>
    simulator.world.identifiers.commandId(number),
  );
  const invokerIds = commandIds
    .slice(0, options.scheduledCommands)
    .map((commandId) => simulator.addInvoker({ region, commandId }).invokerId);
  const running: TaskBehaviour = { cancelMs: [options.cancelMinMs, options.cancelMaxMs] };
  for (let number = 0; number < invocations; number++) {
    const exceptions: Record<string, TaskBehaviour> = {};
    for (let position = 0; position < instances; position++) {
      const draw = drawUnit(options.seed, mixStream, number * instances + position);
      const exception = exceptionFor(draw, running, options);
      if (exception !== undefined) exceptions[position] = exception;
    }
    const invokerId = invokerIds[number % options.commands];
    simulator.addInvocation({
      region,
      instances,
      behaviour: running,
      exceptions,
      command: { commandId: commandIds[number % options.commands] ?? '' },
      ...(invokerId === undefined ? {} : { invokerId }),
    });
  }
}

function exceptionFor(
  draw: number,
  running: TaskBehaviour,
  { finishedShare, pendingShare, ignoresFirstCancelShare }: SimulatorProcessOptions,
): TaskBehaviour | undefined {
  if (draw < finishedShare) return finished;
  if (draw < finishedShare + pendingShare) return pending;
  if (draw < finishedShare + pendingShare + ignoresFirstCancelShare) return { ...running, ignoredCancels: 1 };
  return undefined;
}

// One object for all tasks alike, since a world may have a million.
const finished: TaskBehaviour = { runMs: 0 };
const pending: TaskBehaviour = { pendingMs: 'never' };
