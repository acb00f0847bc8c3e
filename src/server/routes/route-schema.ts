import { z } from 'zod';
import { problemMediaType, problemSchema } from '../problem.js';

const problem = (description: string) => ({
  description,
  content: { [problemMediaType]: { schema: problemSchema } },
});

const problems = {
  400: problem('Not valid: all that is wrong is listed'),
  401: problem('No token, or none that is known'),
  403: problem('The role does not do, or the change does not come from this site'),
  404: problem('Not known (any more)'),
  409: problem('The idempotency key was used before, for other content or for a request that was withdrawn'),
  413: problem('The body is too large'),
  415: problem('Not JSON'),
  421: problem('The server does not answer for this host name'),
  429: problem('Too many requests; Retry-After says when to come back'),
  500: problem('A fault of the server, or of what somebody changed in Redis by hand'),
  503: problem('Redis cannot be used right now; Retry-After says when to come back'),
} as const;

type ProblemStatus = keyof typeof problems;

type Answers = Readonly<Record<number, z.ZodType>>;

/**
 * The answers of a route: its own, the problems that any route may have, and those of its own. What handlers return is
 * held against them by tests, and not by the compiler, to which read-only lists and open-ended fields are other types.
 */
export function answers(
  own: Readonly<Record<number, unknown>>,
  ...problemStatuses: ProblemStatus[]
): Answers {
  const statuses: ProblemStatus[] = [400, 401, 403, 421, 429, 500, 503, ...problemStatuses];
  const failures = Object.fromEntries(statuses.map((status) => [status, problems[status]]));
  return { ...own, ...failures } as unknown as Answers;
}

/** The same for a route that anybody may ask at any time. */
export function plainAnswers(own: Answers): Answers {
  return { ...own, 421: problems[421] } as unknown as Answers;
}

/** A query parameter that is a whole number, as text has it. */
export function numberInQuery(min: number, max: number) {
  return z.int('must be a whole number, in digits').min(min).max(max);
}

/** The one way to ask what a change would do. */
export const dryRunInQuery = z
  .enum(['true', 'false'], 'must be true or false')
  .optional()
  .meta({ description: 'Only say what would happen' });

/** Where a page begins. Opaque: as the page before it said. */
export const cursorInQuery = z
  .string()
  .max(300)
  .optional()
  .meta({ description: 'nextCursor of the page before' });

export const numericCursorInQuery = z
  .string()
  .regex(/^\d{1,15}$/, 'is no cursor of this list')
  .optional()
  .meta({ description: 'nextCursor of the page before' });

export const requestIdParams = z.object({
  id: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,100}$/, 'is not the id of a cancel request')
    .meta({ description: 'Id of the cancel request' }),
});

/** A body that may as well be left out. */
export const noBody = z.strictObject({}).nullish();

/** Answers that are text of some other kind than JSON. */
export function textAnswer(mediaType: string, description: string) {
  return { description, content: { [mediaType]: { schema: z.string() } } };
}
