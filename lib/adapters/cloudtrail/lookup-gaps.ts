import type { LookupGap } from '../../claims/lookup-gap.ts';
import type { LookupReport } from './lookup-source.ts';

/** Where CloudTrail did not answer, or had more than was read. */
export function gapsOf({ failures, cutShort }: LookupReport): readonly LookupGap[] {
  const failed = [...failures].map(([scope, { code, message }]): LookupGap => ({ scope, code, why: message }));
  const unread = [...cutShort].filter((scope) => !failures.has(scope));
  const why = 'there are more events than were read so far';
  return [...failed, ...unread.map((scope): LookupGap => ({ scope, code: 'unfinished', why }))];
}
