import { shortSha256 } from '../../../lib/adapters/digest.ts';
import type { Attribution } from '../../../lib/attribution/attribution.ts';
import { recordIdentity } from '../../../lib/attribution/copies.ts';
import type { AuditRecord } from '../../../lib/attribution/record.ts';
import { epochMillis, formatInstant, MINUTE, parseInstant } from '../../../lib/time.ts';
import { howColumn, whoColumn } from '../../../lib/words/columns.ts';

/** The source of the records that are followed. */
export interface FollowedQuery {
  /** Returns the matching records with an event time from `from` on, in epoch milliseconds. */
  records(from: number): AsyncIterable<AuditRecord>;
  /** Returns all records with the audit ID, whether they match or not. */
  ofAuditId(auditId: string): AsyncIterable<AuditRecord>;
}

export interface Watcher {
  /** Shows a new record, or one that corrects what was shown. */
  show(record: AuditRecord, was: ShownState | undefined): void;
  /** Waits until the records that were shown are written. */
  shown(): Promise<void>;
  /** Shows a note for the person. */
  note(text: string): void;
}

/** How far a brief look goes back, in milliseconds, because indexes and subscriptions are seconds late. */
const BRIEF = 2 * MINUTE;
/**
 * How often a full look is made: after a minute, or after 12 looks. A full look goes back `OVERLAP`. This covers the
 * time in which events arrive late and answers are settled (CONTRACT: 30 minutes).
 */
const WHOLE_EVERY = MINUTE;
const WHOLE_AFTER = 12;
const OVERLAP = 45 * MINUTE;
/** The maximum number of records that are remembered, about 40 MB. */
const MOST_REMEMBERED = 100_000;
/** The maximum number of records that are held, to be shown in the order of their times. */
const MOST_AT_ONCE = 5_000;
/** The maximum number of audit IDs in a look that are checked because their records no longer match. */
const MOST_CHECKED = 200;

interface NewRecord {
  readonly record: AuditRecord;
  readonly was: ShownState | undefined;
}

/** Shows each record once, however often it is found, and again if its answer changes. */
export class Follower {
  readonly #followed: FollowedQuery;
  readonly #watcher: Watcher;
  readonly #begin: number;
  readonly #shown = new ShownRecords(MOST_REMEMBERED);
  readonly #noted = new Set<string>();
  #look = 0;
  #brief = 0;
  /** The time at which the last complete look began, in epoch milliseconds. */
  #last: number | undefined;
  #lastWhole: number | undefined;
  /** The time of the latest event. If this machine's clock is ahead of the cluster's, looks go back from this time. */
  #newest: number;

  /** Events before `begin`, in epoch milliseconds, are never shown. */
  constructor(followed: FollowedQuery, watcher: Watcher, begin: number) {
    this.#followed = followed;
    this.#watcher = watcher;
    this.#begin = begin;
    this.#newest = begin;
  }

  /**
   * Queries once, and shows what is new. If it throws, it has shown what it found, and the next look goes back as far
   * again.
   * @param now in epoch milliseconds.
   */
  async look(now: number): Promise<void> {
    const last = this.#lastWhole;
    const readsAll = last === undefined || now - last >= WHOLE_EVERY || this.#brief >= WHOLE_AFTER - 1;
    const from = readsAll ? this.#back(this.#lastWhole, OVERLAP) : this.#back(this.#last, BRIEF);
    this.#look += 1;
    await this.#showAll(from);
    if (readsAll) await this.#showCorrections(from);
    this.#last = now;
    this.#brief = readsAll ? 0 : this.#brief + 1;
    if (readsAll) this.#lastWhole = now;
    this.#forget();
  }

  /** Returns the time from which a look reads: `overlap` before the look at `last`. */
  #back(last: number | undefined, overlap: number): number {
    const reached = Math.min(last ?? this.#begin, this.#newest);
    return Math.max(this.#begin, this.#shown.floor, reached - overlap);
  }

  async #showAll(from: number): Promise<void> {
    let found: NewRecord[] = [];
    try {
      for await (const record of this.#followed.records(from)) {
        const sight = this.#shown.see(record, this.#look);
        this.#newest = Math.max(this.#newest, timeOf(record));
        if (sight.kind !== 'known') found.push({ record, was: sight.kind === 'corrected' ? sight.was : undefined });
        if (found.length < MOST_AT_ONCE) continue;
        this.#once(
          'parts',
          `More than ${MOST_AT_ONCE} records came at once. They are shown in parts, the latest part first.`,
        );
        await this.#show(found);
        found = [];
      }
    } finally {
      await this.#show(found); // shown even if the look fails, because `see` has already marked them as shown
    }
  }

  async #show(found: readonly NewRecord[]): Promise<void> {
    const ordered = found.toSorted((a, b) => timeOf(a.record) - timeOf(b.record));
    for (const { record, was } of ordered) this.#watcher.show(record, was);
    await this.#watcher.shown();
  }

  /** Shows corrections after which a record no longer matches, for example another actor or status. */
  async #showCorrections(from: number): Promise<void> {
    const missing = this.#shown.missing(this.#look, from);
    if (missing.length > MOST_CHECKED)
      this.#once(
        'missing',
        `More than ${MOST_CHECKED} records at once no longer match the query. The rest is checked later.`,
      );
    for (const { auditId, entries } of missing.slice(0, MOST_CHECKED)) {
      const found: NewRecord[] = [];
      for await (const record of this.#followed.ofAuditId(auditId)) {
        if (!this.#shown.misses(record, this.#look)) continue;
        const sight = this.#shown.see(record, this.#look);
        if (sight.kind === 'corrected') found.push({ record, was: sight.was });
      }
      for (const entry of entries) entry.hasLeft = true;
      await this.#show(found);
    }
  }

  #forget(): void {
    if (!this.#shown.forget(this.#back(this.#lastWhole, OVERLAP))) return;
    const floor = formatInstant(epochMillis(this.#shown.floor));
    this.#once(
      'forgotten',
      `More than ${MOST_REMEMBERED} records came within 45 minutes. Changes to records before ${floor} are not shown.`,
    );
  }

  #once(kind: string, text: string): void {
    if (this.#noted.has(kind)) return;
    this.#noted.add(kind);
    this.#watcher.note(text);
  }
}

/** The state in which a record was shown. Callers chose the names in it. */
export interface ShownState {
  readonly status: string;
  readonly how?: string;
  readonly who?: string;
}

/** Whether a record in a look is new, was shown with this answer, or was shown with another answer. */
type Sight = { readonly kind: 'new' | 'known' } | { readonly kind: 'corrected'; readonly was: ShownState };

interface Entry {
  readonly auditId: string;
  readonly at: number;
  answer: string;
  shown: ShownState;
  /** The number of the last look that found it. */
  look: number;
  /** Whether a check showed that the record no longer matches. */
  hasLeft: boolean;
}

/** Records of one audit ID that were shown, but that a look did not find. */
interface MissingRecords {
  readonly auditId: string;
  readonly at: number;
  readonly entries: readonly { hasLeft: boolean }[];
}

/**
 * Remembers the records that were shown, as long as a look can find them again. The key is the audit event (CONTRACT),
 * so that a reused audit ID hides nothing. Keeps at most about `most` records, the latest ones.
 */
export class ShownRecords {
  readonly #entries = new Map<string, Entry>();
  readonly #most: number;
  #floor = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** The time before which no event is remembered, in epoch milliseconds. */
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

  /** Returns whether the record is remembered, but the look has not found it. */
  misses(record: AuditRecord, look: number): boolean {
    const entry = this.#entries.get(keyOf(record));
    return entry !== undefined && entry.look < look;
  }

  /** Returns the remembered records since `from` that the look did not find, the earliest first. */
  missing(look: number, from: number): readonly MissingRecords[] {
    const found = new Map<string, MissingRecords & { readonly entries: Entry[] }>();
    for (const entry of this.#entries.values()) {
      if (entry.look >= look || entry.at < from || entry.hasLeft) continue;
      const { auditId, at } = entry;
      const known = found.get(auditId);
      if (known === undefined) found.set(auditId, { auditId, at, entries: [entry] });
      else known.entries.push(entry);
    }
    return [...found.values()].sort((a, b) => a.at - b.at);
  }

  /**
   * Forgets records before this time, and the earliest if there are still more than `most`. Returns whether there were
   * more than `most`.
   */
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

function keyOf(record: AuditRecord): string {
  return shortSha256(recordIdentity(record));
}

/** Returns a digest of the answer. It does not change if the answer becomes final or gets more evidence. */
function answerOf({ status, method, reason, flags, actor, candidates }: Attribution): string {
  return shortSha256(JSON.stringify([status, method, reason, flags, actor, candidates?.map((each) => each.actor)]));
}

/** Returns epoch milliseconds, 0 if the event has no readable time. */
function timeOf({ time }: AuditRecord): number {
  return (time === undefined ? undefined : parseInstant(time)) ?? 0;
}

const LONGEST = 120;

function shownAs(record: AuditRecord): ShownState {
  const [how, who] = [howColumn(record), whoColumn(record).slice(0, LONGEST)];
  return { status: record.attribution.status, ...(how !== '' && { how }), ...(who !== '?' && { who }) };
}
