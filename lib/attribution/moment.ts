import type { Grant } from '../cloudtrail/grant.ts';
import { type EpochMillis, SECOND } from '../time.ts';
import type { AttributionSettings } from './settings.ts';

/**
 * The moment for which a grant is searched: a time, an unreadable time (no grant can match), or any time, as in `whois`
 * without `--at`. In the last case the source limits which grants are known.
 */
export type Moment = EpochMillis | 'unreadable' | 'any';

/**
 * The span of moments within which an answer stays the same. Each comparison of the rules with the moment narrows it.
 * Within it, the same caller need not be decided again.
 */
export class MomentSpan {
  #from = Number.NEGATIVE_INFINITY;
  #to = Number.POSITIVE_INFINITY;
  #after = Number.NEGATIVE_INFINITY;
  #before = Number.POSITIVE_INFINITY;

  covers(moment: number): boolean {
    return moment >= this.#from && moment <= this.#to && moment > this.#after && moment < this.#before;
  }

  /** Records a comparison with the moment at which something begins to hold. */
  comparedWithBegin(moment: number, begin: number): void {
    if (moment >= begin) this.#from = Math.max(this.#from, begin);
    else this.#before = Math.min(this.#before, begin);
  }

  /** Records a comparison with a moment up to which something holds. */
  comparedWithEnd(moment: number, end: number): void {
    if (moment <= end) this.#to = Math.min(this.#to, end);
    else this.#after = Math.max(this.#after, end);
  }
}

/**
 * Returns whether a session of this grant can have acted at the moment (CONTRACT, rule 3), compared in the moment's own
 * precision. The session lasts through the whole second in which it expires.
 *
 * @param span records the moments that the moment was compared with.
 */
export function canHaveActed(
  grant: Pick<Grant, 'issuedAt' | 'expiresAt'>,
  moment: Moment,
  settings: AttributionSettings,
  span?: MomentSpan | undefined,
): boolean {
  if (moment === 'any') return true;
  if (moment === 'unreadable') return false;
  const begin = grant.issuedAt - settings.beforeIssue;
  const over = endOfSecond(grant.expiresAt) + settings.afterExpiry;
  span?.comparedWithBegin(moment, begin);
  span?.comparedWithBegin(moment, over);
  return moment >= begin && moment < over;
}

/** Returns when the second of an expiration is over. CloudTrail states whole seconds, the audit log microseconds (FACTS). */
function endOfSecond(expiresAt: number): number {
  return Math.floor(expiresAt / SECOND) * SECOND + SECOND;
}
