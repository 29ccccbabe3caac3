import { readConfigText } from '../../lib/adapters/kubeconfig/read.ts';
import { hasCredentials } from '../../lib/kubeconfig/aws-profile.ts';
import { KubeconfigError } from '../../lib/kubeconfig/kubeconfig-error.ts';
import { awsCredentialsPath } from '../access/aws-profiles.ts';
import { readEnvironment } from '../options/environment.ts';

/**
 * Refuses to make a person's own profile over to a role: with `role_arn` in it, every program that signs in by that
 * profile would act as the role from then on. `signedInWith` is what `--profile` says. Throws a KubeconfigError.
 */
export async function refuseOwnProfile(name: string, signedInWith: string | undefined): Promise<void> {
  const reason = ownProfileReason(name, signedInWith) ?? (await credentialsReason(name));
  if (reason === undefined) return;
  throw new KubeconfigError(
    `${name} is ${reason}: with the role in it, all that use it would act as the role. ` +
      'Give --alias for another name, or the --profile that you sign in with.',
  );
}

function ownProfileReason(name: string, signedInWith: string | undefined): string | undefined {
  if (name === 'default') return 'the AWS profile that every program takes which is told no other';
  const { AWS_PROFILE, AWS_DEFAULT_PROFILE } = readEnvironment();
  const own = signedInWith === undefined ? [AWS_PROFILE, AWS_DEFAULT_PROFILE] : [signedInWith];
  return own.includes(name) ? 'the AWS profile that you sign in with' : undefined;
}

async function credentialsReason(name: string): Promise<string | undefined> {
  const path = awsCredentialsPath();
  const text = (await readConfigText(path)) ?? '';
  return hasCredentials(text, name) ? `an AWS profile with credentials of its own in ${path}` : undefined;
}
