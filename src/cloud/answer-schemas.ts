import { z } from 'zod';
import type { Invocation, InvocationTask, ListedTask } from './tat-client.js';
import type { Invoker, InvokerRecord } from './tat-invokers.js';

// Only what is needed is picked. The rest, CommandContent and Output among it, may hold secrets and goes no further.

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

const count = z.number().int().nonnegative();

/** Several times what the API ever lists in one answer. */
const mostEntries = 500;

/** Looked at as a whole first: a fault in each of a million entries would be a million reports of faults. */
function listOf<Entry extends z.ZodType>(entry: Entry) {
  return z
    .custom<unknown[]>((value) => Array.isArray(value) && value.length <= mostEntries)
    .pipe(z.array(entry));
}

const taskSchema = z
  .object({ InvocationTaskId: text, InstanceId: z.string().min(1), TaskStatus: z.string().min(1) })
  .transform(
    (task): InvocationTask => ({
      invocationTaskId: task.InvocationTaskId,
      instanceId: task.InstanceId,
      status: task.TaskStatus,
    }),
  );

const listedTaskSchema = z
  .object({
    InvocationTaskId: text,
    InstanceId: z.string().min(1),
    TaskStatus: z.string().min(1),
    InvocationId: text,
    CommandId: text,
    CommandName: text,
    InvocationSource: text,
    CreatedTime: text,
  })
  .transform(
    (task): ListedTask => ({
      invocationTaskId: task.InvocationTaskId,
      instanceId: task.InstanceId,
      status: task.TaskStatus,
      invocationId: task.InvocationId,
      commandId: task.CommandId,
      commandName: task.CommandName,
      source: task.InvocationSource,
      createdAt: task.CreatedTime,
    }),
  );

const invokerSchema = z
  .object({
    InvokerId: z.string().min(1),
    Name: text,
    CommandId: text,
    Enable: z.boolean(),
    ScheduleSettings: z.object({ Policy: text, Recurrence: text, InvokeTime: text }).nullish(),
  })
  .transform(
    (invoker): Invoker => ({
      invokerId: invoker.InvokerId,
      name: invoker.Name,
      commandId: invoker.CommandId,
      isEnabled: invoker.Enable,
      policy: invoker.ScheduleSettings?.Policy ?? '',
      recurrence: invoker.ScheduleSettings?.Recurrence ?? '',
      invokeTime: invoker.ScheduleSettings?.InvokeTime ?? '',
    }),
  );

const invokerRecordSchema = z
  .object({ InvokerId: z.string().min(1), InvocationId: text })
  .transform((record): InvokerRecord => ({ invokerId: record.InvokerId, invocationId: record.InvocationId }));

const invocationSchema = z
  .object({
    InvocationId: z.string().min(1),
    CommandId: text,
    CommandName: text,
    InvocationStatus: z.string().min(1),
    InvocationSource: text,
    CreatedTime: text,
    InvocationTaskBasicInfoSet: listOf(taskSchema).nullish(),
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

/** A success that says nothing but its RequestId, which is checked for every answer. */
export const emptyAnswer = z.unknown().transform((): undefined => undefined);

export const invocationsAnswer = z
  .object({ TotalCount: count, InvocationSet: listOf(invocationSchema) })
  .transform((answer) => ({ totalCount: answer.TotalCount, invocations: answer.InvocationSet }));

export const invocationTasksAnswer = z
  .object({ TotalCount: count, InvocationTaskSet: listOf(listedTaskSchema) })
  .transform((answer) => ({ totalCount: answer.TotalCount, tasks: answer.InvocationTaskSet }));

export const invokersAnswer = z
  .object({ TotalCount: count, InvokerSet: listOf(invokerSchema) })
  .transform((answer) => ({ totalCount: answer.TotalCount, invokers: answer.InvokerSet }));

export const invokerRecordsAnswer = z
  .object({ TotalCount: count, InvokerRecordSet: listOf(invokerRecordSchema) })
  .transform((answer) => ({ totalCount: answer.TotalCount, records: answer.InvokerRecordSet }));
