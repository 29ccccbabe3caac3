/** Why a look-up was given up, for a person: the sentence says what to do. */
export class LookupError extends Error {
  readonly code: 'credentials' | 'denied' | 'throttled' | 'unreachable' | 'exhausted' | 'refused';

  constructor(code: LookupError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

const CREDENTIALS = new Set([
  'AuthFailure',
  'CredentialsProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'IncompleteSignature',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'ProviderError',
  'RequestExpired',
  'SignatureDoesNotMatch',
  'TokenProviderError',
  'TokenRefreshRequired',
  'UnrecognizedClientException',
]);
const DENIED = new Set(['AccessDenied', 'AccessDeniedException', 'OptInRequired', 'UnauthorizedOperation']);
/** Not all of them are in the service's model (FACTS): they are told by name. */
const THROTTLED = new Set([
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
]);
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ERR_SOCKET_CONNECTION_TIMEOUT',
  'ETIMEDOUT',
]);

/** What the machine that asks has no more of: files that may be open, ports, memory for sockets. */
const EXHAUSTED = new Set(['EADDRNOTAVAIL', 'EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM']);

/** What kind of failure an error of the SDK is. */
export function lookupFailure(error: unknown): LookupError {
  if (error instanceof LookupError) return error;
  const { name, code, status, message } = described(error);
  const cause = { cause: error };
  if (CREDENTIALS.has(name)) {
    const wrong = `the AWS credentials are missing, expired or not accepted (${message})`;
    return new LookupError('credentials', `${wrong}; sign in again, or choose another --profile`, cause);
  }
  if (DENIED.has(name)) {
    return new LookupError('denied', 'the permission cloudtrail:LookupEvents is missing, or the Region is off', cause);
  }
  if (THROTTLED.has(name)) {
    return new LookupError('throttled', 'CloudTrail takes no more requests; others use the 2 a second too', cause);
  }
  if (EXHAUSTED.has(code)) {
    const why = `this machine ran out of open files or connections (${message})`;
    return new LookupError(
      'exhausted',
      `${why}; look up in fewer Regions or accounts, or raise the limit (ulimit -n)`,
      cause,
    );
  }
  const silent = UNREACHABLE.has(code) || name === 'TimeoutError' || (status !== undefined && status >= 500);
  if (silent || name === 'SyntaxError')
    return new LookupError('unreachable', `CloudTrail did not answer (${message})`, cause);
  return new LookupError('refused', `CloudTrail refused the request (${name}: ${message})`, cause);
}

function described(error: unknown): { name: string; code: string; status: number | undefined; message: string } {
  if (!(error instanceof Error)) return { name: '', code: '', status: undefined, message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const metadata: unknown = '$metadata' in error ? error.$metadata : undefined;
  const status =
    typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata
      ? metadata.httpStatusCode
      : undefined;
  const message = error.message.split('\n')[0] || code || error.name;
  return { name: error.name, code, status: typeof status === 'number' ? status : undefined, message };
}

/** Whether the same request may go through later. */
export function isWorthRetrying({ code }: LookupError): boolean {
  return code === 'throttled' || code === 'unreachable' || code === 'exhausted';
}
