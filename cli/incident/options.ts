import type { OutputOptions } from '../options/output-options.ts';
import type { WhoisOptions } from '../whois/usage.ts';

export const INCIDENT_FORMATS = ['text', 'markdown', 'json'] as const;
export type IncidentFormat = (typeof INCIDENT_FORMATS)[number];

export interface IncidentOptions extends Omit<WhoisOptions, 'format'>, OutputOptions<IncidentFormat> {
  /** The time before and after the event, in milliseconds. */
  readonly window: number;
  readonly evidence?: string;
  readonly digestPublicKey?: string;
}
