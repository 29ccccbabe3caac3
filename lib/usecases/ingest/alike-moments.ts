import type { Answer } from '../../attribution/answer.ts';
import type { AttributionSettings } from '../../attribution/settings.ts';
import type { AuditEvent } from '../../audit/audit-event.ts';
import type { Caller } from '../../audit/caller.ts';
import { isTokenOf } from '../../audit/issued-token.ts';
import type { Grant } from '../../cloudtrail/grant.ts';

/** Beyond so many grants it costs more to tell moments apart than to decide again. */
const MOST_GRANTS = 32;

/**
 * Answers that were given about a caller, for its events at moments that nothing known tells apart. The rules compare an
 * event's moment with the times of grants and nothing else (`canHaveActed`), but for tokens, whose callers are never
 * answered from here; nor is who impersonates, or is anonymous, since whom, and what he got, is each event's own.
 */
export class AlikeMoments {
  readonly #begins: readonly number[];
  readonly #ends: readonly number[];
  readonly #answers = new Map<Caller, (Answer | undefined)[]>();

  /** @param grants all that are known. Undefined where there are too many. */
  static of(grants: Iterable<Grant>, settings: AttributionSettings): AlikeMoments | undefined {
    const all = [...grants];
    return all.length > MOST_GRANTS ? undefined : new AlikeMoments(all, settings);
  }

  private constructor(grants: readonly Grant[], { beforeIssue, afterExpiry }: AttributionSettings) {
    this.#begins = grants.map(({ issuedAt }) => issuedAt - beforeIssue);
    this.#ends = grants.map(({ expiresAt }) => expiresAt + afterExpiry);
  }

  /** What was answered about an event of the same caller, at a moment like this one's. */
  get(event: AuditEvent): Answer | undefined {
    return isToldApart(event) ? undefined : this.#answers.get(event.caller)?.[this.#stretch(event.at)];
  }

  set(event: AuditEvent, answer: Answer): void {
    if (isToldApart(event)) return;
    const answers = this.#answers.get(event.caller) ?? [];
    answers[this.#stretch(event.at)] = answer;
    this.#answers.set(event.caller, answers);
  }

  /** How many grants have begun by then, and how many are over: which they are follows from how many. */
  #stretch(at: number | undefined): number {
    if (at === undefined) return 0;
    let [begun, over] = [0, 0];
    for (const begin of this.#begins) if (at >= begin) begun += 1;
    for (const end of this.#ends) if (at > end) over += 1;
    return 1 + begun * (MOST_GRANTS + 1) + over;
  }
}

function isToldApart({ impersonated, caller }: AuditEvent): boolean {
  return impersonated !== undefined || caller.kind === 'anonymous' || isTokenOf(caller);
}
