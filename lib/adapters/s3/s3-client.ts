import type { S3Client } from '@aws-sdk/client-s3';
import type { RejectReason } from '../../envelopes/reject.ts';
import { type AwsError, asAwsError } from '../aws/aws-error.ts';
import { type AwsSettings, clientSettings } from '../aws/aws-settings.ts';
import type { AwsErrorKind } from '../aws/error-kinds.ts';
import { UnreadableFileError } from '../files/unreadable-file.ts';

/** The credentials for S3, and who pays. It can be passed to another thread. */
export interface S3Access {
  readonly aws: AwsSettings;
  /** Whether the requester accepts the charges of a "requester pays" bucket (`x-amz-request-payer`). */
  readonly requesterPays: boolean;
  /**
   * Whether the bucket is named in the path instead of the host name. A custom endpoint seldom resolves names below it.
   */
  readonly byPath: boolean;
}

/** A client of S3, and the parameters that each of its requests has. */
export interface S3Connection {
  readonly client: S3Client;
  readonly payer: { readonly RequestPayer?: 'requester' };
  readonly profile: string | undefined;
}

/**
 * Limits the attempts. There are more than elsewhere, because S3 answers bursts with SlowDown until it has scaled a
 * prefix.
 */
const MOST_ATTEMPTS = 6;
/** The longest silence in a body, in milliseconds. After that, the rest is requested again. */
const MOST_SILENCE = 60_000;
/** The Region to ask first if none is known. S3 of any Region says where a bucket is. */
const ANY_REGION = 'us-east-1';

/** Returns a connection that follows a bucket to its own Region. The SDK is loaded when it is first needed. */
export async function connectToS3({ aws, requesterPays, byPath }: S3Access): Promise<S3Connection> {
  const { S3Client: Client } = await import('@aws-sdk/client-s3');
  const settings = clientSettings(aws);
  const options = {
    ...settings,
    requestHandler: { ...settings.requestHandler, socketTimeout: MOST_SILENCE },
    maxAttempts: MOST_ATTEMPTS,
    followRegionRedirects: true,
    forcePathStyle: byPath,
    responseChecksumValidation: 'WHEN_REQUIRED',
  } as const;
  const client = new Client(options);
  const region = await client.config.region().catch(() => undefined);
  return {
    client: region === undefined ? new Client({ ...options, region: ANY_REGION }) : client,
    payer: requesterPays ? { RequestPayer: 'requester' } : {},
    profile: aws.profile,
  };
}

/** The kinds of errors after which no other object can be read either. */
const AFFECTS_ALL: ReadonlySet<AwsErrorKind> = new Set([
  'no-credentials',
  'expired-credentials',
  'unknown-credentials',
  'no-region',
  'unreachable',
  'untrusted',
  'exhausted',
]);

const NAMES: readonly (readonly [RegExp, RejectReason, string])[] = [
  [/^NoSuchKey$|^NotFound$/, 'missing-object', 'The object no longer exists: it was deleted after it was listed.'],
  [/^InvalidObjectState$/, 'archived-object', 'The object is archived (S3 Glacier): restore it first.'],
  [/^PreconditionFailed$/, 'cut-file', 'The object was overwritten while it was read: read it again.'],
];

/**
 * Returns a sentence that says why one object cannot be read.
 * @throws AwsError if the error is about more than this object: the credentials, or S3 cannot be reached.
 */
export function objectFault(error: unknown, profile: string | undefined): UnreadableFileError {
  if (error instanceof UnreadableFileError) return error;
  const [name, message] = error instanceof Error ? [error.name, error.message] : ['', String(error)];
  if (/^KMS\.|kms:|\bKMS\b/i.test(`${name} ${message}`)) return faultOf('denied-kms-key', kmsSentence(message), error);
  const known = NAMES.find(([pattern]) => pattern.test(name));
  if (known !== undefined) return faultOf(known[1], known[2], error);
  const fault = requestFault(error, 's3:GetObject', profile);
  if (AFFECTS_ALL.has(fault.kind)) throw fault;
  const isDenied = fault.kind === 'denied' || /^(?:403|Forbidden)$/.test(name);
  return faultOf(isDenied ? 'denied-object' : 'unreadable-file', `${fault.message}${isDenied ? PAYER : ''}`, error);
}

const PAYER = ' If the bucket is "requester pays", add --request-payer.';

function faultOf(reason: RejectReason, sentence: string, cause: unknown): UnreadableFileError {
  return new UnreadableFileError(sentence, { reason, cause });
}

/**
 * Returns a sentence about KMS. S3 names the key if decryption is denied. A disabled or deleted key has error codes of
 * KMS.
 */
function kmsSentence(message: string): string {
  const key = /arn:[^\s:]+:kms:[^\s"',]+/.exec(message)?.[0] ?? 'its KMS key';
  const why = message.replace(/\s+/g, ' ').trim().replace(/\.$/, '').slice(0, 400);
  return `The object is encrypted with ${key}, which needs kms:Decrypt: ${why}.`;
}

/** Returns the error of a failed request to S3, with a sentence for a person. */
export function requestFault(error: unknown, action: string, profile: string | undefined): AwsError {
  return asAwsError(error, { action, profile, region: undefined });
}

/** Returns whether no other request can succeed either. */
export function affectsAll({ kind }: AwsError): boolean {
  return AFFECTS_ALL.has(kind);
}
