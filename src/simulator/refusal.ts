/** An error answer of the API: what goes into `Response.Error`. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
}

/** Where messages were seen in real answers they are repeated here; the others follow their pattern. */
export const refusals = {
  unsupportedProtocol: (): Refusal => ({
    code: 'UnsupportedProtocol',
    message: 'The request protocol is not supported. Only POST requests are served.',
  }),
  missingParameter: (name: string): Refusal => ({
    code: 'MissingParameter',
    message: `The request is missing a required parameter \`${name}\`.`,
  }),
  unknownParameter: (name: string): Refusal => ({
    code: 'UnknownParameter',
    message: `The parameter \`${name}\` is not recognized.`,
  }),
  wrongType: (name: string): Refusal => ({
    code: 'InvalidParameter',
    message: `The value type of parameter \`${name}\` is not valid`,
  }),
  notJson: (): Refusal => ({
    code: 'InvalidParameter',
    message: 'The request body is not a valid JSON object.',
  }),
  tooLargeRequest: (): Refusal => ({
    code: 'RequestSizeLimitExceeded',
    message: 'The request size exceeds the limit of 10 MB.',
  }),
  invalidValue: (name: string, value: unknown): Refusal => ({
    code: 'InvalidParameterValue',
    message: `The value \`${JSON.stringify(value)}\` specified in the parameter \`${name}\` is not valid.`,
  }),
  tooMany: (name: string, limit: number): Refusal => ({
    code: 'InvalidParameterValue.LimitExceeded',
    message: `The number of values in the parameter \`${name}\` exceeds the limit \`${limit}\`.`,
  }),
  tooLong: (name: string, limit: number): Refusal => ({
    code: 'InvalidParameterValue.TooLong',
    message: `The length of the parameter \`${name}\` exceeds the limit \`${limit}\`.`,
  }),
  invalidId: (kind: keyof typeof kindNames, id: string): Refusal => ({
    code: `InvalidParameterValue.Invalid${kind}Id`,
    message: `The specified ${kindNames[kind]} id \`${id}\` is not valid.`,
  }),
  invocationNotFound: (id: string): Refusal => ({
    code: 'ResourceNotFound.InvocationNotFound',
    message: `The specified invocation \`${id}\` is not found.`,
  }),
  invokerNotFound: (id: string): Refusal => ({
    code: 'ResourceNotFound',
    message: `The specified invoker \`${id}\` is not found.`,
  }),
  unrelatedInstance: (offender?: string): Refusal => ({
    code: 'InvalidParameterValue.InstanceIsNotRelatedToInvocation',
    message:
      offender === undefined
        ? 'The specified instance is not related to the specified invocation.'
        : `The specified instance \`${offender}\` is not related to the specified invocation.`,
  }),
  conflictingParameters: (one: string, other: string): Refusal => ({
    code: 'InvalidParameter.ConflictParameter',
    message: `The parameters \`${one}\` and \`${other}\` can not be specified at the same time.`,
  }),
  invalidFilter: (name: string): Refusal => ({
    code: 'InvalidParameterValue.InvalidFilter',
    message: `The specified filter \`${name}\` is not valid.`,
  }),
  tooManyFilterValues: (limit: number): Refusal => ({
    code: 'LimitExceeded.FilterValueExceeded',
    message: `The number of filter values exceeds the limit \`${limit}\`.`,
  }),
  unknownAction: (action: string, version: string): Refusal => ({
    code: 'InvalidAction',
    message: `The request action=\`${action}\` is invalid or not found in service=\`tat\` and version=\`${version}\`.`,
  }),
  unknownVersion: (version: string): Refusal => ({
    code: 'NoSuchVersion',
    message: `The version \`${version}\` of service \`tat\` does not exist.`,
  }),
  invalidRegion: (code: 'UnsupportedRegion' | 'InvalidParameterValue'): Refusal => ({
    code,
    message: 'A value specified in `X-TC-Region` is not valid, is unsupported, or cannot be used.',
  }),
  overRate: (calls: number, limit: number): Refusal => ({
    code: 'RequestLimitExceeded',
    message:
      `Your current request times equals to \`${calls}\` in a second, which exceeds the frequency limit ` +
      `\`${limit}\` for a second. Please reduce the frequency of calls.`,
  }),
  invalidAuthorization: (reason: string): Refusal => ({
    code: 'AuthFailure.InvalidAuthorization',
    message: `The request \`Authorization\` header does not conform to tencentcloud standards: ${reason}.`,
  }),
  expiredSignature: (serverSeconds: number): Refusal => ({
    code: 'AuthFailure.SignatureExpire',
    message:
      'Signature expired. Please use local time and enable NTP service for time synchronization to avoid a ' +
      `deviation between \`Timestamp\` and the server time ${serverSeconds}.`,
  }),
  unknownSecretId: (): Refusal => ({
    code: 'AuthFailure.SecretIdNotFound',
    message: 'The SecretId is not found, please ensure that your SecretId is correct.',
  }),
  wrongToken: (): Refusal => ({
    code: 'AuthFailure.TokenFailure',
    message: 'The token is invalid or has expired.',
  }),
  wrongSignature: (): Refusal => ({
    code: 'AuthFailure.SignatureFailure',
    message: 'The provided credentials could not be validated. Please check your signature is correct.',
  }),
  unauthorized: (action: string, resource: string): Refusal => ({
    code: 'UnauthorizedOperation.CamAuthFailed',
    message: `you are not authorized to perform operation (tat:${action})\nresource (${resource}) has no permission`,
  }),
};

const kindNames = {
  Invocation: 'invocation',
  Instance: 'instance',
  InvocationTask: 'invocation task',
  Invoker: 'invoker',
} as const;
