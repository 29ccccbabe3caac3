/** What kind of thing went wrong, as far as it decides what to do next. */
export type AwsFaultKind =
  | 'no-credentials'
  | 'expired-credentials'
  | 'unknown-credentials'
  | 'denied'
  | 'not-found'
  | 'no-region'
  | 'unreachable'
  | 'throttled'
  | 'no-answer'
  | 'failed';

/** A call to AWS that failed. The message is one sentence for a person; it quotes AWS, so it is escaped when shown. */
export class AwsError extends Error {
  readonly code = 'aws-fault';
  readonly kind: AwsFaultKind;

  constructor(kind: AwsFaultKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** Which call it was. */
export interface Call {
  /** As IAM writes it: `eks:DescribeCluster`. */
  readonly action: string;
  readonly region: string | undefined;
  readonly profile: string | undefined;
}

type Sentence = (call: Call, error: Error) => string;

/** Kinds by the error's name: EKS, EC2, IAM and STS API References, "Common errors", and the SDK's credential providers. */
const BY_NAME: readonly [RegExp, AwsFaultKind][] = [
  [/^(?:ExpiredToken(?:Exception)?|RequestExpired|TokenRefreshRequired)$/, 'expired-credentials'],
  [
    /^(?:UnrecognizedClientException|InvalidClientTokenId|AuthFailure|SignatureDoesNotMatch|InvalidSignatureException|IncompleteSignature|InvalidAccessKeyId|MissingAuthenticationToken(?:Exception)?|OptInRequired)$/,
    'unknown-credentials',
  ],
  [
    /^(?:AccessDenied(?:Exception)?|UnauthorizedOperation|NotAuthorized|UnauthorizedException|ForbiddenException)$/,
    'denied',
  ],
  [/^(?:ResourceNotFoundException|NoSuchEntity(?:Exception)?)$/, 'not-found'],
  [
    /^(?:Throttling(?:Exception)?|ThrottledException|RequestLimitExceeded|TooManyRequestsException|RequestThrottled(?:Exception)?)$/,
    'throttled',
  ],
  [/^(?:CredentialsProviderError|TokenProviderError|ProviderError)$/, 'no-credentials'],
  [/^TimeoutError$/, 'unreachable'],
  [/^SyntaxError$/, 'no-answer'],
];

const SENTENCES: Readonly<Record<AwsFaultKind, Sentence>> = {
  'no-credentials': (call) =>
    `No AWS credentials were found${ofProfile(call)}: sign in (aws sso login, aws configure), or give another --profile.`,
  'expired-credentials': (call) => `The AWS credentials${ofProfile(call)} have expired: sign in again (aws sso login).`,
  'unknown-credentials': (call, { name }) =>
    `AWS does not take the credentials${ofProfile(call)}${inRegion(call)} (${name}): check them, and that the Region is enabled in the account.`,
  denied: (call, { message }) =>
    `AWS denied ${call.action}${inRegion(call)}: ${clause(message)}. Ask for that permission, or give another --profile.`,
  'not-found': (call, { message }) =>
    `${call.action}${inRegion(call)} found nothing: ${clause(message)}. Check name, --region and --profile.`,
  'no-region': () => 'No Region was given: give --region, set AWS_REGION, or set region in the AWS profile.',
  unreachable: (call, error) =>
    `AWS could not be reached for ${call.action}${inRegion(call)} (${reasonOf(error)}): check the Region and the network.`,
  throttled: (call) => `AWS throttled ${call.action}${inRegion(call)}, three times over: try again in a minute.`,
  'no-answer': (call) =>
    `What answered ${call.action}${inRegion(call)} was not AWS: check AWS_ENDPOINT_URL and the proxy.`,
  failed: (call, { name, message }) =>
    `${call.action}${inRegion(call)} failed: ${name}: ${clause(message)}. Try again, or correct that.`,
};

/** Words an error of the SDK. Faults that are worded already stay as they are. */
export function awsFault(error: unknown, call: Call): AwsError {
  if (error instanceof AwsError) return error;
  const cause = error instanceof Error ? error : new Error(String(error));
  const kind = kindOf(cause);
  return new AwsError(kind, SENTENCES[kind](call, cause), { cause });
}

function kindOf(error: Error): AwsFaultKind {
  if (/region is missing|region=""/i.test(error.message)) return 'no-region';
  if (/deserialization error|unexpected token|is not valid json|xml/i.test(error.message)) return 'no-answer';
  const named = BY_NAME.find(([name]) => name.test(error.name))?.[1];
  if (named === 'no-credentials' && /expired|refresh/i.test(error.message)) return 'expired-credentials';
  if (named !== undefined) return named;
  return /^(?:ENOTFOUND|EAI_AGAIN|E(?:CONN|HOST|NET|PIPE|TIMEDOUT)\w*|CERT_\w+|\w*SELF_SIGNED\w*)$/.test(
    reasonOf(error),
  )
    ? 'unreachable'
    : 'failed';
}

function reasonOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

function ofProfile({ profile }: Call): string {
  return profile === undefined ? '' : ` for the profile ${profile}`;
}

function inRegion({ region }: Call): string {
  return region === undefined ? '' : ` in ${region}`;
}

/** AWS's message as part of a sentence: one line, without its full stop. */
function clause(message: string): string {
  return message.replace(/\s+/g, ' ').trim().replace(/\.$/, '').slice(0, 500);
}
