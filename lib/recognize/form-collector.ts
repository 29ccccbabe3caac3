import { inWords, type Kind } from './kinds.ts';
import { FORMS, type RecognizedText, type UnrecognizedText } from './recognition.ts';
import { MOST_SUBJECTS, type PastedEvent, type Subject } from './subject.ts';

/**
 * One recognized part of a text, with its subjects. If `reading` is `each`, all subjects are looked up. If it is
 * `first-known`, the subjects are alternative meanings of the part, and the first one that is known is the answer.
 */
export interface Form {
  readonly kind: Kind;
  readonly subjects: readonly Subject[];
  readonly reading: 'each' | 'first-known';
  readonly notes: readonly string[];
}

/** Returns the form of a word, a line or a block. If there are several subjects, they are its alternative meanings. */
export function form(kind: Kind, subjects: readonly (Subject | undefined)[], notes: readonly string[] = []): Form {
  return { kind, subjects: subjects.filter((subject) => subject !== undefined), reading: 'first-known', notes };
}

/** Returns whether the subject states a time, or a time of day. */
export function isTimed({ circumstances: { at, since, clock } }: Subject): boolean {
  return (at ?? since ?? clock) !== undefined;
}

const NONE: RecognizedText['otherReadings'] = new Map();

/** The maximum number of notes. A hostile text could cause thousands. */
const MOST_NOTES = 20;

/** Collects the recognized parts of a text: how many there are of each kind, and their subjects up to a limit. */
export class FormCollector {
  readonly #counts = new Map<Kind, number>();
  readonly #subjects: Subject[] = [];
  readonly #otherReadings = new Map<Subject, readonly Subject[]>();
  readonly #events = new Map<Subject, PastedEvent>();
  readonly #notes = new Set<string>();
  #left = 0;
  #forms = 0;
  #unrecognized = 0;

  /** The number of recognized parts. A part need not have a subject. */
  get size(): number {
    return this.#forms;
  }

  /** Whether any subject states a time. */
  get isTimed(): boolean {
    return this.#subjects.some(isTimed);
  }

  /**
   * Whether there are notes, for example about a skipped part. Then the text is not searched for IDs, because anybody
   * can have put IDs into the skipped part.
   */
  get hasNotes(): boolean {
    return this.#notes.size > 0;
  }

  add({ kind, subjects, reading, notes }: Form): void {
    this.#forms += 1;
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    const [first, ...others] = subjects;
    if (reading === 'each') for (const subject of subjects) this.#addSubject(subject, []);
    else if (first !== undefined) this.#addSubject(first, others);
    for (const note of notes) this.note(note);
  }

  #addSubject(subject: Subject, others: readonly Subject[]): void {
    if (this.#subjects.length >= MOST_SUBJECTS) this.#left += 1;
    else {
      this.#subjects.push(subject);
      if (others.length > 0) this.#otherReadings.set(subject, others);
    }
  }

  /** Adds a part of this kind with its subjects. */
  addPart(kind: Kind, ...subjects: readonly (Subject | undefined)[]): void {
    const named = subjects.filter((subject) => subject !== undefined);
    this.add({ kind, subjects: named, reading: 'each', notes: [] });
  }

  /** Adds an audit event and its subject. */
  addEvent(subject: Subject, event: PastedEvent): void {
    if (this.#subjects.length < MOST_SUBJECTS) this.#events.set(subject, event);
    this.addPart('audit-event', subject);
  }

  note(sentence: string): void {
    if (this.#notes.size < MOST_NOTES) this.#notes.add(sentence);
  }

  /** Counts a part that was not recognized. */
  countUnrecognized(): void {
    this.#unrecognized += 1;
  }

  /** Replaces the number of parts that were not recognized, after the parts were read in another way. */
  setUnrecognized(count: number): void {
    this.#unrecognized = count;
  }

  /** Adds a note about parts that look like events but are incomplete or damaged. */
  noteDamaged(count: number): void {
    if (count === 1) this.note('Skipped 1 part that is incomplete or not JSON.');
    else if (count > 1) this.note(`Skipped ${count} parts that are incomplete or not JSON.`);
  }

  outcome(): RecognizedText | UnrecognizedText {
    if (this.#subjects.length > 0) {
      const notes = this.#allNotes();
      const [as, events, left] = [inWords(this.#counts), this.#events, this.#left];
      const [only, ...more] = this.#subjects;
      const readings = only && more.length === 0 ? this.#otherReadings.get(only) : undefined;
      if (only !== undefined && readings !== undefined) {
        const subjects = [only, ...readings];
        return { outcome: 'subjects', as, reading: 'first-known', subjects, events, otherReadings: NONE, left, notes };
      }
      const [subjects, otherReadings] = [this.#subjects, this.#otherReadings];
      return { outcome: 'subjects', as, reading: 'each', subjects, events, otherReadings, left, notes };
    }
    if (this.#forms === 0) return { outcome: 'nothing', advice: FORMS, notes: [...this.#notes] };
    return {
      outcome: 'nothing',
      as: inWords(this.#counts),
      advice: 'It names no caller to look up.',
      notes: this.#allNotes(),
    };
  }

  #allNotes(): readonly string[] {
    if (this.#unrecognized === 0) return [...this.#notes];
    const parts = this.#unrecognized === 1 ? '1 part that was' : `${this.#unrecognized} parts that were`;
    return [...this.#notes, `Skipped ${parts} not recognized.`];
  }
}
