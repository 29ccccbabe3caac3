/** The kind of a failed call to AWS. It decides what to report and what to do next. */
export type AwsErrorKind =
  /** Too many requests at once, by this caller or by others in the account. */
  | 'throttled'
  /** Valid credentials without the permission, or an account that has not subscribed to the service. */
  | 'denied'
  | 'no-credentials'
  | 'expired-credentials'
  /** Credentials that AWS rejects: they are wrong, or the Region is not enabled in their account. */
  | 'unknown-credentials'
  | 'not-found'
  | 'no-region'
  /** No connection, or no answer in time. */
  | 'unreachable'
  /** A server whose certificate this machine does not trust. */
  | 'untrusted'
  /** This machine has no more files, ports or memory for sockets. */
  | 'exhausted'
  /** An answer from something other than AWS. */
  | 'no-answer'
  /** An internal error of AWS. */
  | 'server'
  /** A request that AWS rejects as invalid. */
  | 'invalid'
  /** Any other error, including those that have nothing to do with AWS. */
  | 'failed';

/**
 * The kinds by the name of the error. Sources: "Common errors" in the API References of EKS, EC2, IAM, STS, CloudTrail
 * and DynamoDB. The models of the services lack some names (FACTS). Those come from the SDK's credential providers and
 * its list of throttling errors (@smithy/service-error-classification).
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

/**
 * The kinds by the code of the operating system, of TLS or of eks-whois. Source: Node.js, "Common system errors" and
 * "TLS/SSL errors".
 */
const BY_CODE: readonly [RegExp, AwsErrorKind][] = [
  [/^(?:EADDRNOTAVAIL|EMFILE|ENFILE|ENOBUFS|ENOMEM)$/, 'exhausted'],
  [/^(?:ENOTFOUND|EAI_\w+|E(?:CONN|HOST|NET|PIPE|TIMEDOUT)\w*|ERR_SOCKET_\w+)$/, 'unreachable'],
  [/^(?:CERT_\w+|UNABLE_TO_\w+|\w*SELF_SIGNED\w*|ERR_TLS_CERT_\w+|HOSTNAME_MISMATCH)$/, 'untrusted'],
  [/^unprocessed-items$/, 'throttled'],
];

const PASSING: ReadonlySet<AwsErrorKind> = new Set(['throttled', 'unreachable', 'exhausted', 'no-answer', 'server']);

/**
 * Returns the kind of anything that was thrown. The error's name decides before its message, because AWS quotes parts
 * of the request in messages.
 */
export function kindOf(error: unknown): AwsErrorKind {
  if (!(error instanceof Error)) return 'failed';
  if (/region is missing|region=""/i.test(error.message)) return 'no-region';
  const named = BY_NAME.find(([name]) => name.test(error.name))?.[1];
  if (named === 'no-credentials' && /expired|refresh/i.test(error.message)) return 'expired-credentials';
  return named ?? BY_CODE.find(([code]) => code.test(codeOf(error)))?.[1] ?? kindOfAnswer(error);
}

/** Returns whether the same request can succeed later by itself. */
export function isTransient(kind: AwsErrorKind): boolean {
  return PASSING.has(kind);
}

/** Returns the code of the operating system, of TLS or of eks-whois. Empty if the error has none. */
export function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/**
 * Returns the kind by the HTTP response. Its status decides before its body, because a proxy in front of a failing
 * service also responds with a page.
 */
function kindOfAnswer(error: Error): AwsErrorKind {
  const status = statusOf(error);
  if (status === 429) return 'throttled';
  if (status >= 500 || ('$fault' in error && error.$fault === 'server')) return 'server';
  if (error.name === 'SyntaxError') return 'no-answer';
  return /deserialization error|unexpected token|is not valid json|\bxml\b/i.test(error.message)
    ? 'no-answer'
    : 'failed';
}

/** Returns the HTTP status of the response. 0 if there was none. */
function statusOf(error: Error): number {
  const metadata: unknown = '$metadata' in error ? error.$metadata : undefined;
  const status: unknown = Object(metadata).httpStatusCode;
  return typeof status === 'number' ? status : 0;
}
