import { shortSha256 } from '../../../lib/adapters/digest.ts';
import type { Attribution } from '../../../lib/attribution/attribution.ts';
import type { AuditRecord } from '../../../lib/attribution/record.ts';
import { eventIdentity, recordId } from '../../../lib/audit/event.ts';
import { parseInstant } from '../../../lib/time.ts';
import { howColumn, whoColumn } from '../../../lib/words/columns.ts';

/** What a record was shown as. Names in it come from whoever called. */
export interface ShownAs {
  readonly status: string;
  readonly how?: string;
  readonly who?: string;
}

/** What a look finds of a record: not seen before, seen as it is, or answered otherwise than it was shown. */
export type Sight = { readonly kind: 'new' | 'known' } | { readonly kind: 'corrected'; readonly was: ShownAs };

interface Entry {
  readonly auditId: string;
  readonly at: number;
  answer: string;
  shown: ShownAs;
  /** The number of the look that saw it last. */
  look: number;
  /** It no longer answers the question, and was asked after. */
  hasLeft: boolean;
}

/** Remembered records of one audit id that a look should have seen, and has not. */
export interface Missing {
  readonly auditId: string;
  readonly at: number;
  readonly entries: readonly { hasLeft: boolean }[];
}

/**
 * What was shown, for as long as it can be seen again. A record is the audit event's (CONTRACT): a reused audit id
 * hides nothing. Of more than `most` the latest are remembered.
 */
export class ShownRecords {
  readonly #entries = new Map<string, Entry>();
  readonly #most: number;
  #floor = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Epoch milliseconds: of events before it nothing is remembered. */
  get floor(): number {
    return this.#floor;
  }

  see(record: AuditRecord, look: number): Sight {
    const key = keyOf(record);
    const entry = this.#entries.get(key);
    const answer = answerOf(record.attribution);
    if (entry === undefined) {
      const { auditId } = record;
      this.#entries.set(key, { auditId, at: timeOf(record), answer, shown: shownAs(record), look, hasLeft: false });
      return { kind: 'new' };
    }
    const { shown: was, answer: before } = entry;
    Object.assign(entry, { answer, look, hasLeft: false });
    if (before === answer) return { kind: 'known' };
    entry.shown = shownAs(record);
    return { kind: 'corrected', was };
  }

  /** Whether the record is remembered, and the look has not seen it. */
  misses(record: AuditRecord, look: number): boolean {
    const entry = this.#entries.get(keyOf(record));
    return entry !== undefined && entry.look < look;
  }

  /** What a look over all events from a time on should have seen, and has not: the earliest first. */
  missing(look: number, from: number): readonly Missing[] {
    const found = new Map<string, Missing & { readonly entries: Entry[] }>();
    for (const entry of this.#entries.values()) {
      if (entry.look >= look || entry.at < from || entry.hasLeft) continue;
      const { auditId, at } = entry;
      const known = found.get(auditId);
      if (known === undefined) found.set(auditId, { auditId, at, entries: [entry] });
      else known.entries.push(entry);
    }
    return [...found.values()].sort((a, b) => a.at - b.at);
  }

  /** Forgets what no look asks for any more, and, where that is not enough, the earliest; true where it was not. */
  forget(before: number): boolean {
    this.#floor = Math.max(this.#floor, before);
    const isTooMuch = this.#entries.size > this.#most;
    if (isTooMuch) {
      const times = [...this.#entries.values()].map(({ at }) => at).sort((a, b) => b - a);
      this.#floor = Math.max(this.#floor, times[this.#most - 1] ?? 0);
    }
    for (const [key, { at }] of this.#entries) if (at < this.#floor) this.#entries.delete(key);
    return isTooMuch;
  }
}

function keyOf({ auditId, stage, time, request, caller, origin }: AuditRecord): string {
  const ofEvent = shortSha256(eventIdentity({ auditId, stage, time, caller, request: request ?? {} }));
  return recordId(ofEvent, origin?.handedOverBy, shortSha256);
}

/** What was concluded. That it became final, or got more evidence, is no other answer. */
function answerOf({ status, method, reason, flags, actor, candidates }: Attribution): string {
  return shortSha256(JSON.stringify([status, method, reason, flags, actor, candidates?.map((each) => each.actor)]));
}

/** Epoch milliseconds; 0 where the event has no readable time. */
export function timeOf({ time }: AuditRecord): number {
  return (time === undefined ? undefined : parseInstant(time)) ?? 0;
}

const LONGEST = 120;

function shownAs(record: AuditRecord): ShownAs {
  const [how, who] = [howColumn(record), whoColumn(record).slice(0, LONGEST)];
  return { status: record.attribution.status, ...(how !== '' && { how }), ...(who !== '?' && { who }) };
}
