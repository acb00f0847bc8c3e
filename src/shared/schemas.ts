import { z } from 'zod';
import { moreProblems, mostProblems, type Problem } from './errors.js';
import { instanceIdPattern, invocationIdPattern, regionPattern } from './id-patterns.js';
import { webhookUrlSchema } from './webhook.js';

/** The cloud takes at most this many instance ids in one CancelInvocation call. */
export const idsPerCall = 100;

/** A request holds at most this many instances unless the producer is told otherwise. */
export const defaultMaxInstancesPerRequest = 100_000;

export const invocationIdSchema = z
  .string()
  .regex(invocationIdPattern.pattern, invocationIdPattern.complaint);
export const instanceIdSchema = z.string().regex(instanceIdPattern.pattern, instanceIdPattern.complaint);
export const regionSchema = z.string().regex(regionPattern.pattern, regionPattern.complaint);

export const prioritySchema = z.enum(['urgent', 'normal', 'low']);
export type Priority = z.infer<typeof prioritySchema>;

/** An invocation in a region, with a list of instances or, without one, as a whole. */
export const targetSchema = z.strictObject({
  invocationId: invocationIdSchema,
  instanceIds: z
    .array(instanceIdSchema)
    .min(1, 'must not be empty: leave instanceIds out to cancel the whole invocation')
    .optional(),
  region: regionSchema.optional(),
});
export type Target = z.infer<typeof targetSchema>;

export const cancelRequestSchema = z.strictObject({
  targets: z.array(targetSchema).min(1, 'must name at least one target'),
  /** For targets that name no region of their own. */
  region: regionSchema.optional(),
  /** The same key and content gives the first request back instead of a second one. */
  idempotencyKey: z.string().min(1).max(200).optional(),
  priority: prioritySchema.optional(),
  reason: z.string().max(1_000).optional(),
  requestedBy: z.string().max(200).optional(),
  /** False: done as soon as the cloud accepted the call. Default: wait for proof that the tasks stopped. */
  confirm: z.boolean().optional(),
  /** Shared by requests that belong together, for example the parts of one large file. */
  label: z.string().min(1).max(200).optional(),
  /** Gets a signed POST when every instance has its outcome. */
  webhook: webhookUrlSchema.optional(),
});
export type CancelRequest = z.infer<typeof cancelRequestSchema>;

/** What a job in the cancel queue says of itself, for people who look at the queue. The ledger knows what waits. */
export interface CancelJobData {
  readonly region: string;
  readonly invocationId: string;
  readonly priority: Priority;
}

/** The latest that a date can tell. */
const latestMs = 8.64e15;

/** One failed attempt, as kept for the operator. */
export const attemptRecordSchema = z.object({
  at: z.number().min(0).max(latestMs),
  worker: z.string(),
  code: z.string(),
  message: z.string(),
  cloudRequestId: z.string().optional(),
});
export type AttemptRecord = z.infer<typeof attemptRecordSchema>;

/** A target, or a part of one, that cannot be carried out, with the reason. */
export const deadLetterSchema = z.object({
  requestId: z.string(),
  jobId: z.string(),
  target: z.object({
    region: z.string(),
    invocationId: z.string(),
    /** Left out for a whole invocation. */
    instanceIds: z.array(z.string()).optional(),
  }),
  error: z.object({ code: z.string(), message: z.string(), cloudRequestId: z.string().optional() }),
  /** Calls made for it before it was given up. */
  attempts: z.number(),
  /** ISO 8601. */
  firstSeenAt: z.string(),
  /** ISO 8601. */
  deadAt: z.string(),
  history: z.array(attemptRecordSchema),
});
export type DeadLetter = z.infer<typeof deadLetterSchema>;

/** Zod's issues as `path: message` pairs, with array positions in brackets; a hundred and one at most. */
export function describeIssues(error: z.ZodError, root: string | readonly PropertyKey[] = []): Problem[] {
  const at = typeof root === 'string' ? [root] : root;
  const problems = error.issues.slice(0, mostProblems).map((issue) => ({
    path: formatPath([...at, ...issue.path]),
    message: describeIssue(issue),
  }));
  return error.issues.length > mostProblems ? [...problems, moreProblems] : problems;
}

const mostKeysNamed = 10;
const longestKeyNamed = 60;

function describeIssue(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'unrecognized_keys') return issue.message;
  const named = issue.keys.slice(0, mostKeysNamed).map((key) => key.slice(0, longestKeyNamed));
  const others = issue.keys.length - named.length;
  return `unknown field ${named.join(', ')}${others === 0 ? '' : ` and ${others} more`}`;
}

export function formatPath(path: readonly PropertyKey[]): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += text === '' ? String(part) : `.${String(part)}`;
  }
  return text === '' ? 'request' : text;
}
