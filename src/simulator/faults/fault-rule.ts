import { z } from 'zod';

/** Answers that no API should give, and that a client must survive. */
export const brokenAnswers = [
  'hang', // nothing at all
  'reset', // the connection is reset
  'stalled-body', // status and half a body, then nothing
  'cut-body', // half a body of a stated length, then the end
  'cut-chunked-body', // half a body without a stated length, then the end
  'slow-body', // the true answer, in small pieces over delayMs
  'large-body', // the true answer among a megabyte of padding
  'empty-body',
  'not-json',
  'empty-object',
  'no-request-id', // {"Response":{}}
  'event-stream', // the true answer under the wrong content type
] as const;
export type BrokenAnswer = (typeof brokenAnswers)[number];

const callNumber = z.number().int().min(1);

/**
 * What goes wrong, and for which calls. A call that meets all conditions given is hit. Calls are counted from 1, for each
 * rule by itself, over the calls that match its `action` to `whole` and got past signature and call limit.
 */
export const faultRuleSchema = z
  .strictObject({
    action: z.string().optional(),
    region: z.string().optional(),
    secretId: z.string().optional(),
    invocationId: z.string().optional(),
    instanceId: z.string().optional().describe('Hits calls that list this instance.'),
    whole: z.boolean().optional().describe('Hits calls without a list (true), or with one (false).'),

    calls: z.array(callNumber).min(1).optional().describe('The numbers of the calls to hit.'),
    from: callNumber.optional().describe('The number of the first call to hit.'),
    to: callNumber.optional().describe('The number of the last call to hit.'),
    everyNth: callNumber.optional(),
    share: z.number().min(0).max(1).optional().describe('The share of calls to hit, chosen by the seed.'),

    code: z.string().min(1).optional().describe('Answer with this error code.'),
    message: z.string().optional(),
    http: z.number().int().min(200).max(599).optional().describe('Answer with this status and a HTML body.'),
    bodyBytes: z.number().int().min(0).max(50_000_000).optional().describe('Size of that body.'),
    location: z.string().optional().describe('Location header of that answer.'),
    answer: z.enum(brokenAnswers).optional(),
    delayMs: z.number().min(0).optional().describe('Wait before the answer. Alone: the true answer, late.'),
    executes: z
      .boolean()
      .optional()
      .describe('Carry the action out, then answer the failure. Default false.'),
  })
  .refine(
    ({ code, http, answer }) => [code, http, answer].filter((effect) => effect !== undefined).length < 2,
    {
      error: 'only one of code, http and answer may be given',
    },
  )
  .refine(({ code, http, answer, delayMs }) => (code ?? http ?? answer ?? delayMs) !== undefined, {
    error: 'one of code, http, answer and delayMs must be given',
  });

export type FaultRule = z.infer<typeof faultRuleSchema>;

/** True when the fault spoils only the way of the answer, so that the action is carried out as ever. */
export function answersTruthfully({ code, http, answer }: FaultRule): boolean {
  if (answer !== undefined)
    return answer === 'slow-body' || answer === 'large-body' || answer === 'event-stream';
  return code === undefined && http === undefined;
}
