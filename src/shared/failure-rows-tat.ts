import { advice, dead, type FailureRow, hold, retry } from './failure-row.js';

/** `InvalidParameterValue.*` codes that only other actions of TAT give: no cancel call should ever meet them. */
const valueCodesOfOtherActions: readonly string[] = [
  'CommandContentInvalid',
  'CommandNameDuplicated',
  'InconsistentInstance',
  'InvalidCommandId',
  'InvalidCommandName',
  'InvalidFilter',
  'InvalidInvocationTaskId',
  'InvalidWorkingDirectory',
  'LackOfParameterInfo',
  'LackOfParameters',
  'ParameterDisabled',
  'ParameterInvalidJsonFormat',
  'ParameterKeyContainsInvalidChar',
  'ParameterKeyDuplicated',
  'ParameterKeyLenExceeded',
  'ParameterNumberExceeded',
  'ParameterValueNotString',
  'Range',
  'SupportParametersOnlyIfEnableParameter',
];

/** Codes of TAT itself. */
export const tatFailureRows: readonly FailureRow[] = [
  dead(
    'InvalidParameterValue.InstanceIsNotRelatedToInvocation',
    'The invocation never ran on this instance.',
    'Nothing runs there under this invocation: discard it, or enqueue the right pair.',
  ),
  dead('InvalidParameterValue.InvalidInstanceId', 'The instance id is not valid.', advice.fixTarget),
  dead('InvalidParameterValue.InvalidInvocationId', 'The invocation id is not valid.', advice.fixTarget, {
    scope: 'invocation',
  }),
  dead('InvalidParameterValue.LimitExceeded', 'A list is longer or larger than allowed.', advice.reportBug),
  dead('InvalidParameterValue.TooLong', 'A value is longer than allowed.', advice.fixTarget),
  dead(
    'ResourceNotFound.InvocationNotFound',
    'There is no such invocation in this region and account.',
    'Check region and account first: with the wrong one, every invocation is unknown. Then enqueue again.',
    { scope: 'invocation' },
  ),
  ...valueCodesOfOtherActions.map((code) =>
    dead(
      `InvalidParameterValue.${code}`,
      'A parameter has a value the cloud does not accept.',
      advice.reportBug,
      {
        scope: 'request',
      },
    ),
  ),
  dead('InvalidFilter', 'A filter is not valid.', advice.reportBug, { scope: 'request' }),
  dead('InvalidParameter.ConflictParameter', 'Two parameters exclude each other.', advice.reportBug, {
    scope: 'request',
  }),
  dead('InvalidParameter.InvalidUsername', 'A user name is not valid.', advice.reportBug, {
    scope: 'request',
  }),
  dead('InvalidParameter.ParameterNameDuplicated', 'A parameter name occurs twice.', advice.reportBug, {
    scope: 'request',
  }),
  dead('LimitExceeded.FilterValueExceeded', 'A filter holds too many values.', advice.reportBug, {
    scope: 'request',
  }),
  dead('ResourceNotFound.CommandNotFound', 'There is no such command.', advice.fixTarget),
  dead('ResourceNotFound.CosBucketNotFoundCode', 'There is no such bucket.', advice.fixTarget),
  dead('ResourceNotFound.InstanceNotFound', 'There is no such instance.', advice.fixTarget),
  dead('ResourceNotFound.RegisterCodesNotFoundCode', 'There is no such register code.', advice.fixTarget),
  dead(
    'ResourceNotFound.RegisterInstanceNotFoundCode',
    'There is no such managed instance.',
    advice.fixTarget,
  ),
  dead('ResourceNotFound.RoleNotFound', 'There is no such role.', advice.fixTarget),

  hold('UnauthorizedOperation.CamAuthFailed', 'Access management refuses the operation.', advice.grant, {
    perTarget: true,
  }),
  hold('UnauthorizedOperation.InvalidToken', 'The session token is wrong or expired.', advice.fixKey, {
    renewCredentials: true,
  }),
  hold('UnauthorizedOperation.MFAExpired', 'The multi-factor code has expired.', advice.fixKey),
  hold('UnauthorizedOperation.MFANotFound', 'The key needs a multi-factor code.', advice.fixKey),
  hold('UnauthorizedOperation.AssumeRoleUnauthorized', 'The role may not be assumed.', advice.grant),
  hold(
    'UnauthorizedOperation.NeedApproval',
    'The operation waits for an approval in the cloud.',
    advice.grant,
  ),

  retry('FailedOperation.CVMError', 'The CVM service behind TAT failed.', advice.waits),
  retry('FailedOperation.LighthouseError', 'The Lighthouse service behind TAT failed.', advice.waits),
  retry('FailedOperation.TagOperationFailed', 'The tag service behind TAT failed.', advice.waits),
  retry('ResourceUnavailable.CommandInExecuting', 'The command is being executed.', advice.waits),
  retry('ResourceUnavailable.CommandInInvoker', 'The command belongs to an invoker.', advice.waits),
  retry(
    'ResourceUnavailable.AgentNotInstalled',
    'The instance has no TAT agent, so the cancel cannot reach it.',
    'Stop the command on the machine itself, or install the agent and redrive.',
  ),
  retry(
    'ResourceUnavailable.AgentStatusNotOnline',
    'The TAT agent is offline, so the cancel cannot reach it.',
    'Bring the agent back and redrive, or stop the command on the machine itself.',
  ),
  retry(
    'ResourceUnavailable.InstanceStateNotRunning',
    'The instance is not running.',
    'A machine that is off runs no command: discard it, or redrive when it is back.',
  ),
  ...['InvalidResourceQuotaResourceCode', 'LighthouseUnsupportedRegion', 'UserHasNoQuotaCode'].map((code) =>
    dead(`ResourceUnavailable.${code}`, 'The account has no such resource here.', advice.fixTarget),
  ),
];
