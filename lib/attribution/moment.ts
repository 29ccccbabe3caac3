import type { Grant } from '../cloudtrail/grant.ts';
import type { EpochMillis } from '../time.ts';
import type { AttributionSettings } from './settings.ts';

/**
 * When the thing happened that a grant is looked for: at a time, at a time that nobody can read (no grant can be
 * meant), or at any time, as `whois` asks without `--at` (its source bounds which grants are known).
 */
export type Moment = EpochMillis | 'unreadable' | 'any';

/**
 * Between which moments an answer stays what it is: narrowed by each comparison that the rules make with the moment asked
 * about, so that the same caller need not be decided again within it.
 */
export class MomentSpan {
  #from = Number.NEGATIVE_INFINITY;
  #to = Number.POSITIVE_INFINITY;
  #after = Number.NEGATIVE_INFINITY;
  #before = Number.POSITIVE_INFINITY;

  covers(moment: number): boolean {
    return moment >= this.#from && moment <= this.#to && moment > this.#after && moment < this.#before;
  }

  /** The moment was compared with one from when on something holds. */
  comparedWithBegin(moment: number, begin: number): void {
    if (moment >= begin) this.#from = Math.max(this.#from, begin);
    else this.#before = Math.min(this.#before, begin);
  }

  /** The moment was compared with one up to which something holds. */
  comparedWithEnd(moment: number, end: number): void {
    if (moment <= end) this.#to = Math.min(this.#to, end);
    else this.#after = Math.max(this.#after, end);
  }
}

/**
 * Whether a session of this grant can have acted at the moment (CONTRACT, rule 3). Both borders belong to it.
 * @param span told what the moment was compared with.
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
  const end = grant.expiresAt + settings.afterExpiry;
  span?.comparedWithBegin(moment, begin);
  span?.comparedWithEnd(moment, end);
  return moment >= begin && moment <= end;
}
