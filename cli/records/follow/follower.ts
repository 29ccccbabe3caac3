import { shortSha256 } from '../../../lib/adapters/digest.ts';
import type { Attribution } from '../../../lib/attribution/attribution.ts';
import type { AuditRecord } from '../../../lib/attribution/record.ts';
import { eventIdentity, recordId } from '../../../lib/audit/event.ts';
import { epochMillis, formatInstant, MINUTE, parseInstant } from '../../../lib/time.ts';
import { howColumn, whoColumn } from '../../../lib/words/columns.ts';

/** The question that is followed. */
export interface FollowedQuery {
  /** Its records from an event time on, in epoch milliseconds. */
  records(from: number): AsyncIterable<AuditRecord>;
  /** What the service has of an audit id, whether it answers the question or not. */
  ofAuditId(auditId: string): AsyncIterable<AuditRecord>;
}

export interface Watcher {
  /** Shows a new record, or one that corrects what was shown. */
  show(record: AuditRecord, was: ShownState | undefined): void;
  /** Waits until what was shown is taken. */
  shown(): Promise<void>;
  /** Tells what a person should know. */
  note(text: string): void;
}

/** Indexes and subscriptions are seconds late: each look goes over so much again. */
const BRIEF = 2 * MINUTE;
/** Each minute, or after so many looks: the whole time within which events come late and answers are settled (CONTRACT: 30 minutes). */
const WHOLE_EVERY = MINUTE;
const WHOLE_AFTER = 12;
const OVERLAP = 45 * MINUTE;
/** About 40 MB. */
const MOST_REMEMBERED = 100_000;
/** Held to be shown in the order of time. */
const MOST_AT_ONCE = 5_000;
/** Of records that no longer answer the question, so many are asked after in a look. */
const MOST_ASKED = 200;

interface NewRecord {
  readonly record: AuditRecord;
  readonly was: ShownState | undefined;
}

/** Shows each record once, however often looks find it, and again when its answer is another. */
export class Follower {
  readonly #followed: FollowedQuery;
  readonly #watcher: Watcher;
  readonly #begin: number;
  readonly #shown = new ShownRecords(MOST_REMEMBERED);
  readonly #noted = new Set<string>();
  #look = 0;
  #brief = 0;
  /** When the last look, and the last whole one, that came to its end began. */
  #last: number | undefined;
  #lastWhole: number | undefined;
  /** The latest event seen: where this machine's clock is ahead of the cluster's, it says what "late" is. */
  #newest: number;

  /** Events before `begin`, in epoch milliseconds, are never shown. */
  constructor(followed: FollowedQuery, watcher: Watcher, begin: number) {
    this.#followed = followed;
    this.#watcher = watcher;
    this.#begin = begin;
    this.#newest = begin;
  }

  /** A look that throws has shown what it found; the next one begins where the last whole one did. */
  async look(now: number): Promise<void> {
    const last = this.#lastWhole;
    const isWhole = last === undefined || now - last >= WHOLE_EVERY || this.#brief >= WHOLE_AFTER - 1;
    const from = isWhole ? this.#back(this.#lastWhole, OVERLAP) : this.#back(this.#last, BRIEF);
    this.#look += 1;
    await this.#showAll(from);
    if (isWhole) await this.#askAfterMissing(from);
    this.#last = now;
    this.#brief = isWhole ? 0 : this.#brief + 1;
    if (isWhole) this.#lastWhole = now;
    this.#forget();
  }

  /** Where a look begins that goes so far back before the one at `last`. */
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
      await this.#show(found); // what counts as shown is shown, whatever ends the look
    }
  }

  async #show(found: readonly NewRecord[]): Promise<void> {
    const ordered = found.toSorted((a, b) => timeOf(a.record) - timeOf(b.record));
    for (const { record, was } of ordered) this.#watcher.show(record, was);
    await this.#watcher.shown();
  }

  /** A correction may take a record out of the answer: another actor, another status. That is to be seen too. */
  async #askAfterMissing(from: number): Promise<void> {
    const missing = this.#shown.missing(this.#look, from);
    if (missing.length > MOST_ASKED)
      this.#once(
        'missing',
        `More than ${MOST_ASKED} records at once no longer match the query. The rest is checked later.`,
      );
    for (const { auditId, entries } of missing.slice(0, MOST_ASKED)) {
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

/** What a record was shown as. Names in it come from whoever called. */
export interface ShownState {
  readonly status: string;
  readonly how?: string;
  readonly who?: string;
}

/** What a look finds of a record: not seen before, seen as it is, or answered otherwise than it was shown. */
type Sight = { readonly kind: 'new' | 'known' } | { readonly kind: 'corrected'; readonly was: ShownState };

interface Entry {
  readonly auditId: string;
  readonly at: number;
  answer: string;
  shown: ShownState;
  /** The number of the look that saw it last. */
  look: number;
  /** It no longer answers the question, and was asked after. */
  hasLeft: boolean;
}

/** Remembered records of one audit id that a look should have seen, and has not. */
interface MissingRecords {
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
function timeOf({ time }: AuditRecord): number {
  return (time === undefined ? undefined : parseInstant(time)) ?? 0;
}

const LONGEST = 120;

function shownAs(record: AuditRecord): ShownState {
  const [how, who] = [howColumn(record), whoColumn(record).slice(0, LONGEST)];
  return { status: record.attribution.status, ...(how !== '' && { how }), ...(who !== '?' && { who }) };
}
