import type { LookupGap } from '../../claims/lookup-gap.ts';
import type { LookupError } from './lookup-error.ts';

/** What the look-ups came to: said with every answer, since a Region that did not answer may hold the grant. */
export interface LookupReport {
  requests: number;
  /** By account and Region: what was wrong. */
  readonly failures: Map<string, LookupError>;
  /** Account and Region pairs whose events were too many to be read to the end. */
  readonly cutShort: Set<string>;
  /** Session names that could be meant as well, and were too many to be asked for. */
  unasked: number;
  readonly scopes: readonly string[];
}

/** Where CloudTrail did not answer, or had more than was read. */
export function gapsOf({ failures, cutShort }: LookupReport): readonly LookupGap[] {
  const failed = [...failures].map(([scope, { gap, message }]): LookupGap => ({ scope, code: gap, why: message }));
  const unread = [...cutShort].filter((scope) => !failures.has(scope));
  const why = 'there is more to read than there was time for';
  return [...failed, ...unread.map((scope): LookupGap => ({ scope, code: 'unfinished', why }))];
}
