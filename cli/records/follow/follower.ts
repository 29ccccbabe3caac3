import type { AuditRecord } from '../../../lib/attribution/record.ts';
import { epochMillis, formatInstant, MINUTE } from '../../../lib/time.ts';
import { type ShownAs, ShownRecords, timeOf } from './shown-records.ts';

/** The question that is followed. */
export interface Followed {
  /** Its records from an event time on, in epoch milliseconds. */
  records(from: number): AsyncIterable<AuditRecord>;
  /** What the service has of an audit id, whether it answers the question or not. */
  ofAuditId(auditId: string): AsyncIterable<AuditRecord>;
}

export interface Watcher {
  /** Shows a new record, or one that corrects what was shown. */
  show(record: AuditRecord, was: ShownAs | undefined): void;
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

interface Found {
  readonly record: AuditRecord;
  readonly was: ShownAs | undefined;
}

/** Shows each record once, however often looks find it, and again when its answer is another. */
export class Follower {
  readonly #followed: Followed;
  readonly #watcher: Watcher;
  readonly #begin: number;
  readonly #shown = new ShownRecords(MOST_REMEMBERED);
  readonly #told = new Set<string>();
  #look = 0;
  #brief = 0;
  /** When the last look, and the last whole one, that came to its end began. */
  #last: number | undefined;
  #lastWhole: number | undefined;
  /** The latest event seen: where this machine's clock is ahead of the cluster's, it says what "late" is. */
  #newest: number;

  /** Events before `begin`, in epoch milliseconds, are never shown. */
  constructor(followed: Followed, watcher: Watcher, begin: number) {
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
    let found: Found[] = [];
    try {
      for await (const record of this.#followed.records(from)) {
        const sight = this.#shown.see(record, this.#look);
        this.#newest = Math.max(this.#newest, timeOf(record));
        if (sight.kind !== 'known') found.push({ record, was: sight.kind === 'corrected' ? sight.was : undefined });
        if (found.length < MOST_AT_ONCE) continue;
        this.#once(`More than ${MOST_AT_ONCE} records came at once: they are shown in parts, the latest part first.`);
        await this.#show(found);
        found = [];
      }
    } finally {
      await this.#show(found); // what counts as shown is shown, whatever ends the look
    }
  }

  async #show(found: readonly Found[]): Promise<void> {
    const ordered = found.toSorted((a, b) => timeOf(a.record) - timeOf(b.record));
    for (const { record, was } of ordered) this.#watcher.show(record, was);
    await this.#watcher.shown();
  }

  /** A correction may take a record out of the answer: another actor, another status. That is to be seen too. */
  async #askAfterMissing(from: number): Promise<void> {
    const missing = this.#shown.missing(this.#look, from);
    if (missing.length > MOST_ASKED)
      this.#once(
        `More than ${MOST_ASKED} records at once no longer answer the question: the rest is asked after later.`,
      );
    for (const { auditId, entries } of missing.slice(0, MOST_ASKED)) {
      const found: Found[] = [];
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
      `More than ${MOST_REMEMBERED} records came within 45 minutes: what changes before ${floor} is not shown.`,
    );
  }

  #once(text: string): void {
    const [kind = ''] = text.split(':');
    if (this.#told.has(kind)) return;
    this.#told.add(kind);
    this.#watcher.note(text);
  }
}
