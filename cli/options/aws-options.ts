import type { AwsSettings } from '../../lib/adapters/aws/aws-settings.ts';
import { present } from '../../lib/json.ts';
import { wrongUsage } from '../failures/command-error.ts';
import { type Environment, readEnvironment } from './environment.ts';

/**
 * How AWS is asked, so that the answer is about the identity that the AWS CLI would use: `--profile`, else keys in the
 * environment, else `AWS_PROFILE` (the SDK alone would take the profile first); `--region`, else `AWS_REGION`, else
 * `AWS_DEFAULT_REGION`, which the SDK does not read; an empty variable says nothing.
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

/** Whether it is written as Regions are. */
export function isRegion(text: string): boolean {
  return /^[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}$/.test(text);
}

/** A Region's name; a typing error is told before AWS is looked for at an address that does not exist. */
export function checkRegion(region: string): void {
  if (isRegion(region)) return;
  const several = /[\s,]/.test(region) ? '; several as --region one --region other' : '';
  throw wrongUsage(`${region || '--region ""'} is not an AWS Region. Give one like eu-west-1${several}.`);
}

/** Text that goes into configuration files or names a part of them: on one line, and not empty. */
export function checkLine(option: string, text: string): void {
  if (!/^[^\p{Cc}\p{Cf}]{1,200}$/u.test(text))
    throw wrongUsage(`${option} is not valid. Give one line of 1 to 200 characters.`);
}
