import { advice, dead, type FailureRow, hold, retry, throttle } from './failure-row.js';

/** It may be the access point or the way there, and then it concerns every call. */
const way = { perAccessPoint: true };

/** Failures that carry no code of the API: the call never got there, or no usable answer came back. */
const transportRows: readonly FailureRow[] = [
  retry('NetworkError', 'The connection failed or broke off.', advice.reach, way),
  retry('CallTimeout', 'No complete answer came within the deadline.', advice.reach, way),
  retry(
    'PermitMissed',
    'The call came too late for its permit of the call limit, and was not sent.',
    advice.waits,
  ),
  retry('CallAborted', 'The worker gave the call up because it was shutting down.', advice.waits),
  retry('MalformedAnswer', 'The answer is not what the API promises.', advice.reach, way),
  retry('EmptyAnswer', 'The answer is empty.', advice.reach, way),
  retry('MissingRequestId', 'The answer has no RequestId, so it proves nothing.', advice.reach, way),
  retry('AnswerTooLarge', 'The answer is larger than the client accepts.', advice.waits),
  hold('TlsFailure', 'The endpoint could not prove who it is.', advice.fixEndpoint, way),
  hold(
    'Redirected',
    'The endpoint sends calls elsewhere, which the API never does.',
    advice.fixEndpoint,
    way,
  ),
  hold(
    'Unreadable',
    'What Redis holds of the held state was changed by hand and cannot be read.',
    'Nothing: workers ask the cloud whether calls may go.',
  ),
  hold('CredentialsUnavailable', 'No source of credentials gave a key.', advice.fixKey),

  retry('HttpStatus', 'The answer has an HTTP status that the API does not use.', advice.reach, way),
  hold('HttpStatus.401', 'Something before the API asks for a login.', advice.fixEndpoint, way),
  hold('HttpStatus.403', 'Something before the API refuses the call.', advice.fixEndpoint, way),
  hold('HttpStatus.404', 'There is no API at the endpoint.', advice.fixEndpoint, way),
  hold('HttpStatus.407', 'A proxy asks for a login.', advice.fixEndpoint, way),
  throttle('HttpStatus.429', 'Something before the API limits the calls.', advice.slowsDown),
  retry('HttpStatus.413', 'The answer has the HTTP status 413 instead of 200.', advice.waits),
  ...[204, 400, 405, 408, 500, 501, 502, 503, 504].map((status) =>
    retry(
      `HttpStatus.${status}`,
      `The answer has the HTTP status ${status} instead of 200.`,
      advice.reach,
      way,
    ),
  ),
];

/** Refused by the client before anything is sent. */
const refusalRows: readonly FailureRow[] = [
  dead(
    'EmptyInstanceList',
    'The list of instances is empty, which the cloud might read as "all of them".',
    'Name the instances, or leave the list out to cancel the whole invocation.',
    { scope: 'request' },
  ),
  dead('InvalidRegion', 'The region is not the name of a region.', advice.fixTarget, { scope: 'request' }),
];

/** Decided by the worker, not by a call. */
const workerRows: readonly FailureRow[] = [
  dead(
    'NotConfirmed',
    'The cloud took the cancel, but the command had not stopped when the deadline passed.',
    'Look at the instance: its agent may be offline. Redrive to cancel once more.',
  ),
  dead('InvalidJobData', 'The job in the queue cannot be read.', advice.mend, { scope: 'request' }),
  dead(
    'UnreadableLetter',
    'What Redis holds of this dead letter was changed by hand and cannot be read.',
    'Discard it; tat-cancel instances <request> --state dead-lettered names what it was about, to be asked for anew.',
    { scope: 'request' },
  ),
  dead('JobMissing', 'The job vanished from the queue before it was done.', advice.mend, {
    scope: 'request',
  }),
  dead('StalledTooOften', 'Workers died or froze too often while they held the job.', advice.mend, {
    scope: 'request',
  }),
  dead('AttemptsExhausted', 'Every attempt failed.', 'Mend the cause that the history shows, then redrive.'),
];

export const ownFailureRows: readonly FailureRow[] = [...transportRows, ...refusalRows, ...workerRows];
