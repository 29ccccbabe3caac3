import type { AwsSettings } from '../../lib/adapters/aws/aws-settings.ts';
import { present } from '../../lib/json.ts';
import { wrongUsage } from '../failures/command-error.ts';
import { type Environment, readEnvironment } from './environment.ts';

/**
 * Returns the sign-in and the Region that the AWS CLI would use. Sign-in: `--profile`, or else keys in the environment,
 * or else `AWS_PROFILE` (the SDK alone would prefer the profile). Region: `--region`, or else `AWS_REGION`, or else
 * `AWS_DEFAULT_REGION`, which the SDK does not read. An empty variable counts as not set.
 */
export function awsSettings(options: { profile?: string; region?: string }): AwsSettings {
  const environment = readEnvironment();
  return {
    profile: options.profile,
    region: options.region ?? (environment.AWS_REGION || environment.AWS_DEFAULT_REGION || undefined),
    credentials: options.profile === undefined ? environmentCredentials(environment) : undefined,
  };
}

function environmentCredentials(environment: Environment): AwsSettings['credentials'] {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN } = environment;
  if (!accessKeyId || !secretAccessKey) return undefined;
  return present({ accessKeyId, secretAccessKey, sessionToken: AWS_SESSION_TOKEN || undefined });
}

/** Returns whether the text has the form of a Region's name. */
export function isRegion(text: string): boolean {
  return /^[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}$/.test(text);
}

/** Refuses a typing error before a request goes to a host that does not exist. @throws CommandError for such a name. */
export function checkRegion(region: string): void {
  if (isRegion(region)) return;
  const several = /[\s,]/.test(region) ? '; several as --region one --region other' : '';
  throw wrongUsage(`${region || '--region ""'} is not an AWS Region. Give one like eu-west-1${several}.`);
}

/** Checks a text for a configuration file: one line, not empty. @throws CommandError for any other. */
export function checkLine(option: string, text: string): void {
  if (!/^[^\p{Cc}\p{Cf}]{1,200}$/u.test(text))
    throw wrongUsage(`${option} is not valid. Give one line of 1 to 200 characters.`);
}
