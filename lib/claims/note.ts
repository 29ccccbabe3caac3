import type { EpochMillis } from '../time.ts';

/** `looked-at`: somebody saw to it; `reopened`: it is to be seen to again; `note`: neither. */
export const NOTE_KINDS = ['looked-at', 'note', 'reopened'] as const;
export type NoteKind = (typeof NOTE_KINDS)[number];

/** What notes can be about: a claim by its id, a session by what `/records?session=` takes, an audit event by its audit id. */
export const NOTED_THINGS = ['claim', 'session', 'audit'] as const;

/** What an author's name is: an e-mail that the issuer verified, or what the issuer states without saying more. */
export const NAMES = ['verified-email', 'stated'] as const;

/** Who wrote a note, as whoever let them in says; `name` is for people, and no proof: only `id` is one's own for good. */
export interface Author {
  /** The subject of a token, the ARN of an AWS identity, or `local`. */
  readonly id: string;
  readonly name?: string | undefined;
  /** Absent of notes of earlier versions, and without a name. */
  readonly nameIs?: (typeof NAMES)[number] | undefined;
  /** The note was written to the table without the service: that it is theirs only its writer said. */
  readonly statedBy?: 'writer' | undefined;
}

/**
 * What somebody wrote about something. It is never changed and never deleted.
 *
 * Trust: `about` and `text` are whatever the author wrote.
 */
export interface Note {
  readonly id: string;
  /** `claim:<id>`, `session:<AROA…:name>`, `audit:<audit id>`. */
  readonly about: string;
  readonly kind: NoteKind;
  /** Empty where the kind says it all. */
  readonly text: string;
  readonly who: Author;
  readonly when: EpochMillis;
  /** Of `looked-at`: what there was to see then. Absent of notes of earlier versions, and where its author does not say. */
  readonly seen?: SessionView | undefined;
}

/** As much of a session as somebody had before them. What came to it since was not looked at. */
export interface SessionView {
  /** How many records it had. */
  readonly count?: number | undefined;
  /** When the newest of them happened, as the record has it. */
  readonly last?: string | undefined;
}
