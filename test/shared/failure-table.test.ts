import { describe, expect, it } from 'vitest';
import type { FailureClass } from '../../src/shared/failure.js';
import { createFailure, failureTable, judge, setupFaults } from '../../src/shared/failure-table.js';

type Case = readonly [code: string, expected: FailureClass];

/** The page of CancelInvocation, all sixteen. */
const cancelPage: readonly Case[] = [
  ['InternalError', 'retry'],
  ['InvalidParameter', 'dead'],
  ['InvalidParameterValue', 'dead'],
  ['InvalidParameterValue.InstanceIsNotRelatedToInvocation', 'dead'],
  ['InvalidParameterValue.InvalidInstanceId', 'dead'],
  ['InvalidParameterValue.InvalidInvocationId', 'dead'],
  ['InvalidParameterValue.LimitExceeded', 'dead'],
  ['InvalidParameterValue.TooLong', 'dead'],
  ['LimitExceeded', 'retry'],
  ['MissingParameter', 'dead'],
  ['ResourceNotFound.InvocationNotFound', 'dead'],
  ['UnauthorizedOperation.CamAuthFailed', 'hold'],
  ['UnauthorizedOperation.InvalidToken', 'hold'],
  ['UnauthorizedOperation.MFAExpired', 'hold'],
  ['UnauthorizedOperation.MFANotFound', 'hold'],
  ['UnknownParameter', 'dead'],
];

/** The common list, which the gateway may add to any action. */
const commonList: readonly Case[] = [
  ['ActionOffline', 'hold'],
  ['AuthFailure.InvalidAuthorization', 'hold'],
  ['AuthFailure.InvalidSecretId', 'hold'],
  ['AuthFailure.MFAFailure', 'hold'],
  ['AuthFailure.SecretIdNotFound', 'hold'],
  ['AuthFailure.SignatureExpire', 'hold'],
  ['AuthFailure.SignatureFailure', 'hold'],
  ['AuthFailure.TokenFailure', 'hold'],
  ['AuthFailure.UnauthorizedOperation', 'hold'],
  ['DryRunOperation', 'dead'],
  ['FailedOperation', 'retry'],
  ['InvalidAction', 'hold'],
  ['InvalidRequest', 'hold'],
  ['IpInBlacklist', 'hold'],
  ['IpNotInWhitelist', 'hold'],
  ['NoSuchProduct', 'hold'],
  ['NoSuchVersion', 'hold'],
  ['RequestLimitExceeded', 'throttle'],
  ['RequestLimitExceeded.GlobalRegionUinLimitExceeded', 'throttle'],
  ['RequestLimitExceeded.IPLimitExceeded', 'throttle'],
  ['RequestLimitExceeded.UinLimitExceeded', 'throttle'],
  ['RequestSizeLimitExceeded', 'dead'],
  ['ResourceInUse', 'retry'],
  ['ResourceInsufficient', 'retry'],
  ['ResourceNotFound', 'dead'],
  ['ResourceUnavailable', 'retry'],
  ['ResponseSizeLimitExceeded', 'dead'],
  ['ServiceUnavailable', 'retry'],
  ['UnauthorizedOperation', 'hold'],
  ['UnsupportedOperation', 'dead'],
  ['UnsupportedProtocol', 'hold'],
  ['UnsupportedRegion', 'hold'],
];

/** What other actions of TAT may give, and what was seen without being listed. */
const tatCodes: readonly Case[] = [
  ['AuthFailure', 'hold'],
  ['AuthFailure.RequestLimitExceeded', 'throttle'],
  ['UnauthorizedOperation.AssumeRoleUnauthorized', 'hold'],
  ['UnauthorizedOperation.NeedApproval', 'hold'],
  ['FailedOperation.CVMError', 'retry'],
  ['FailedOperation.LighthouseError', 'retry'],
  ['FailedOperation.TagOperationFailed', 'retry'],
  ['InvalidFilter', 'dead'],
  ['InvalidParameter.ConflictParameter', 'dead'],
  ['InvalidParameter.InvalidUsername', 'dead'],
  ['InvalidParameter.ParameterNameDuplicated', 'dead'],
  ['InvalidParameterValue.CommandContentInvalid', 'dead'],
  ['InvalidParameterValue.CommandNameDuplicated', 'dead'],
  ['InvalidParameterValue.InconsistentInstance', 'dead'],
  ['InvalidParameterValue.InvalidCommandId', 'dead'],
  ['InvalidParameterValue.InvalidCommandName', 'dead'],
  ['InvalidParameterValue.InvalidFilter', 'dead'],
  ['InvalidParameterValue.InvalidInvocationTaskId', 'dead'],
  ['InvalidParameterValue.InvalidWorkingDirectory', 'dead'],
  ['InvalidParameterValue.LackOfParameterInfo', 'dead'],
  ['InvalidParameterValue.LackOfParameters', 'dead'],
  ['InvalidParameterValue.ParameterDisabled', 'dead'],
  ['InvalidParameterValue.ParameterInvalidJsonFormat', 'dead'],
  ['InvalidParameterValue.ParameterKeyContainsInvalidChar', 'dead'],
  ['InvalidParameterValue.ParameterKeyDuplicated', 'dead'],
  ['InvalidParameterValue.ParameterKeyLenExceeded', 'dead'],
  ['InvalidParameterValue.ParameterNumberExceeded', 'dead'],
  ['InvalidParameterValue.ParameterValueNotString', 'dead'],
  ['InvalidParameterValue.Range', 'dead'],
  ['InvalidParameterValue.SupportParametersOnlyIfEnableParameter', 'dead'],
  ['LimitExceeded.FilterValueExceeded', 'dead'],
  ['OperationDenied', 'dead'],
  ['ResourceNotFound.CommandNotFound', 'dead'],
  ['ResourceNotFound.CosBucketNotFoundCode', 'dead'],
  ['ResourceNotFound.InstanceNotFound', 'dead'],
  ['ResourceNotFound.RegisterCodesNotFoundCode', 'dead'],
  ['ResourceNotFound.RegisterInstanceNotFoundCode', 'dead'],
  ['ResourceNotFound.RoleNotFound', 'dead'],
  ['ResourceUnavailable.AgentNotInstalled', 'retry'],
  ['ResourceUnavailable.AgentStatusNotOnline', 'retry'],
  ['ResourceUnavailable.CommandInExecuting', 'retry'],
  ['ResourceUnavailable.CommandInInvoker', 'retry'],
  ['ResourceUnavailable.InstanceStateNotRunning', 'retry'],
  ['ResourceUnavailable.InvalidResourceQuotaResourceCode', 'dead'],
  ['ResourceUnavailable.LighthouseUnsupportedRegion', 'dead'],
  ['ResourceUnavailable.UserHasNoQuotaCode', 'dead'],
];

const ownCodes: readonly Case[] = [
  ['NetworkError', 'retry'],
  ['CallTimeout', 'retry'],
  ['CallAborted', 'retry'],
  ['MalformedAnswer', 'retry'],
  ['EmptyAnswer', 'retry'],
  ['MissingRequestId', 'retry'],
  ['AnswerTooLarge', 'retry'],
  ['TlsFailure', 'hold'],
  ['Redirected', 'hold'],
  ['CredentialsUnavailable', 'hold'],
  ['HttpStatus.401', 'hold'],
  ['HttpStatus.403', 'hold'],
  ['HttpStatus.404', 'hold'],
  ['HttpStatus.407', 'hold'],
  ['HttpStatus.408', 'retry'],
  ['HttpStatus.429', 'throttle'],
  ['HttpStatus.500', 'retry'],
  ['HttpStatus.502', 'retry'],
  ['HttpStatus.503', 'retry'],
  ['HttpStatus.504', 'retry'],
  ['EmptyInstanceList', 'dead'],
  ['InvalidRegion', 'dead'],
  ['NotConfirmed', 'dead'],
  ['InvalidJobData', 'dead'],
  ['JobMissing', 'dead'],
  ['StalledTooOften', 'dead'],
  ['AttemptsExhausted', 'dead'],
];

describe('judge', () => {
  it.each([...cancelPage, ...commonList, ...tatCodes, ...ownCodes])('knows %s as %s', (code, expected) => {
    const { row, isKnown } = judge(code);
    expect({ code: row.code, class: row.class, isKnown }).toEqual({ code, class: expected, isKnown: true });
  });

  it.each<Case>([
    ['InvalidParameterValue.SomethingNew', 'dead'],
    ['RequestLimitExceeded.SomethingNew', 'throttle'],
    ['AuthFailure.Some.Thing.New', 'hold'],
    ['UnauthorizedOperation.CamAuthFailed.New', 'hold'],
    ['HttpStatus.599', 'retry'],
  ])('lets the longest known prefix answer for %s, and says that it is a guess', (code, expected) => {
    const { row, isKnown } = judge(code);
    expect([row.class, isKnown]).toEqual([expected, false]);
    expect(code.startsWith(`${row.code}.`)).toBe(true);
  });

  it.each([
    'SomethingElse',
    'MyLimitExceeded',
    'LimitExceededToo',
    'requestlimitexceeded',
    'toString',
    '.',
    '',
  ])('tries again when it has never heard of "%s"', (code) => {
    const { row, isKnown } = judge(code);
    expect([row.class, isKnown]).toEqual(['retry', false]);
  });

  it.each([
    ['MissingParameter', 'The request is missing a required parameter `Region`.', true],
    ['MissingParameter', 'The request is missing a required parameter `Timestamp`.', undefined],
    ['MissingParameter', 'The request is missing a required parameter `SecretId`.', undefined],
    ['InvalidParameterValue', 'A value specified in `X-TC-Region` is not valid, is unsupported.', true],
    ['InvalidParameterValue.Anything', 'A value specified in `X-TC-Region` is not valid.', true],
    ['InvalidParameterValue', 'A value specified in `X-TC-Timestamp` is not valid.', undefined],
  ])('holds a %s that names the set-up: %s', (code, message, perRegion) => {
    const { row } = judge(code, message);
    expect([row.class, row.perRegion]).toEqual(['hold', perRegion]);
  });

  it.each([
    ['MissingParameter', 'The request is missing a required parameter `InvocationId`.'],
    ['InvalidParameterValue', 'The value `ins-region01` is not valid in this Region.'],
    ['InvalidParameter', 'A value specified in `X-TC-Region` is not valid.'],
  ])('does not take an ordinary %s for a set-up fault: %s', (code, message) => {
    expect(judge(code, message).row.class).toBe('dead');
  });
});

describe('createFailure', () => {
  it.each(['AuthFailure.SignatureExpire', 'AuthFailure.TokenFailure', 'UnauthorizedOperation.InvalidToken'])(
    'asks for fresh credentials after %s',
    (code) => {
      expect(createFailure(code, '').renewCredentials).toBe(true);
    },
  );

  it.each(['UnauthorizedOperation.CamAuthFailed', 'AuthFailure.UnauthorizedOperation'])(
    'says that %s may concern one target only',
    (code) => {
      expect(createFailure(code, '').perTarget).toBe(true);
    },
  );

  it.each([
    ['ResourceNotFound.InvocationNotFound', 'invocation'],
    ['InvalidParameterValue.InvalidInvocationId', 'invocation'],
    ['MissingParameter', 'request'],
    ['UnknownParameter', 'request'],
    ['RequestSizeLimitExceeded', 'request'],
    ['InvalidParameterValue.InstanceIsNotRelatedToInvocation', 'unknown'],
    ['InvalidParameterValue.LimitExceeded', 'unknown'],
  ])('says how far %s reaches: %s', (code, scope) => {
    expect(createFailure(code, '').scope).toBe(scope);
  });

  it('wants a long pause after a used-up quota', () => {
    expect(createFailure('LimitExceeded', '').longBackoff).toBe(true);
  });

  it('keeps the code as the cloud gave it, and leaves out what does not apply', () => {
    expect(createFailure('InternalError', 'It broke.', 'req-1')).toEqual({
      class: 'retry',
      code: 'InternalError',
      message: 'It broke.',
      scope: 'unknown',
      perAccessPoint: true,
      cloudRequestId: 'req-1',
    });
    expect(createFailure('Brand.New', '')).toMatchObject({ code: 'Brand.New', isKnown: false });
  });
});

describe('failureTable', () => {
  it('has every code once', () => {
    const codes = failureTable.map((row) => row.code);
    expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([]);
  });

  it('says in whole sentences what each failure means and what to do about it', () => {
    for (const row of [...failureTable, ...setupFaults.map((fault) => fault.row)]) {
      expect(row.meaning).toMatch(/^[A-Z].+\.$/);
      expect(row.advice).toMatch(/^[A-Z].+\.$/);
    }
  });
});
