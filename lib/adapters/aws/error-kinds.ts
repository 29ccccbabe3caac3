/** What kind of thing went wrong with a call to AWS, as far as it decides what to say and what to do next. */
export type AwsErrorKind =
  /** Too many requests at once, of this caller or of others in the account. */
  | 'throttled'
  /** Known credentials that may not do that, or an account that has not subscribed to the service. */
  | 'denied'
  | 'no-credentials'
  | 'expired-credentials'
  /** AWS does not take the credentials: they are wrong, or the Region is not enabled in their account. */
  | 'unknown-credentials'
  | 'not-found'
  | 'no-region'
  /** No connection, or no answer in time. */
  | 'unreachable'
  /** Whoever answers has no certificate that this machine trusts. */
  | 'untrusted'
  /** The machine that asks has no more open files, ports or memory for sockets. */
  | 'exhausted'
  /** Something that is not AWS answers. */
  | 'no-answer'
  /** AWS's own trouble. */
  | 'server'
  /** AWS does not take the request as it is. */
  | 'invalid'
  /** Anything else, an error that has nothing to do with AWS too. */
  | 'failed';

/**
 * Kinds by the error's name: the API References' "Common errors" of EKS, EC2, IAM, STS, CloudTrail and DynamoDB, the SDK's
 * credential providers and its own list of throttling errors (@smithy/service-error-classification), since not all of
 * them are in the services' models (FACTS).
 */
const BY_NAME: readonly [RegExp, AwsErrorKind][] = [
  [/^(?:ExpiredToken(?:Exception)?|RequestExpired|TokenRefreshRequired)$/, 'expired-credentials'],
  [
    /^(?:UnrecognizedClientException|InvalidClientTokenId|AuthFailure|SignatureDoesNotMatch|InvalidSignature(?:Exception)?|IncompleteSignature(?:Exception)?|InvalidAccessKeyId|MissingAuthenticationToken(?:Exception)?)$/,
    'unknown-credentials',
  ],
  [
    /^(?:AccessDenied(?:Exception)?|UnauthorizedOperation|NotAuthorized|UnauthorizedException|ForbiddenException|OptInRequired)$/,
    'denied',
  ],
  [/^(?:ResourceNotFoundException|NoSuchEntity(?:Exception)?|PolicyNotFoundException)$/, 'not-found'],
  [
    /^(?:(?:EC2)?Thrott(?:ling|led)(?:Exception)?|RequestThrottled(?:Exception)?|RequestLimitExceeded|ProvisionedThroughputExceededException|TooManyRequestsException|BandwidthLimitExceeded|LimitExceededException|SlowDown|PriorRequestNotComplete)$/,
    'throttled',
  ],
  [/^(?:CredentialsProviderError|TokenProviderError|ProviderError)$/, 'no-credentials'],
  [/^(?:TimeoutError|AbortError)$/, 'unreachable'],
  [/^(?:Validation(?:Exception|Error)|SerializationException|MissingParameter|Invalid\w+|Malformed\w+)$/, 'invalid'],
];

/** Kinds by the code of the system or of TLS (Node.js, "Common system errors" and "TLS/SSL errors"), and by our own. */
const BY_CODE: readonly [RegExp, AwsErrorKind][] = [
  [/^(?:EADDRNOTAVAIL|EMFILE|ENFILE|ENOBUFS|ENOMEM)$/, 'exhausted'],
  [/^(?:ENOTFOUND|EAI_\w+|E(?:CONN|HOST|NET|PIPE|TIMEDOUT)\w*|ERR_SOCKET_\w+)$/, 'unreachable'],
  [/^(?:CERT_\w+|UNABLE_TO_\w+|\w*SELF_SIGNED\w*|ERR_TLS_CERT_\w+|HOSTNAME_MISMATCH)$/, 'untrusted'],
  [/^unprocessed-items$/, 'throttled'],
];

const PASSING: ReadonlySet<AwsErrorKind> = new Set(['throttled', 'unreachable', 'exhausted', 'no-answer', 'server']);

/**
 * What kind of error it is, whatever was thrown. What it is by its name goes before all else: AWS quotes in its messages
 * what was asked for.
 */
export function kindOf(error: unknown): AwsErrorKind {
  if (!(error instanceof Error)) return 'failed';
  if (/region is missing|region=""/i.test(error.message)) return 'no-region';
  const named = BY_NAME.find(([name]) => name.test(error.name))?.[1];
  if (named === 'no-credentials' && /expired|refresh/i.test(error.message)) return 'expired-credentials';
  return named ?? BY_CODE.find(([code]) => code.test(codeOf(error)))?.[1] ?? kindOfAnswer(error);
}

/** Whether the same request may go through later, with nobody doing anything about it. */
export function mayPass(kind: AwsErrorKind): boolean {
  return PASSING.has(kind);
}

/** The code of the system, of TLS or of ours, '' where there is none. */
export function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** By its status first: what stands in front of a service that is in trouble writes a page as well. */
function kindOfAnswer(error: Error): AwsErrorKind {
  const status = statusOf(error);
  if (status === 429) return 'throttled';
  if (status >= 500 || ('$fault' in error && error.$fault === 'server')) return 'server';
  if (error.name === 'SyntaxError') return 'no-answer';
  return /deserialization error|unexpected token|is not valid json|\bxml\b/i.test(error.message)
    ? 'no-answer'
    : 'failed';
}

/** The status of the answer, 0 where there was none. */
function statusOf(error: Error): number {
  const metadata: unknown = '$metadata' in error ? error.$metadata : undefined;
  const status: unknown = Object(metadata).httpStatusCode;
  return typeof status === 'number' ? status : 0;
}
