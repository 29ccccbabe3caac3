import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { hasCredentials, profilesOf, readProfile } from '../../lib/kubeconfig/aws-profile.ts';
import { CommandError } from '../failures/command-error.ts';
import { checkRegion } from '../options/aws-options.ts';
import { readEnvironment } from '../options/environment.ts';
import type { ServiceOptions } from './service-access.ts';

/**
 * Checks the profile and the Region for the service.
 * @throws CommandError if the profile or the Region does not exist.
 */
export async function checkSignIn({ profile, region }: Pick<ServiceOptions, 'profile' | 'region'>): Promise<void> {
  if (region !== undefined) checkRegion(region);
  await checkProfiles(profile === undefined ? [] : [profile]);
}

/**
 * Checks that the profiles exist. Without this check, the SDK would report missing credentials, or use those of the
 * machine.
 * @throws CommandError if a profile does not exist.
 */
export async function checkProfiles(profiles: readonly string[]): Promise<void> {
  if (profiles.length === 0) return;
  const [config, credentials] = await Promise.all([textOf(awsConfigPath()), textOf(awsCredentialsPath())]);
  if (config === 'unreadable' || credentials === 'unreadable') return;
  for (const profile of profiles) {
    if (readProfile(config.text, profile) !== undefined || hasCredentials(credentials.text, profile)) continue;
    const places = `${awsConfigPath()} or ${awsCredentialsPath()}`;
    throw new CommandError(`There is no AWS profile ${profile} in ${places}. Check --profile.`, 1);
  }
}

/** Returns the names of the profiles. Leaves out the profiles of a file that cannot be read. */
export async function profileNames(): Promise<readonly string[]> {
  const read = await Promise.all([textOf(awsConfigPath()), textOf(awsCredentialsPath())]);
  const [config = '', credentials = ''] = read.map((file) => (file === 'unreadable' ? '' : file.text));
  return profilesOf(config, credentials);
}

/**
 * Returns the text of the file, empty if the file does not exist. If the file cannot be read, returns `unreadable`: the
 * SDK itself reports that error.
 */
async function textOf(path: string): Promise<{ readonly text: string } | 'unreadable'> {
  try {
    return { text: await readFile(path, 'utf8') };
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT' ? { text: '' } : 'unreadable';
  }
}

/** Returns the path of the AWS CLI's config file. */
export function awsConfigPath(): string {
  return readEnvironment().AWS_CONFIG_FILE || join(homedir(), '.aws', 'config');
}

export function awsCredentialsPath(): string {
  return readEnvironment().AWS_SHARED_CREDENTIALS_FILE || join(homedir(), '.aws', 'credentials');
}
