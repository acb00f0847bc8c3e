import { z } from 'zod';
import type { Invocation, InvocationTask } from './tat-client.js';

// Only what is needed is picked. The rest, CommandContent and Output among it, may hold secrets and goes no further.

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

const count = z.number().int().nonnegative();

const taskSchema = z
  .object({ InvocationTaskId: text, InstanceId: z.string().min(1), TaskStatus: z.string().min(1) })
  .transform(
    (task): InvocationTask => ({
      invocationTaskId: task.InvocationTaskId,
      instanceId: task.InstanceId,
      status: task.TaskStatus,
    }),
  );

const invocationSchema = z
  .object({
    InvocationId: z.string().min(1),
    CommandId: text,
    CommandName: text,
    InvocationStatus: z.string().min(1),
    InvocationSource: text,
    CreatedTime: text,
    InvocationTaskBasicInfoSet: z.array(taskSchema).nullish(),
  })
  .transform(
    (invocation): Invocation => ({
      invocationId: invocation.InvocationId,
      commandId: invocation.CommandId,
      commandName: invocation.CommandName,
      status: invocation.InvocationStatus,
      source: invocation.InvocationSource,
      createdAt: invocation.CreatedTime,
      tasks: invocation.InvocationTaskBasicInfoSet ?? [],
    }),
  );

/** A successful cancel says nothing but its RequestId, which is checked for every answer. */
export const cancelAnswer = z.unknown().transform((): undefined => undefined);

export const invocationsAnswer = z
  .object({ TotalCount: count, InvocationSet: z.array(invocationSchema) })
  .transform((answer) => ({ totalCount: answer.TotalCount, invocations: answer.InvocationSet }));

export const invocationTasksAnswer = z
  .object({ TotalCount: count, InvocationTaskSet: z.array(taskSchema) })
  .transform((answer) => ({ totalCount: answer.TotalCount, tasks: answer.InvocationTaskSet }));
