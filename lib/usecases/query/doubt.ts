import type { Moment } from '../../attribution/moment.ts';
import { needsNoName } from '../../attribution/proof.ts';
import { distinctGaps, gapText, type LookupGap } from '../../claims/lookup-gap.ts';
import { HOUR } from '../../time.ts';
import type { SearchedAnswer } from '../deciding/ask.ts';

/** The longest role session, in milliseconds (IAM User Guide, "Update the maximum session duration for a role"). */
export const LONGEST_SESSION = 12 * HOUR;

/**
 * Returns whether so short a look-back, in milliseconds, leaves out grants of sessions that may have acted at the moment.
 * Undefined: as far back as a session can reach.
 */
export function isShortLookback(lookback: number | undefined, moment: Moment): boolean {
  return moment !== 'any' && lookback !== undefined && lookback < LONGEST_SESSION;
}

/**
 * Returns the answer as incomplete, because a part of CloudTrail was not read: it may have a grant with the same
 * session name. An answer by access key, by session start or without a session does not change.
 */
export function markIncomplete(answer: SearchedAnswer): SearchedAnswer {
  return needsNoName(answer.attribution) ? answer : { ...answer, isComplete: false };
}

/** Says what an incomplete answer about a session was not searched for. */
export const UNSEARCHED =
  'Not all of CloudTrail was searched, so another session of this name may be unknown. Give the access key, or search further (--lookback, --region).';

/** The maximum number of places to name. A hundred accounts may have failed in each Region. */
const MOST_PLACES = 20;

/** Returns what was not searched, with the accounts and Regions that did not answer. */
export function unsearchedIn(gaps: readonly LookupGap[]): string {
  const places = distinctGaps(gaps).map(gapText);
  if (places.length === 0) return UNSEARCHED;
  const others = places.length > MOST_PLACES ? `, and ${places.length - MOST_PLACES} others` : '';
  return `${UNSEARCHED} CloudTrail did not answer in: ${places.slice(0, MOST_PLACES).join(', ')}${others}.`;
}
