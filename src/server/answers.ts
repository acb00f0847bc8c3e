import { z } from 'zod';
import { auditEntrySchema } from '../shared/audit/audit-entry.js';
import { blockScopes } from '../shared/failure-policy.js';
import { instanceStates } from '../shared/ledger/outcome.js';
import { deadLetterSchema, prioritySchema } from '../shared/schemas.js';
import { roles } from '../shared/settings/index.js';
import { webhookStates } from '../shared/webhook.js';

// What the routes answer, for the description of the interface. Tests hold the answers against it.

const isoTime = z.iso.datetime();
const count = z.int().min(0);

/** An object with the same kind of value under each of these names. */
function eachOf<Name extends string, Value extends z.ZodType>(names: readonly Name[], value: Value) {
  return z.object(Object.fromEntries(names.map((name) => [name, value])) as Record<Name, Value>);
}

export const requestStates = ['waiting', 'running', 'finished', 'withdrawn'] as const;

export const sessionSchema = z.object({ name: z.string(), role: z.enum(roles) }).meta({ id: 'Session' });

export const heldStateSchema = z
  .object({
    code: z.string(),
    message: z.string(),
    region: z.string(),
    since: z.number().meta({ description: 'Milliseconds since the epoch' }),
    worker: z.string(),
    scope: z.enum(blockScopes).meta({ description: 'Which calls would fail for the same cause' }),
    accessPoint: z.string().optional(),
    targets: count.optional().meta({ description: 'How many targets are refused' }),
  })
  .meta({
    id: 'HeldState',
    description:
      'Why calls are not made: key, region, endpoint, the way to the cloud, or rights are at fault',
  });

const pausedSchema = z.union([
  z.boolean(),
  z.object({ since: z.number(), by: z.string().optional(), reason: z.string().optional() }),
]);

const requestStatusShape = {
  requestId: z.string(),
  state: z.enum(requestStates),
  total: count.meta({ description: 'A whole invocation counts as one until its members are known' }),
  counts: eachOf(instanceStates, count),
  jobs: count,
  calls: count,
  priority: prioritySchema,
  confirm: z.boolean(),
  acceptedAt: isoTime,
  firstCallAt: isoTime.optional(),
  lastCallAt: isoTime.optional(),
  settledAt: isoTime.optional(),
  withdrawnAt: isoTime.optional(),
  callsPerSecond: z.number().optional(),
  timeToStopMs: z.object({ p50: z.number(), p99: z.number() }).optional(),
  reason: z.string().optional(),
  requestedBy: z.string().optional(),
  label: z.string().optional(),
  webhook: z
    .object({
      url: z.string(),
      state: z.enum(webhookStates),
      attempts: count,
      error: z.string().optional(),
    })
    .optional(),
  damaged: z
    .array(z.string())
    .optional()
    .meta({ description: 'What Redis holds of these cannot be read; look at tat-cancel doctor' }),
};

export const requestStatusSchema = z.object(requestStatusShape).meta({ id: 'RequestStatus' });

export const requestProgressSchema = z
  .object({
    ...requestStatusShape,
    etaSeconds: z.number().nullable(),
    held: heldStateSchema.nullable(),
    paused: pausedSchema,
  })
  .meta({ id: 'RequestProgress' });

export const enqueuedSchema = z
  .object({
    requestId: z.string(),
    instances: count,
    jobs: count,
    duplicate: z.boolean().meta({ description: 'The same key and content was accepted before' }),
    state: z.enum(requestStates).meta({ description: 'Where it stands: waiting, unless it is a duplicate' }),
  })
  .meta({ id: 'EnqueuedRequest' });

export const previewSchema = z
  .object({
    invocations: count,
    wholeInvocations: count,
    instances: count.meta({ description: 'Without those of whole invocations, which are not known yet' }),
    calls: count.meta({
      description: 'If nothing else waits; fewer when others ask for the same invocations',
    }),
    secondsAtLimit: z.number(),
  })
  .meta({ id: 'RequestPreview' });

export const requestPageSchema = z
  .object({ requests: z.array(requestStatusSchema), nextCursor: z.string().optional() })
  .meta({ id: 'RequestPage' });

export const instanceRecordSchema = z
  .object({
    requestId: z.string(),
    region: z.string(),
    invocationId: z.string(),
    instanceId: z.string().optional(),
    state: z.enum(instanceStates),
    taskStatus: z.string().optional(),
    cloudRequestId: z.string().optional(),
  })
  .meta({ id: 'InstanceRecord' });

export const instancePageSchema = z
  .object({ instances: z.array(instanceRecordSchema), nextCursor: z.string().optional() })
  .meta({ id: 'InstancePage' });

export const storedLetterSchema = deadLetterSchema.extend({ id: z.string() }).meta({ id: 'DeadLetter' });

export const letterPageSchema = z
  .object({ deadLetters: z.array(storedLetterSchema), nextCursor: z.string().optional(), total: count })
  .meta({ id: 'DeadLetterPage' });

export const letterGroupsSchema = z
  .object({
    groups: z.array(
      z.object({
        code: z.string(),
        letters: count,
        instances: count,
        firstDeadAt: isoTime,
        lastDeadAt: isoTime,
        examples: z.array(storedLetterSchema),
        meaning: z.string().meta({ description: 'What happened, in one sentence' }),
        advice: z.string().meta({ description: 'What to do about it' }),
      }),
    ),
  })
  .meta({ id: 'DeadLetterGroups' });

export const letterResultSchema = z
  .object({
    dryRun: z.boolean(),
    letters: count,
    instances: count,
    unknown: z.array(z.string()).meta({ description: 'Left alone: their request is not known (any more)' }),
    missing: z.array(z.string()).meta({ description: 'Ids of the order that no letter has (any more)' }),
  })
  .meta({ id: 'LetterResult' });

const callSecondSchema = z
  .object({ second: z.int(), calls: count, instances: count, refusals: count })
  .meta({ id: 'CallSecond' });

const waitingSchema = z.object({ jobs: z.number(), instances: z.number() });

const liveLimitSchema = z
  .object({
    callsPerSecond: z.int(),
    since: z.number().meta({ description: 'Milliseconds since the epoch' }),
    by: z.string().optional(),
    reason: z.string().optional(),
  })
  .nullable();

export const overviewSchema = z
  .object({
    at: isoTime,
    callsPerSecondLimit: z.number().nullable(),
    pace: z.number().nullable(),
    callsPerSecond: z.number(),
    instancesPerSecond: z.number(),
    refusals: z.object({ lastMinute: count }),
    waiting: eachOf(prioritySchema.options, waitingSchema),
    unsettledRequests: count,
    oldestWaiting: z
      .object({ requestId: z.string(), acceptedAt: isoTime, ageSeconds: z.number() })
      .nullable(),
    held: heldStateSchema.nullable(),
    blocked: z
      .array(heldStateSchema)
      .meta({ description: 'What keeps some calls back, while all others go on' }),
    paused: pausedSchema,
    liveLimit: liveLimitSchema,
    workers: z.array(
      z.looseObject({
        name: z.string(),
        at: z.number(),
        startedAt: z.number(),
        callsPerSecond: z.number(),
        callsPerSecondLimit: z.number().optional(),
        endpoint: z.string().optional(),
        jobs: count,
        refusals: count,
      }),
    ),
    deadLetters: count,
    queues: z.array(
      z.object({
        name: z.string(),
        waiting: count,
        prioritized: count,
        active: count,
        delayed: count,
        failed: count,
        completed: count,
      }),
    ),
    history: z.array(callSecondSchema).meta({ description: 'The last ten minutes, second by second' }),
  })
  .meta({ id: 'QueueOverview' });

export const pageSettingsSchema = z
  .object({ callsPerSecond: z.number(), instancesPerRequest: count, idsPerCall: count })
  .meta({ id: 'PageSettings' });

export const auditPageSchema = z
  .object({
    entries: z.array(auditEntrySchema.meta({ id: 'AuditEntry' })),
    nextCursor: z.string().optional(),
  })
  .meta({ id: 'AuditPage' });

export const limitAnswerSchema = z
  .object({
    callsPerSecond: z.number().meta({ description: 'What all workers keep to' }),
    setting: z.number().meta({ description: 'What they are set to with CALLS_PER_SECOND' }),
    live: liveLimitSchema.meta({ description: 'What was set at run time; null when nothing was' }),
  })
  .meta({ id: 'LimitAnswer' });

export const pausedAnswerSchema = z.object({ paused: z.boolean() }).meta({ id: 'PauseAnswer' });
