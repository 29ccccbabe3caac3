import type { GapCode } from '../../claims/lookup-gap.ts';
import type { ErrorCode } from '../../error-code.ts';
import { type AwsErrorKind, codeOf, kindOf } from '../aws/error-kinds.ts';

/** Says that a look-up failed. The message is a sentence with the reason and what to do. */
export class LookupError extends Error {
  readonly code = 'lookup' satisfies ErrorCode;
  readonly gap: Exclude<GapCode, 'unfinished'>;

  constructor(gap: LookupError['gap'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.gap = gap;
  }
}

type Wording = readonly [gap: LookupError['gap'], sentence: (error: Error, message: string) => string];

const CREDENTIALS: Wording = [
  'credentials',
  (_, message) =>
    `the AWS credentials are missing, expired or rejected (${message}); sign in again, or choose another --profile`,
];
const SILENT: Wording = [
  'unreachable',
  (_, message) => `the request failed (${message}); check the Region and the network, or try again later`,
];
const REFUSED: Wording = ['refused', ({ name }, message) => `CloudTrail refused the request (${name}: ${message})`];

const WORDINGS: Readonly<Record<AwsErrorKind, Wording>> = {
  'no-credentials': CREDENTIALS,
  'expired-credentials': CREDENTIALS,
  'unknown-credentials': CREDENTIALS,
  denied: ['denied', () => 'the permission cloudtrail:LookupEvents is missing, or the Region is not enabled'],
  throttled: [
    'throttled',
    () => 'CloudTrail throttled the request; others in the account use the same limit of 2 requests a second',
  ],
  exhausted: [
    'exhausted',
    (_, message) =>
      `this machine ran out of open files or connections (${message}); look up in fewer Regions or accounts, or raise the limit (ulimit -n)`,
  ],
  unreachable: SILENT,
  'no-answer': SILENT,
  server: SILENT,
  untrusted: [
    'refused',
    (_, message) =>
      `this machine does not trust the server's certificate (${message}); if a proxy has its own certificate, set NODE_EXTRA_CA_CERTS to its file`,
  ],
  'not-found': REFUSED,
  'no-region': REFUSED,
  invalid: REFUSED,
  failed: REFUSED,
};

/** Returns an error of the SDK as a `LookupError`, whose message is a sentence. */
export function asLookupError(thrown: unknown): LookupError {
  if (thrown instanceof LookupError) return thrown;
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const [gap, sentence] = WORDINGS[kindOf(error)];
  return new LookupError(gap, sentence(error, messageOf(error)), { cause: thrown });
}

/** Returns the first line of the message. Other lines are the SDK's advice to programmers. */
function messageOf(error: Error): string {
  return error.message.split('\n')[0] || codeOf(error) || error.name;
}

/** Returns whether the same request may succeed later (`isTransient`). */
export function isWorthRetrying({ gap }: LookupError): boolean {
  return gap === 'throttled' || gap === 'unreachable' || gap === 'exhausted';
}
