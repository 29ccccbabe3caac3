import type { LookupGap } from '../../claims/lookup-gap.ts';
import type { LookupError } from './lookup-error.ts';

/** The result of the look-ups. Every answer includes it, because a Region that did not answer may hold the grant. */
export interface LookupReport {
  requests: number;
  /** Errors by account and Region. */
  readonly failures: Map<string, LookupError>;
  /** Accounts and Regions that had too many events to read all. */
  readonly cutShort: Set<string>;
  /** Number of further possible session names that were too many to look up. */
  notSearched: number;
  readonly scopes: readonly string[];
}

/** Returns the accounts and Regions that did not answer, or that had more events than were read. */
export function gapsOf({ failures, cutShort }: LookupReport): readonly LookupGap[] {
  const failed = [...failures].map(([scope, { gap, message }]): LookupGap => ({ scope, code: gap, why: message }));
  const unread = [...cutShort].filter((scope) => !failures.has(scope));
  const why = 'there was more than could be read in time';
  return [...failed, ...unread.map((scope): LookupGap => ({ scope, code: 'unfinished', why }))];
}
