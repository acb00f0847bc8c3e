import { z } from 'zod';

/** A number, or a flag's text that is one. Empty text is no number. */
function numberFlag(schema: z.ZodNumber) {
  const text = z
    .string()
    .regex(/^\d+(\.\d+)?$/, 'not a number')
    .transform(Number);
  return z.union([z.number(), text]).pipe(schema);
}

const share = () => numberFlag(z.number().min(0).max(1));

/** Settings of a simulator that runs as a process of its own. Flags may come as text. */
export const simulatorOptionsSchema = z
  .strictObject({
    host: z
      .string()
      .default('127.0.0.1')
      .describe('Address to listen on. Anything but loopback opens the control endpoints to that network.'),
    port: numberFlag(z.number().int().min(0).max(65_535))
      .default(4010)
      .describe('Port; 0 takes any free one.'),
    seed: numberFlag(z.number().int().min(0).max(0xffff_ffff))
      .default(1)
      .describe('All chance comes from it: the same seed gives the same ids, latencies and faults.'),
    region: z.string().min(1).default('ap-singapore').describe('Region of the invocations.'),
    invocations: numberFlag(z.number().int().min(0).max(100_000))
      .default(25)
      .describe('Invocations at the start; a million tasks take about 100 MB.'),
    instancesPerInvocation: numberFlag(z.number().int().min(1).max(200))
      .default(200)
      .describe('Instances of each invocation; the cloud takes 200 at most.'),
    commands: numberFlag(z.number().int().min(1).max(100_000))
      .default(1)
      .describe('Commands that the invocations were started from, taking turns.'),
    scheduledCommands: numberFlag(z.number().int().min(0).max(100_000))
      .default(0)
      .describe('How many of the commands an enabled schedule started, and would start again.'),
    finishedShare: share().default(0.05).describe('Share of tasks that have ended before anybody cancels.'),
    pendingShare: share().default(0.1).describe('Share of tasks not delivered yet.'),
    ignoresFirstCancelShare: share()
      .default(0.01)
      .describe('Share of tasks whose agent misses the first cancel, so that only a second one stops them.'),
    cancelMinMs: numberFlag(z.number().min(0)).default(200).describe('Least time from cancel to TERMINATED.'),
    cancelMaxMs: numberFlag(z.number().min(0)).default(1500).describe('Most time from cancel to TERMINATED.'),
    latencyMinMs: numberFlag(z.number().min(0).max(600_000)).default(20).describe('Least time to an answer.'),
    latencyMaxMs: numberFlag(z.number().min(0).max(600_000)).default(80).describe('Most time to an answer.'),
    callsPerSecond: numberFlag(z.number().int().min(0))
      .default(20)
      .describe('Calls per second for each action and sub-account; 0 for no limit.'),
    internalErrorShare: share().default(0).describe('Share of cancels answered InternalError.'),
    limitExceededShare: share().default(0).describe('Share of cancels answered LimitExceeded.'),
    requestLimitExceededShare: share()
      .default(0)
      .describe('Share of cancels answered RequestLimitExceeded beside those that are over the limit.'),
    secretId: z.string().min(1).default('AKIDSIMULATOR').describe('The one SecretId that is known.'),
    secretKey: z.string().min(1).default('simulator-secret-key').describe('Its key; never a real one.'),
    callLogPath: z.string().min(1).optional().describe('A file that gets one line of JSON per call.'),
  })
  .refine((options) => options.latencyMinMs <= options.latencyMaxMs, {
    error: 'latencyMinMs is above latencyMaxMs',
    path: ['latencyMinMs'],
  })
  .refine((options) => options.cancelMinMs <= options.cancelMaxMs, {
    error: 'cancelMinMs is above cancelMaxMs',
    path: ['cancelMinMs'],
  })
  .refine((options) => options.scheduledCommands <= options.commands, {
    error: 'there are fewer commands than that',
    path: ['scheduledCommands'],
  })
  .refine((options) => options.finishedShare + options.pendingShare + options.ignoresFirstCancelShare <= 1, {
    error: 'the shares of finished, pending and ignoring tasks add up to more than 1',
    path: ['finishedShare'],
  });

export type SimulatorProcessOptions = z.infer<typeof simulatorOptionsSchema>;
export type SimulatorProcessInput = z.input<typeof simulatorOptionsSchema>;
