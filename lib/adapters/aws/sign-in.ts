import type { StaticCredentials } from './aws-settings.ts';

/** The credentials and the Region of an SDK client, as far as they differ from the environment's. */
export interface SignIn {
  readonly profile?: string;
  readonly region?: string;
  readonly credentials?: StaticCredentials;
  readonly logger?: Record<'debug' | 'info' | 'warn' | 'error', () => void>;
}
