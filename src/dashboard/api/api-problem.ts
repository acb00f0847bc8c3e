export interface FieldProblem {
  readonly path: string;
  readonly message: string;
}

export interface ProblemDocument {
  readonly title?: string;
  readonly status?: number;
  readonly detail?: string;
  readonly code?: string;
  readonly problems?: readonly FieldProblem[];
  readonly httpRequestId?: string;
}

/** Why the server did not do what the page asked for. `message` is for people. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';

  constructor(
    message: string,
    /** 0 when there was no answer at all. */
    readonly status: number,
    readonly code: string,
    readonly problems: readonly FieldProblem[] = [],
    /** Seconds after which the server wants to be asked again. */
    readonly retryAfterSeconds?: number,
    /** Finds the request in the server's log. */
    readonly traceId?: string,
  ) {
    super(message);
  }
}

/** The server is there, but for the moment it can't; or there is no way to it. */
export function isPassing(problem: unknown): boolean {
  return problem instanceof ApiProblem && (problem.status === 0 || problem.status >= 502);
}

export function problemFrom(
  status: number,
  document: ProblemDocument,
  retryAfter: string | null,
): ApiProblem {
  const seconds = retryAfter === null ? Number.NaN : Number(retryAfter);
  return new ApiProblem(
    messageOf(status, document, seconds),
    status,
    document.code ?? `HTTP_${status}`,
    document.problems ?? [],
    Number.isFinite(seconds) ? seconds : undefined,
    document.httpRequestId,
  );
}

function messageOf(status: number, { title, detail }: ProblemDocument, retryAfter: number): string {
  const told = detail ?? title;
  switch (status) {
    case 401:
      return told ?? 'You are not logged in any more.';
    case 403:
      return told ?? 'Your role may not do this.';
    case 429:
      return Number.isFinite(retryAfter)
        ? `Too many requests: try again in ${Math.ceil(retryAfter)} s.`
        : 'Too many requests: try again in a moment.';
    case 503:
      return told ?? 'The server cannot reach Redis for the moment. Try again shortly.';
    default:
      return told ?? `The server answered with ${status}.`;
  }
}

/** What to show for anything that was thrown. */
export function describeProblem(problem: unknown): string {
  return problem instanceof Error ? problem.message : String(problem);
}
