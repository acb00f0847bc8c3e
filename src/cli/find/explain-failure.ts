import type { Failure } from '../../shared/failure.js';
import { CloudCallError } from '../cli-errors.js';
import { tameText } from '../text-format.js';

const keyCheck =
  'Check TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY (or the profile file): the key must exist, be enabled and belong to the account of these instances.';

/** The first row whose start the code begins with tells what to do. */
const advice: readonly (readonly [codeStart: string, whatToDo: string])[] = [
  ['CredentialsUnavailable', keyCheck],
  ['AuthFailure.SignatureExpire', 'Set the clock of this machine: it is more than five minutes off.'],
  ['AuthFailure.UnauthorizedOperation', 'grant'],
  ['AuthFailure.TokenFailure', 'Get a new temporary key: its token is wrong or has expired.'],
  ['UnauthorizedOperation.InvalidToken', 'Get a new temporary key: its token is wrong or has expired.'],
  ['UnauthorizedOperation.MFA', 'Use a key that needs no multi-factor code.'],
  ['UnauthorizedOperation', 'grant'],
  ['AuthFailure', keyCheck],
  ['UnsupportedRegion', 'Check --region (or TENCENTCLOUD_REGION).'],
  ['InvalidRegion', 'Check --region (or TENCENTCLOUD_REGION).'],
  ['RequestLimitExceeded', 'Somebody else uses up the call limit of this account: try again later.'],
  ['Network', 'Check TAT_ENDPOINT and the network to it.'],
  ['CallTimeout', 'Check TAT_ENDPOINT and the network to it, or raise CALL_TIMEOUT_MS.'],
  ['TlsFailure', 'Check TAT_ENDPOINT, and what stands between it and this machine.'],
  ['IpNotInWhitelist', 'Run this where the account lets calls come from.'],
];

/** What failed, why, and what the user can do about it. */
export function explainFailure(action: string, failure: Failure): CloudCallError {
  const { code, message, cloudRequestId } = failure;
  const isRegional = failure.perRegion === true || code === 'InvalidRegion';
  const [, found] = advice.find(([start]) => code.startsWith(start)) ?? [];
  const whatToDo =
    found === 'grant'
      ? `Let the account administrator grant tat:${action} to this key.`
      : (found ?? (isRegional ? 'Check --region (or TENCENTCLOUD_REGION).' : adviceByClass(failure)));
  const request = cloudRequestId === undefined ? '' : ` (cloud request ${cloudRequestId})`;
  const said = tameText(message).replace(/[.\s]*$/, '.');
  const verb = failure.class === 'retry' ? 'came to nothing' : 'was refused';
  return new CloudCallError(
    failure,
    `${action} ${verb}: ${code}: ${said}${request}\n${whatToDo}`,
    isRegional || code === 'CredentialsUnavailable' || failure.class === 'dead',
  );
}

function adviceByClass(failure: Failure): string {
  if (failure.class === 'retry') return 'Try again later.';
  if (failure.class === 'dead') return 'Check the ids: the cloud does not take what was asked for.';
  return 'Check TAT_ENDPOINT and the key.';
}
