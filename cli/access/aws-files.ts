import { homedir } from 'node:os';
import { join } from 'node:path';

/** The AWS CLI's config file. */
export function awsConfigPath(): string {
  return process.env.AWS_CONFIG_FILE || join(homedir(), '.aws', 'config');
}

export function awsCredentialsPath(): string {
  return process.env.AWS_SHARED_CREDENTIALS_FILE || join(homedir(), '.aws', 'credentials');
}
