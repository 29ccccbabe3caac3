import type { Moment } from '../../attribution/moment.ts';
import { needsNoName } from '../../attribution/proof.ts';
import { distinctGaps, gapText, type LookupGap } from '../../claims/lookup-gap.ts';
import { HOUR } from '../../time.ts';
import type { SearchedAnswer } from '../deciding/ask.ts';

/** The longest role session, in milliseconds (IAM User Guide, "Update the maximum session duration for a role"). */
export const LONGEST_SESSION = 12 * HOUR;

/**
 * Returns whether the look-back, in milliseconds, is too short to find all sessions that were valid at the moment. An
 * undefined look-back is long enough.
 */
export function isShortLookback(lookback: number | undefined, moment: Moment): boolean {
  return moment !== 'any' && lookback !== undefined && lookback < LONGEST_SESSION;
}

/**
 * Marks the answer as incomplete, because a part of CloudTrail was not read. That part can have a grant with the same
 * session name. An answer that does not rest on a session name is not marked.
 */
export function markIncomplete(answer: SearchedAnswer): SearchedAnswer {
  return needsNoName(answer.attribution) ? answer : { ...answer, isComplete: false };
}

/** The sentence for an incomplete answer about a session. */
export const UNSEARCHED =
  'Not all of CloudTrail was searched, so another session of this name may be unknown. Give the access key, or search further (--lookback, --region).';

/** The maximum number of places that a sentence names. A hundred accounts may have failed in each Region. */
const MOST_PLACES = 20;

/** Returns a sentence about what was not searched. It names the accounts and Regions that did not answer. */
export function unsearchedIn(gaps: readonly LookupGap[]): string {
  const places = distinctGaps(gaps).map(gapText);
  if (places.length === 0) return UNSEARCHED;
  const others = places.length > MOST_PLACES ? `, and ${places.length - MOST_PLACES} others` : '';
  return `${UNSEARCHED} CloudTrail did not answer in: ${places.slice(0, MOST_PLACES).join(', ')}${others}.`;
}
