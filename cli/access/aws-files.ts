import { homedir } from 'node:os';
import { join } from 'node:path';
import { readEnvironment } from '../options/environment.ts';

/** The AWS CLI's config file. */
export function awsConfigPath(): string {
  return readEnvironment().AWS_CONFIG_FILE || join(homedir(), '.aws', 'config');
}

export function awsCredentialsPath(): string {
  return readEnvironment().AWS_SHARED_CREDENTIALS_FILE || join(homedir(), '.aws', 'credentials');
}
