import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import type { Failure } from '../shared/failure.js';
import { createFailure } from '../shared/failure-table.js';
import { CallEndedError } from './call-ended.js';
import { CallEnding } from './call-ending.js';
import { classifyCloudError } from './classify-cloud-error.js';
import { type Credential, type CredentialSource, CredentialsUnavailableError } from './credentials.js';
import type { CallResult } from './tat-client.js';
import { type Departure, traceHeader, type WatchedAgent, type WireTrace } from './watched-agent.js';

export interface RequestOptions {
  readonly signal: AbortSignal;
  readonly headers: Record<string, string>;
}

export interface ApiCall<Value> {
  /** Sends the request, signed with this key, and resolves with the answer's `Response`. */
  send(credential: Credential, options: RequestOptions): Promise<unknown>;
  readonly answer: z.ZodType<Value>;
  /** The caller's way to end the call early. */
  readonly signal?: AbortSignal | undefined;
  /** The last look before the request leaves, and the news that it has. */
  readonly departure: Departure;
}

export interface CallDeps {
  readonly credentials: CredentialSource;
  readonly watchedAgent: WatchedAgent;
  /** From the call of this function to the last byte of the answer. */
  readonly timeoutMs: number;
  /** The calls under way, for the client to give up when it closes. */
  readonly underWay: Set<CallEnding>;
}

/**
 * Makes one API call and tells its result as a value. It holds the whole call to one deadline, whatever it waits
 * for, because the SDK's own timers leave out credentials and the queue for a connection, and start again for the
 * body. It never sends a second request: that would escape the shared limit of calls.
 */
export async function callApi<Value>(call: ApiCall<Value>, deps: CallDeps): Promise<CallResult<Value>> {
  const ending = new CallEnding(deps.timeoutMs, call.signal);
  const traceId = randomUUID();
  const trace = deps.watchedAgent.watch(traceId, (reason) => ending.end(reason), call.departure);
  deps.underWay.add(ending);
  let credential: Credential | undefined;
  let result: CallResult<Value>;
  try {
    credential = await fetchCredential(deps.credentials, ending);
    const options = { signal: ending.signal, headers: { [traceHeader]: traceId } };
    result = readAnswer(await ending.orEnded(call.send(credential, options)), call.answer);
  } catch (thrown) {
    result = failedResult(thrown, ending, trace, credential, deps.credentials);
  }
  ending.stop();
  deps.underWay.delete(ending);
  deps.watchedAgent.unwatch(traceId);
  // An answer that was not read to its end would keep its connection for ever.
  if (!result.ok) ending.end(new CallEndedError('CallAborted', 'The call is over.'));
  return result;
}

/** A key within the call's deadline. That none came in time is the source's failure, which no attempt pays for. */
async function fetchCredential(credentials: CredentialSource, ending: CallEnding): Promise<Credential> {
  try {
    return await ending.orEnded(credentials.get(ending.signal));
  } catch (thrown) {
    if (thrown instanceof CredentialsUnavailableError) throw thrown;
    if (ending.reason !== undefined && ending.reason.code !== 'CallTimeout') throw ending.reason;
    const reason = ending.reason === undefined ? String(thrown) : 'no answer before the deadline of the call';
    throw new CredentialsUnavailableError([{ source: 'credentials', reason }]);
  }
}

function readAnswer<Value>(response: unknown, answer: z.ZodType<Value>): CallResult<Value> {
  const cloudRequestId = requestIdOf(response);
  if (cloudRequestId === '') {
    return { ok: false, failure: createFailure('MissingRequestId', 'The answer has no RequestId.') };
  }
  const parsed = answer.safeParse(response);
  if (parsed.success) return { ok: true, cloudRequestId, value: parsed.data };
  const paths = parsed.error.issues.map((issue) => issue.path.join('.')).slice(0, 5);
  const message = `The answer has unexpected fields at ${paths.join(', ')}.`;
  return { ok: false, failure: createFailure('MalformedAnswer', message, cloudRequestId) };
}

const longestRequestId = 100;

function requestIdOf(response: unknown): string {
  if (typeof response !== 'object' || response === null || !('RequestId' in response)) return '';
  // It goes into logs, tables and files: nothing in it may steer a terminal, or take a line of its own.
  return typeof response.RequestId === 'string'
    ? response.RequestId.replace(/[^\x21-\x7e]/g, '').slice(0, longestRequestId)
    : '';
}

function failedResult(
  thrown: unknown,
  ending: CallEnding,
  trace: WireTrace,
  credential: Credential | undefined,
  credentials: CredentialSource,
): { ok: false; failure: Failure } {
  // Whatever surfaces after the client ended the call is only the echo of that.
  const cause = thrown instanceof CredentialsUnavailableError ? thrown : (ending.reason ?? thrown);
  const parts = [credential?.secretId, credential?.secretKey, credential?.token];
  const secrets = parts.filter((part) => part !== undefined);
  const failure = classifyCloudError(cause, { trace, secrets });
  if (failure.renewCredentials) credentials.invalidate(credential);
  return { ok: false, failure };
}
