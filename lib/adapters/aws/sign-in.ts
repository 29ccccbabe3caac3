import type { StaticCredentials } from './aws-settings.ts';

/** Credentials and Region for an SDK client, if they differ from the environment's. */
export interface SignIn {
  readonly profile?: string;
  readonly region?: string;
  readonly credentials?: StaticCredentials;
  readonly logger?: Record<'debug' | 'info' | 'warn' | 'error', () => void>;
}
