import type { StaticCredentials } from './aws-settings.ts';

/** By whom and where AWS is asked, as an SDK client takes it, where that is not as the environment says. */
export interface SignIn {
  readonly profile?: string;
  readonly region?: string;
  readonly credentials?: StaticCredentials;
  readonly logger?: Record<'debug' | 'info' | 'warn' | 'error', () => void>;
}
