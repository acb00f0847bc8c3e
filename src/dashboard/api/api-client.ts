import { ApiProblem, type ProblemDocument, problemFrom } from './api-problem.js';

const answerWithinMs = 30_000;

/** Told when an answer says that the login is over. */
let onLoginOver: () => void = () => {};

export function whenLoginIsOver(listener: () => void): void {
  onLoginOver = listener;
}

interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Longest wait for the answer; default 30 s. */
  readonly timeoutMs?: number;
}

/**
 * One call to the server. Rejects with an `ApiProblem`, when its time is up at the latest, or with the signal's reason.
 * Undefined for an answer without content.
 */
export async function call<Answer>(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
  const deadline = AbortSignal.timeout(options.timeoutMs ?? answerWithinMs);
  const signal = options.signal === undefined ? deadline : AbortSignal.any([options.signal, deadline]);
  const answer = await send(method, path, options, signal);
  if (answer.status === 204) return undefined as Answer;
  if (!answer.ok) throw await toProblem(answer, path);
  return (await answer.json()) as Answer;
}

async function send(
  method: string,
  path: string,
  { body, headers, signal: outer }: CallOptions,
  signal: AbortSignal,
): Promise<Response> {
  const isChange = method !== 'GET';
  try {
    return await fetch(path, {
      method,
      cache: 'no-store',
      headers: {
        accept: 'application/json, application/problem+json',
        // Both mark a change as coming from this page: no other site can send them along.
        ...(isChange ? { 'content-type': 'application/json', 'x-requested-with': 'tat-cancel' } : {}),
        ...headers,
      },
      ...(isChange ? { body: JSON.stringify(body ?? {}) } : {}),
      signal,
    });
  } catch (error) {
    if (outer?.aborted) throw error;
    const message = signal.aborted
      ? 'The server did not answer in time. What it was asked to do may still be done: look before you try again.'
      : 'The server cannot be reached. Check the connection; nothing else is known.';
    throw new ApiProblem(message, 0, 'UNREACHABLE');
  }
}

async function toProblem(answer: Response, path: string): Promise<ApiProblem> {
  // A proxy in between may answer with anything.
  const document: ProblemDocument = await answer.json().catch(() => ({}));
  if (answer.status === 401 && path !== '/v1/session') onLoginOver();
  return problemFrom(answer.status, document, answer.headers.get('retry-after'));
}
