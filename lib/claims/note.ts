import type { EpochMillis } from '../time.ts';

/** The kinds of notes. `reviewed`: somebody reviewed it. `reopened`: somebody must review it again. `note`: neither. */
export const NOTE_KINDS = ['reviewed', 'note', 'reopened'] as const;
export type NoteKind = (typeof NOTE_KINDS)[number];

/**
 * The things that notes can be about: a claim by its ID, a session as in `/records?session=`, an audit event by its
 * audit ID.
 */
export const NOTED_THINGS = ['claim', 'session', 'audit'] as const;

/**
 * The kinds of an author's name: an email address that the issuer verified, or a name that the issuer states without
 * verification.
 */
export const NAMES = ['verified-email', 'stated'] as const;

/**
 * The author of a note, as the authorizer states it. `name` is for people and proves nothing. Only `id` always belongs
 * to one author.
 */
export interface Author {
  /** The subject of a token, the ARN of an AWS identity, or `local`. */
  readonly id: string;
  readonly name?: string | undefined;
  /** The kind of the name. Absent if there is no name. */
  readonly nameIs?: (typeof NAMES)[number] | undefined;
  /** Present if the note was written to the table without the service. Only its writer vouches for the author. */
  readonly statedBy?: 'writer' | undefined;
}

/**
 * A text that somebody wrote about a claim, a session or an audit event. It is never changed or deleted.
 * Trust: the author can write anything into `about` and `text`.
 */
export interface Note {
  readonly id: string;
  /** `claim:<id>`, `session:<AROA…:name>`, `audit:<audit id>`. */
  readonly about: string;
  readonly kind: NoteKind;
  /** The words of the author. Empty if the kind says everything. */
  readonly text: string;
  readonly who: Author;
  readonly when: EpochMillis;
  /** What a reviewer saw, for `reviewed`. Absent if the author does not state it. */
  readonly seen?: SessionView | undefined;
}

/** How much of a session an author saw. Records that arrived later were not reviewed. */
export interface SessionView {
  /** The number of records that the session had. */
  readonly count?: number | undefined;
  /** The time of the newest record, as it stands in the record. */
  readonly last?: string | undefined;
}
