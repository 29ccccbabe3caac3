import type { LookupGap } from '../../claims/lookup-gap.ts';
import type { LookupError } from './lookup-error.ts';

/** The result of the look-ups. Every answer includes it, because a Region that did not answer may have the grant. */
export interface LookupReport {
  requests: number;
  /** The errors, by account and Region. */
  readonly failures: Map<string, LookupError>;
  /** The accounts and Regions that had too many events to read them all. */
  readonly cutShort: Set<string>;
  /** The number of further possible session names that were not looked up, because there were too many. */
  notSearched: number;
  readonly scopes: readonly string[];
}

/** Returns the accounts and Regions that did not answer, or did not answer completely. */
export function gapsOf({ failures, cutShort }: LookupReport): readonly LookupGap[] {
  const failed = [...failures].map(([scope, { gap, message }]): LookupGap => ({ scope, code: gap, why: message }));
  const unread = [...cutShort].filter((scope) => !failures.has(scope));
  const why = 'there was more than could be read in time';
  return [...failed, ...unread.map((scope): LookupGap => ({ scope, code: 'unfinished', why }))];
}
