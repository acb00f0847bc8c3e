import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { z } from 'zod';
import type { Clock } from '../shared/clock.js';
import { createFailure } from '../shared/failure-table.js';
import { CallEndedError } from './call-ended.js';
import { classifyCloudError } from './classify-cloud-error.js';
import { type Credential, type CredentialSource, CredentialsUnavailableError } from './credentials.js';
import type { CallResult } from './tat-client.js';
import { traceHeader, type WatchedAgent, type WireTrace } from './watched-agent.js';

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
}

export interface CallDeps {
  readonly credentials: CredentialSource;
  readonly watchedAgent: WatchedAgent;
  readonly clock: Clock;
  /** From the call of this function to the last byte of the answer. */
  readonly timeoutMs: number;
  /** Ends every call that is under way when the client closes. */
  readonly closing: AbortSignal;
}

/**
 * Makes one API call and tells its result as a value. It holds the whole call to one deadline, whatever it waits
 * for, because the SDK's own timers leave out credentials and the queue for a connection, and start again for the
 * body. It never sends a second request: that would escape the shared limit of calls.
 */
export async function callApi<Value>(call: ApiCall<Value>, deps: CallDeps): Promise<CallResult<Value>> {
  const ending = new AbortController();
  const stopWatching = endWhen(ending, call.signal, deps);
  const traceId = randomUUID();
  const trace = deps.watchedAgent.watch(traceId, (reason) => ending.abort(reason));
  let credential: Credential | undefined;
  try {
    credential = await fetchCredential(deps.credentials, ending.signal);
    const options = { signal: ending.signal, headers: { [traceHeader]: traceId } };
    return readAnswer(await untilEnded(call.send(credential, options), ending.signal), call.answer);
  } catch (thrown) {
    return failedResult(thrown, ending.signal, trace, credential, deps.credentials);
  } finally {
    stopWatching();
    deps.watchedAgent.unwatch(traceId);
    // An answer that was not read to its end would keep its connection for ever. After a success this does nothing.
    ending.abort(new CallEndedError('CallAborted', 'The call is over.'));
  }
}

/** Ends the call at its deadline, at the caller's wish and when the client closes. Returns how to stop that. */
function endWhen(ending: AbortController, caller: AbortSignal | undefined, deps: CallDeps): () => void {
  const over = new AbortController();
  const giveUp = () => ending.abort(new CallEndedError('CallAborted', 'The call was given up.'));
  deps.clock.sleep(deps.timeoutMs, over.signal).then(
    () => ending.abort(new CallEndedError('CallTimeout', `No complete answer within ${deps.timeoutMs} ms.`)),
    () => {}, // the call was over before its deadline
  );
  for (const signal of [caller, deps.closing]) {
    if (signal !== undefined) setMaxListeners(0, signal); // hundreds of calls may share it
    if (signal?.aborted) giveUp();
    else signal?.addEventListener('abort', giveUp, { once: true, signal: over.signal });
  }
  return () => over.abort();
}

/** A key within the call's deadline. That none came in time is the source's failure, which no attempt pays for. */
async function fetchCredential(credentials: CredentialSource, signal: AbortSignal): Promise<Credential> {
  try {
    return await untilEnded(credentials.get(signal), signal);
  } catch (thrown) {
    if (thrown instanceof CredentialsUnavailableError) throw thrown;
    if (signal.aborted && !isTimeout(signal.reason)) throw signal.reason;
    const reason = signal.aborted ? 'no answer before the deadline of the call' : String(thrown);
    throw new CredentialsUnavailableError([{ source: 'credentials', reason }]);
  }
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof CallEndedError && reason.code === 'CallTimeout';
}

/** Waits for the work, but no longer than the signal allows. */
async function untilEnded<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const ended = new Promise<never>((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  return await Promise.race([work, ended]);
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

function requestIdOf(response: unknown): string {
  if (typeof response !== 'object' || response === null || !('RequestId' in response)) return '';
  return typeof response.RequestId === 'string' ? response.RequestId : '';
}

function failedResult(
  thrown: unknown,
  signal: AbortSignal,
  trace: WireTrace,
  credential: Credential | undefined,
  credentials: CredentialSource,
): { ok: false; failure: ReturnType<typeof createFailure> } {
  // Whatever surfaces after the client ended the call is only the echo of that.
  const cause = signal.aborted && !(thrown instanceof CredentialsUnavailableError) ? signal.reason : thrown;
  const secrets =
    credential === undefined
      ? []
      : [
          credential.secretId,
          credential.secretKey,
          ...(credential.token === undefined ? [] : [credential.token]),
        ];
  const failure = classifyCloudError(cause, { trace, secrets });
  if (failure.renewCredentials) credentials.invalidate(credential);
  return { ok: false, failure };
}
