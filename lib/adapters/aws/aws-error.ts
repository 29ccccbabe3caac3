import type { ErrorCode } from '../../error-code.ts';
import { type AwsErrorKind, codeOf, kindOf } from './error-kinds.ts';

/**
 * Says that a call to AWS failed. The message is one sentence for a person. It quotes AWS, so escape it before display.
 */
export class AwsError extends Error {
  readonly code = 'aws' satisfies ErrorCode;
  readonly kind: AwsErrorKind;

  constructor(kind: AwsErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** The parts of a call to AWS that its error message names. */
export interface Call {
  /** The action as IAM writes it, for example `eks:DescribeCluster`. */
  readonly action: string;
  readonly region: string | undefined;
  readonly profile: string | undefined;
}

type Sentence = (call: Call, error: Error) => string;

const SENTENCES: Readonly<Record<AwsErrorKind, Sentence>> = {
  'no-credentials': (call) =>
    `No AWS credentials were found${forProfile(call)}: sign in (aws sso login, aws configure), or choose another --profile.`,
  'expired-credentials': (call) =>
    `The AWS credentials${forProfile(call)} have expired: sign in again (aws sso login).`,
  'unknown-credentials': (call, { name }) =>
    `AWS rejected the credentials${forProfile(call)}${inRegion(call)} (${name}): check them, and that the Region is enabled in the account.`,
  denied: (call, { message }) =>
    `AWS denied ${call.action}${inRegion(call)}: ${clause(message)}. Ask for that permission, or give another --profile.`,
  'not-found': (call, { message }) =>
    `${call.action}${inRegion(call)} found nothing: ${clause(message)}. Check the name, --region and --profile.`,
  'no-region': () => 'No AWS Region is set: use --region, set AWS_REGION, or set region in the AWS profile.',
  unreachable: (call, error) =>
    `Can't reach AWS for ${call.action}${inRegion(call)} (${reasonOf(error)}): check the Region and the network.`,
  untrusted: (call, error) =>
    `Can't reach AWS for ${call.action}${inRegion(call)}: this machine does not trust the server's certificate (${reasonOf(error)}). Check the network and the proxy. If the proxy has its own certificate, set NODE_EXTRA_CA_CERTS to its file.`,
  exhausted: (call, error) =>
    `This machine ran out of open files or connections for ${call.action}${inRegion(call)} (${reasonOf(error)}): end the programs that hold them, or raise the limit (ulimit -n).`,
  throttled: (call) => `AWS throttled ${call.action}${inRegion(call)} three times: try again in a minute.`,
  'no-answer': (call) =>
    `The answer to ${call.action}${inRegion(call)} did not come from AWS: check AWS_ENDPOINT_URL and the proxy.`,
  server: (call, error) => `${failed(call, error)} Try again in a minute.`,
  invalid: (call, error) => `${failed(call, error)} Fix the cause, or try again.`,
  failed: (call, error) => `${failed(call, error)} Fix the cause, or try again.`,
};

function failed(call: Call, { name, message }: Error): string {
  return `${call.action}${inRegion(call)} failed: ${name}: ${clause(message)}.`;
}

/** Returns an error of the SDK as an `AwsError`, whose message is a sentence. An `AwsError` stays as it is. */
export function asAwsError(error: unknown, call: Call): AwsError {
  if (error instanceof AwsError) return error;
  const cause = error instanceof Error ? error : new Error(String(error));
  const kind = kindOf(cause);
  return new AwsError(kind, SENTENCES[kind](call, cause), { cause });
}

/** Returns the operating system's code of the error, or else its name. */
function reasonOf(error: Error): string {
  return codeOf(error) || error.name;
}

function forProfile({ profile }: Call): string {
  return profile === undefined ? '' : ` for the profile ${profile}`;
}

function inRegion({ region }: Call): string {
  return region === undefined ? '' : ` in ${region}`;
}

/** Returns AWS's message as a part of a sentence, on one line and without its period. */
function clause(message: string): string {
  return message.replace(/\s+/g, ' ').trim().replace(/\.$/, '').slice(0, 500);
}
