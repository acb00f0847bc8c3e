import { advice, dead, type FailureRow, hold, retry, throttle } from './failure-row.js';

/** It may be the access point, and then it concerns every call there. */
const way = { perAccessPoint: true };

/** Codes that the API gateway may give for any action of any product. */
export const commonFailureRows: readonly FailureRow[] = [
  retry('InternalError', 'The cloud failed inside.', advice.reach, way),
  retry('FailedOperation', 'The cloud could not carry the operation out.', advice.waits),
  retry('ServiceUnavailable', 'The service is unavailable for the moment.', advice.reach, way),
  retry('ResourceInUse', 'A resource is busy.', advice.waits),
  retry('ResourceInsufficient', 'The cloud lacks a resource for the moment.', advice.waits),
  retry('ResourceUnavailable', 'A resource is unavailable for the moment.', advice.waits),
  retry(
    'LimitExceeded',
    'A quota of the account is used up (not the call rate).',
    'See which quota is used up in the console; free or raise it, then redrive.',
    { longBackoff: true },
  ),

  throttle('RequestLimitExceeded', 'More calls a second than this action allows.', advice.slowsDown),
  throttle(
    'RequestLimitExceeded.UinLimitExceeded',
    'The main account as a whole makes too many calls.',
    advice.slowsDown,
  ),
  throttle(
    'RequestLimitExceeded.GlobalRegionUinLimitExceeded',
    'The main account makes too many calls over all regions.',
    advice.slowsDown,
  ),
  throttle(
    'RequestLimitExceeded.IPLimitExceeded',
    'Too many calls come from this source address.',
    advice.slowsDown,
  ),
  // Not in the published list, but seen in the wild; it would otherwise fall under AuthFailure and hold.
  throttle('AuthFailure.RequestLimitExceeded', 'The call rate is too high.', advice.slowsDown),

  dead('InvalidParameter', 'A parameter has a wrong format or type.', advice.fixTarget),
  dead('InvalidParameterValue', 'A parameter has a value the cloud does not accept.', advice.fixTarget),
  dead('MissingParameter', 'A required parameter is missing.', advice.reportBug, { scope: 'request' }),
  dead('UnknownParameter', 'The cloud does not know a parameter that was sent.', advice.reportBug, {
    scope: 'request',
  }),
  dead('RequestSizeLimitExceeded', 'The request is too large.', advice.reportBug, { scope: 'request' }),
  dead(
    'ResponseSizeLimitExceeded',
    'The answer would be too large.',
    'Ask for fewer invocations a page; report it if a cancel call met it.',
    { scope: 'request' },
  ),
  dead('ResourceNotFound', 'Something the request names does not exist.', advice.fixTarget),
  dead('UnsupportedOperation', 'The cloud does not support this operation on the target.', advice.fixTarget),
  dead('OperationDenied', 'The cloud refuses this operation on the target.', advice.fixTarget),
  dead('DryRunOperation', 'The request was only a trial run.', advice.reportBug, { scope: 'request' }),

  hold('AuthFailure', 'The cloud does not accept the signature or the key.', advice.fixKey),
  hold(
    'AuthFailure.InvalidAuthorization',
    'The Authorization header does not suit the endpoint.',
    'Use a TAT endpoint by its name (never by an IP address); the work goes on by itself.',
  ),
  hold('AuthFailure.InvalidSecretId', 'The SecretId is not a key of the cloud API.', advice.fixKey),
  hold('AuthFailure.MFAFailure', 'Multi-factor authentication failed.', advice.fixKey),
  hold('AuthFailure.SecretIdNotFound', 'The SecretId is absent, deleted or disabled.', advice.fixKey),
  hold(
    'AuthFailure.SignatureExpire',
    'The signature is older or newer than five minutes.',
    'Set the clock of this machine (NTP); the work goes on by itself.',
    { renewCredentials: true },
  ),
  hold(
    'AuthFailure.SignatureFailure',
    'The SecretKey is wrong, or the body was changed on the way.',
    advice.fixKey,
  ),
  hold('AuthFailure.TokenFailure', 'The session token is wrong or expired.', advice.fixKey, {
    renewCredentials: true,
  }),
  hold('AuthFailure.UnauthorizedOperation', 'Access management refuses the operation.', advice.grant, {
    perTarget: true,
  }),
  hold('UnauthorizedOperation', 'The account is not authorised.', advice.grant, { perTarget: true }),
  hold('InvalidAction', 'The endpoint does not know the action.', advice.fixEndpoint, way),
  hold('InvalidRequest', 'The gateway could not read the request body.', advice.fixEndpoint),
  hold('NoSuchProduct', 'The endpoint does not know the product.', advice.fixEndpoint, way),
  hold('NoSuchVersion', 'The endpoint does not know the API version.', advice.fixEndpoint, way),
  hold('ActionOffline', 'The cloud took the action out of service.', advice.fixEndpoint),
  hold('UnsupportedProtocol', 'The call did not arrive as HTTPS POST.', advice.fixEndpoint),
  hold(
    'UnsupportedRegion',
    'TAT does not serve this region.',
    'Correct the default region; withdraw the requests that name the wrong region.',
    { perRegion: true },
  ),
  hold('IpInBlacklist', 'The source address is on a black list.', advice.fixKey),
  hold('IpNotInWhitelist', 'The source address is not on the white list of the key.', advice.fixKey),
];
