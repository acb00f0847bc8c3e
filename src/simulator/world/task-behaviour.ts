import { z } from 'zod';
import { drawBetween } from '../seeded-random.js';

/** Milliseconds, a range to draw from per task, or for ever. */
export const durationSchema = z.union([
  z.number().min(0),
  z.literal('never'),
  z.tuple([z.number().min(0), z.number().min(0)]).readonly(),
]);
export type Duration = z.infer<typeof durationSchema>;

export const taskEndings = ['SUCCESS', 'FAILED', 'TIMEOUT', 'DELIVER_FAILED', 'START_FAILED'] as const;
export type TaskEnding = (typeof taskEndings)[number];

/** How a task lives, counted from the creation of its invocation. What is left out has the default. */
export const taskBehaviourSchema = z.strictObject({
  pendingMs: durationSchema.optional().describe('How long it is PENDING. Default 0.'),
  deliveringMs: durationSchema.optional().describe('How long it is DELIVERING after that. Default 0.'),
  deliverDelayed: z.boolean().optional().describe('Show DELIVER_DELAYED instead of DELIVERING.'),
  runMs: durationSchema
    .optional()
    .describe('How long it is RUNNING before it ends by itself. Default never.'),
  ending: z.enum(taskEndings).optional().describe('How it ends when nobody cancels it. Default SUCCESS.'),
  cancelMs: durationSchema
    .optional()
    .describe('How long a running task is CANCELLING. Default 100. Never: the agent is gone.'),
  agentTimeoutMs: durationSchema
    .optional()
    .describe('When the agent is gone: how long until TASK_TIMEOUT. Default never.'),
  ignoredCancels: z
    .number()
    .int()
    .min(0)
    .max(255)
    .optional()
    .describe('How many cancels the agent misses while RUNNING. Default 0.'),
});
export type TaskBehaviour = z.infer<typeof taskBehaviourSchema>;

/** Lives worth a name. */
export const namedBehaviours = {
  /** Runs until it is cancelled. */
  running: {},
  /** Is never delivered; a cancel makes it CANCELLED at once. */
  pending: { pendingMs: 'never' },
  /** Has ended by itself before anybody could cancel it. */
  finished: { runMs: 0 },
  /** The agent misses the first cancel, as it can when task and cancel reach it together: the second one works. */
  ignoresFirstCancel: { ignoredCancels: 1 },
  /** The agent never answers: the task stays CANCELLING. */
  agentGone: { cancelMs: 'never' },
} as const satisfies Record<string, TaskBehaviour>;
export type BehaviourName = keyof typeof namedBehaviours;

export const behaviourSchema = z.union([
  z.enum(Object.keys(namedBehaviours) as [BehaviourName, ...BehaviourName[]]),
  taskBehaviourSchema,
]);
export type Behaviour = z.infer<typeof behaviourSchema>;

export function resolveBehaviour(behaviour: Behaviour = {}): TaskBehaviour {
  return typeof behaviour === 'string' ? namedBehaviours[behaviour] : behaviour;
}

/** The moments of one task's life, in epoch milliseconds; Infinity for what never comes. */
export interface TaskTiming {
  readonly createdAtMs: number;
  readonly deliverAtMs: number;
  readonly startAtMs: number;
  readonly endAtMs: number;
  readonly cancelMs: number;
  readonly agentTimeoutMs: number;
  readonly ending: TaskEnding;
  readonly deliverDelayed: boolean;
}

/** Lays a behaviour out in time for one task. The number makes ranges come out differently from task to task. */
export function planTask(
  behaviour: TaskBehaviour,
  createdAtMs: number,
  seed: number,
  taskNumber: number,
): TaskTiming {
  const draw = (duration: Duration, stream: number) => drawDuration(duration, seed, stream, taskNumber);
  const deliverAtMs = createdAtMs + draw(behaviour.pendingMs ?? 0, 1);
  const startAtMs = deliverAtMs + draw(behaviour.deliveringMs ?? 0, 2);
  return {
    createdAtMs,
    deliverAtMs,
    startAtMs,
    endAtMs: startAtMs + draw(behaviour.runMs ?? 'never', 3),
    cancelMs: draw(behaviour.cancelMs ?? 100, 4),
    agentTimeoutMs: draw(behaviour.agentTimeoutMs ?? 'never', 5),
    ending: behaviour.ending ?? 'SUCCESS',
    deliverDelayed: behaviour.deliverDelayed ?? false,
  };
}

/** True when every task of this behaviour has the same timing, so that one plan serves them all. */
export function isUniform(behaviour: TaskBehaviour): boolean {
  return !Object.values(behaviour).some((value) => Array.isArray(value));
}

function drawDuration(duration: Duration, seed: number, stream: number, taskNumber: number): number {
  if (duration === 'never') return Number.POSITIVE_INFINITY;
  if (typeof duration === 'number') return duration;
  return Math.round(drawBetween(seed, 16 + stream, taskNumber, duration[0], duration[1]));
}
