import type { AuditRecord } from '../../lib/attribution/record.ts';
import { MOST_CALLERS } from '../../lib/audit/caller-memo.ts';
import { RecentMap } from '../../lib/recent-map.ts';
import { plainJson } from '../../lib/words/escape.ts';

/**
 * Writes records as JSON. Records of one caller share their `caller` and `attribution` objects (`EventRecords`): each is written once,
 * and copied.
 */
export class RecordTexts {
  readonly #texts = new RecentMap<object, string>(2 * MOST_CALLERS);

  /** Returns the same text as `plainJson`. */
  of({ caller, impersonated, attribution, ...head }: AuditRecord): string {
    const impersonation = impersonated === undefined ? '' : `,"impersonated":${plainJson(impersonated)}`;
    return `${plainJson(head).slice(0, -1)},"caller":${this.#textOf(caller)}${impersonation},"attribution":${this.#textOf(attribution)}}`;
  }

  #textOf(part: object): string {
    const known = this.#texts.get(part);
    if (known !== undefined) return known;
    const text = plainJson(part);
    this.#texts.set(part, text);
    return text;
  }
}
