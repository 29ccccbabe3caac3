import type { Answer } from '../../attribution/answer.ts';
import type { Moment } from '../../attribution/moment.ts';
import { needsNoName } from '../../attribution/proof.ts';
import { HOUR } from '../../time.ts';

/** In milliseconds, the longest role session (IAM User Guide, "Update the maximum session duration for a role"). */
export const LONGEST_SESSION = 12 * HOUR;

/**
 * Whether grants of sessions that can have acted at the moment are left out by so short a look-back, in milliseconds.
 * Undefined: as far as a session can reach.
 */
export function isShortLookback(lookback: number | undefined, moment: Moment): boolean {
  return moment !== 'any' && lookback !== undefined && lookback < LONGEST_SESSION;
}

/**
 * The answer where a part of CloudTrail was not read: a grant of the same name may lie there, so that only an answer by
 * key, by session start or without a session is certain.
 */
export function markProvisional(answer: Answer): Answer {
  return needsNoName(answer.attribution)
    ? answer
    : { ...answer, attribution: { ...answer.attribution, provisional: true } };
}
