import type { ErrorCode } from '../../error-code.ts';
import { type AwsErrorKind, codeOf, kindOf } from './error-kinds.ts';

/** A failed call to AWS. The message is one sentence for a person. It quotes AWS, so escape it for display. */
export class AwsError extends Error {
  readonly code = 'aws' satisfies ErrorCode;
  readonly kind: AwsErrorKind;

  constructor(kind: AwsErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** A call to AWS, as error messages describe it. */
export interface Call {
  /** Action as IAM writes it: `eks:DescribeCluster`. */
  readonly action: string;
  readonly region: string | undefined;
  readonly profile: string | undefined;
}

type Sentence = (call: Call, error: Error) => string;

const SENTENCES: Readonly<Record<AwsErrorKind, Sentence>> = {
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
  untrusted: (call, error) =>
    `AWS could not be reached for ${call.action}${inRegion(call)}: no certificate that this machine trusts (${reasonOf(error)}). Check the network and the proxy; NODE_EXTRA_CA_CERTS names a proxy's own.`,
  exhausted: (call, error) =>
    `This machine has no more open files or connections for ${call.action}${inRegion(call)} (${reasonOf(error)}): end what holds them, or raise the limit (ulimit -n).`,
  throttled: (call) => `AWS throttled ${call.action}${inRegion(call)}, three times over: try again in a minute.`,
  'no-answer': (call) =>
    `What answered ${call.action}${inRegion(call)} was not AWS: check AWS_ENDPOINT_URL and the proxy.`,
  server: (call, error) => `${failed(call, error)} Try again in a minute.`,
  invalid: (call, error) => `${failed(call, error)} Try again, or correct that.`,
  failed: (call, error) => `${failed(call, error)} Try again, or correct that.`,
};

function failed(call: Call, { name, message }: Error): string {
  return `${call.action}${inRegion(call)} failed: ${name}: ${clause(message)}.`;
}

/** Converts an error of the SDK into a sentence. An AwsError is returned unchanged. */
export function asAwsError(error: unknown, call: Call): AwsError {
  if (error instanceof AwsError) return error;
  const cause = error instanceof Error ? error : new Error(String(error));
  const kind = kindOf(cause);
  return new AwsError(kind, SENTENCES[kind](call, cause), { cause });
}

/** Returns the error's code of the operating system, else its name. */
function reasonOf(error: Error): string {
  return codeOf(error) || error.name;
}

function ofProfile({ profile }: Call): string {
  return profile === undefined ? '' : ` for the profile ${profile}`;
}

function inRegion({ region }: Call): string {
  return region === undefined ? '' : ` in ${region}`;
}

/** Returns AWS's message as part of a sentence: one line, without its period. */
function clause(message: string): string {
  return message.replace(/\s+/g, ' ').trim().replace(/\.$/, '').slice(0, 500);
}
