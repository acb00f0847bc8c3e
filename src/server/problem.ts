import { z } from 'zod';
import { EnqueueError, limitProblems, moreProblems, type Problem } from '../shared/errors.js';

/** What every answer that is none looks like: RFC 9457, `application/problem+json`. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    /** Stable: programs go by this. */
    code: z.string(),
    problems: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    /** As in the X-Request-Id header and the server's log. No cancel request: that is `requestId` everywhere. */
    httpRequestId: z.string(),
  })
  .meta({ id: 'Problem', description: 'Why a request was not carried out (RFC 9457)' });
export type ProblemDocument = z.infer<typeof problemSchema>;

export const problemMediaType = 'application/problem+json';

interface ProblemKind {
  readonly status: number;
  readonly title: string;
}

const kinds = {
  BAD_REQUEST: { status: 400, title: 'The request cannot be read' },
  INVALID_REQUEST: { status: 400, title: 'The request is not valid' },
  UNAUTHENTICATED: { status: 401, title: 'Who are you?' },
  FORBIDDEN: { status: 403, title: 'Not allowed' },
  CROSS_SITE: { status: 403, title: 'Not from this site' },
  NOT_FOUND: { status: 404, title: 'Not found' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'Not by this method' },
  REQUEST_NOT_FOUND: { status: 404, title: 'No such cancel request' },
  DEAD_LETTER_NOT_FOUND: { status: 404, title: 'No such dead letter' },
  IDEMPOTENCY_CONFLICT: { status: 409, title: 'The idempotency key was used for other content' },
  REQUEST_WITHDRAWN: { status: 409, title: 'The request with this key was withdrawn' },
  TOO_LARGE: { status: 413, title: 'The body is too large' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'JSON is wanted' },
  WRONG_HOST: { status: 421, title: 'Not this host' },
  RATE_LIMITED: { status: 429, title: 'Too many requests' },
  DATA_DAMAGED: { status: 500, title: 'What Redis holds is damaged' },
  INTERNAL: { status: 500, title: 'A fault of the server' },
  BUSY: { status: 503, title: 'Too much at once' },
  REDIS_UNAVAILABLE: { status: 503, title: 'Redis cannot be reached' },
  REDIS_REFUSED: { status: 503, title: 'Redis refuses' },
  REDIS_UNFIT: { status: 503, title: 'Redis must not be used as it is set up' },
  TIMEOUT: { status: 503, title: 'It took too long' },
  CLOSING: { status: 503, title: 'The server is going down' },
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof kinds;

/** Ends a request with a problem document. `message` becomes its detail, so it must hold nothing secret. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';

  constructor(
    readonly code: ProblemCode,
    detail: string,
    readonly more: { readonly problems?: readonly Problem[]; readonly retryAfterSeconds?: number } = {},
  ) {
    super(detail);
  }

  get status(): number {
    return kinds[this.code].status;
  }

  toDocument(httpRequestId: string): ProblemDocument {
    const { status, title } = kinds[this.code];
    return {
      type: `urn:tat-cancel:problem:${this.code.toLowerCase().replaceAll('_', '-')}`,
      title,
      status,
      detail: this.message.slice(0, longestDetail),
      code: this.code,
      ...(this.more.problems === undefined ? {} : { problems: withinBounds(this.more.problems) }),
      httpRequestId,
    };
  }
}

const longestDetail = 2_000;
const longestMessage = 500;
const mostProblemBytes = 48 * 1_024;

/** As many as fit into an answer that nobody has to wait for; what is wrong beyond that shows when these are mended. */
function withinBounds(problems: readonly Problem[]): Problem[] {
  const told: Problem[] = [];
  let bytes = 0;
  for (const { path, message } of limitProblems(problems)) {
    const hint = /^unknown field .*\bdryRun\b/.test(message) ? '; dryRun is a query parameter' : '';
    const problem = {
      path: path.slice(0, longestMessage),
      message: message.slice(0, longestMessage) + hint,
    };
    bytes += Buffer.byteLength(JSON.stringify(problem));
    if (bytes > mostProblemBytes) return [...told, moreProblems];
    told.push(problem);
  }
  return told;
}

const retryAfterSeconds = 2;

/**
 * What an error means for the caller; undefined when it is a fault of ours that must not be told in detail.
 * `takesKey`: the request can bear an Idempotency-Key.
 */
export function toProblem(error: unknown, { takesKey = false } = {}): HttpProblem | undefined {
  if (error instanceof HttpProblem) return error;
  if (error instanceof EnqueueError) return fromEnqueueError(error, takesKey);
  if (!(error instanceof Error)) return undefined;
  if (error.name === 'RedisUnfitError') {
    return new HttpProblem('REDIS_UNFIT', error.message, { retryAfterSeconds });
  }
  return fromFrameworkError(error);
}

function fromEnqueueError(error: EnqueueError, takesKey: boolean): HttpProblem {
  switch (error.code) {
    case 'INVALID_REQUEST':
      return new HttpProblem('INVALID_REQUEST', 'The cancel request is not valid; nothing was enqueued.', {
        problems: error.problems,
      });
    case 'IDEMPOTENCY_CONFLICT':
    case 'REQUEST_WITHDRAWN':
    case 'REQUEST_NOT_FOUND':
      return new HttpProblem(error.code, error.message);
    case 'REDIS_UNAVAILABLE':
    case 'REDIS_REFUSED':
      // Its message names the server's Redis, which is nobody's business outside.
      return new HttpProblem(
        error.code,
        takesKey
          ? 'The queue cannot be used right now. Repeat the request; with the same Idempotency-Key it is carried out once.'
          : `Redis ${error.code === 'REDIS_REFUSED' ? 'refuses' : 'does not answer'}; nothing that was accepted is lost.`,
        { retryAfterSeconds },
      );
    case 'DATA_DAMAGED':
      return new HttpProblem(
        error.code,
        'What Redis holds of this was changed by hand and cannot be read. The operator finds more in the log of the server, and by tat-cancel doctor.',
      );
    case 'CLOSED':
      return new HttpProblem('CLOSING', 'The server is going down. Repeat the request.', {
        retryAfterSeconds,
      });
  }
}

function fromFrameworkError(error: Error): HttpProblem | undefined {
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  if (statusCode === 413) return new HttpProblem('TOO_LARGE', 'The body is larger than this route takes.');
  if (statusCode === 415) {
    return new HttpProblem('UNSUPPORTED_MEDIA_TYPE', 'Send JSON, with Content-Type: application/json.');
  }
  if (code === 'FST_ERR_HANDLER_TIMEOUT') {
    return new HttpProblem('TIMEOUT', 'There was no answer in time. Repeat the request.', {
      retryAfterSeconds,
    });
  }
  if (code === 'FST_ERR_REOPENED_CLOSE_SERVER' || statusCode === 503) {
    return new HttpProblem('CLOSING', 'The server cannot answer right now. Repeat the request.', {
      retryAfterSeconds,
    });
  }
  if (statusCode === 404) return new HttpProblem('NOT_FOUND', 'There is nothing here.');
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    return new HttpProblem('BAD_REQUEST', error.message);
  }
  return undefined;
}
