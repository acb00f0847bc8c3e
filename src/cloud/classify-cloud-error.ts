import type { Failure } from '../shared/failure.js';
import { createFailure } from '../shared/failure-table.js';
import { CallEndedError } from './call-ended.js';
import { CredentialsUnavailableError } from './credentials.js';
import { redactSecrets } from './redact-secrets.js';
import type { WireTrace } from './watched-agent.js';

export interface ErrorContext {
  /** What was seen of the call on the wire, if it got that far. */
  readonly trace?: WireTrace;
  /** Texts that must not show in the message: the key that signed the call. */
  readonly secrets?: readonly string[];
}

/** Fields that errors of the SDK and of its HTTP client may have. None can be trusted to be there. */
interface ErrorFields {
  readonly code?: unknown;
  readonly httpCode?: unknown;
  readonly requestId?: unknown;
  readonly type?: unknown;
  readonly message?: unknown;
}

/**
 * Turns whatever a call threw into a failure. The order matters: a `code` is the API's only on the SDK's own error
 * class (other errors carry codes of Node under the same name), and the SDK's class without a code can be anything
 * from a refused connection to a failed provider, which only the wire tells apart.
 */
export function classifyCloudError(thrown: unknown, context: ErrorContext = {}): Failure {
  const fail = (code: string, message: string, cloudRequestId?: string) =>
    createFailure(code, redactSecrets(message, context.secrets), cloudRequestId);

  if (thrown instanceof CallEndedError || thrown instanceof CredentialsUnavailableError) {
    return fail(thrown.code, thrown.message);
  }
  const error: ErrorFields = typeof thrown === 'object' && thrown !== null ? thrown : {};
  const message = typeof error.message === 'string' ? error.message : String(thrown);
  if (isSdkError(thrown)) {
    if (typeof error.code === 'string' && isErrorCode(error.code)) {
      return fail(error.code, message, typeof error.requestId === 'string' ? error.requestId : undefined);
    }
    if (typeof error.httpCode === 'number') {
      return fail(`HttpStatus.${error.httpCode}`, `HTTP ${error.httpCode} ${message}`.trim());
    }
  }
  if (context.trace?.transportError !== undefined) {
    const { code, message: reason } = context.trace.transportError;
    return fail(isTlsCode(code) ? 'TlsFailure' : 'NetworkError', reason);
  }
  return fail(...judgeByKind(thrown, error, message, context.trace));
}

/** What is left once API errors, statuses and broken connections are gone: HTTP client and parser. */
function judgeByKind(
  thrown: unknown,
  error: ErrorFields,
  message: string,
  trace: WireTrace | undefined,
): [code: string, message: string] {
  switch (error.type) {
    case 'invalid-json':
      // The parser's own text quotes the answer, which may hold what nobody should read in a log.
      return trace?.answerBytes === 0
        ? ['EmptyAnswer', 'The answer has no body.']
        : ['MalformedAnswer', 'The answer is not JSON.'];
    case 'body-timeout':
    case 'request-timeout':
      return ['CallTimeout', 'The answer did not arrive in time.'];
    case 'aborted':
      return ['CallAborted', 'The call was ended before its answer had arrived.'];
    default:
  }
  if (thrown instanceof TypeError) return ['MalformedAnswer', 'The answer has no Response.'];
  if (isSdkError(thrown)) {
    const named = sdkTexts.find(([start]) => message.startsWith(start));
    if (named !== undefined) return [named[1], message];
    if (trace?.status === 200) return ['MalformedAnswer', 'The answer holds an error without a code.'];
  }
  return ['NetworkError', message];
}

/** Texts of the SDK's HTTP client (never of the cloud) that tell what a code-less error is. */
const sdkTexts: readonly (readonly [start: string, code: string])[] = [
  ['maximum redirect reached', 'Redirected'],
  ['network timeout at', 'CallTimeout'],
  ['The user aborted a request', 'CallAborted'],
];

/** Codes become labels of metrics and keys of groups, so only what looks like one passes. */
function isErrorCode(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9_.-]{0,99}$/.test(text);
}

/** The SDK does not export its error class where it may be imported, so the class is known by its name. */
function isSdkError(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.constructor.name === 'TencentCloudSDKHttpException';
}

/** Codes that Node and OpenSSL give when the other side cannot prove who it is, or does not speak TLS. */
function isTlsCode(code: string | undefined): boolean {
  return (
    code !== undefined &&
    /^(?:ERR_TLS_|ERR_SSL_|EPROTO$|CERT_|CRL_|UNABLE_TO_|ERROR_IN_C)|SELF_SIGNED|^(?:INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|HOSTNAME_MISMATCH)$/.test(
      code,
    )
  );
}
