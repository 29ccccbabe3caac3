import type { Grant } from '../cloudtrail/grant.ts';
import { type EpochMillis, SECOND } from '../time.ts';
import type { AttributionSettings } from './settings.ts';

/**
 * The moment for which grants are searched: a time, `unreadable` (no grant can match), or `any`, as for `whois` without
 * `--at`. With `any`, the source decides how far back grants are known.
 */
export type Moment = EpochMillis | 'unreadable' | 'any';

/**
 * The span of moments in which an answer stays the same. Each time the rules compare the moment with another one, the
 * span gets narrower. Within it, the same caller need not be decided again.
 */
export class MomentSpan {
  #from = Number.NEGATIVE_INFINITY;
  #to = Number.POSITIVE_INFINITY;
  #after = Number.NEGATIVE_INFINITY;
  #before = Number.POSITIVE_INFINITY;

  covers(moment: number): boolean {
    return moment >= this.#from && moment <= this.#to && moment > this.#after && moment < this.#before;
  }

  /** Records that the rules compared the moment with `begin`, at which something begins to be true. */
  comparedWithBegin(moment: number, begin: number): void {
    if (moment >= begin) this.#from = Math.max(this.#from, begin);
    else this.#before = Math.min(this.#before, begin);
  }

  /** Records that the rules compared the moment with `end`, up to which something is true. */
  comparedWithEnd(moment: number, end: number): void {
    if (moment <= end) this.#to = Math.min(this.#to, end);
    else this.#after = Math.max(this.#after, end);
  }
}

/**
 * Returns whether a session of this grant can have acted at the moment (CONTRACT, rule 3). Compares with the full
 * precision of the moment. A session is valid until the end of the second in which it expires.
 * @param span records the moments with which `moment` was compared.
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

/** Returns the end of the second in which a session expires. CloudTrail states whole seconds, the audit log microseconds (FACTS). */
function endOfSecond(expiresAt: number): number {
  return Math.floor(expiresAt / SECOND) * SECOND + SECOND;
}
