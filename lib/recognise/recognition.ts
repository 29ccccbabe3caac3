import type { PastedEvent, Subject } from './subject.ts';

/** What a text was taken for, and what is to be asked. All texts may repeat what somebody hostile wrote: show them escaped. */
export type Recognition = Recognised | Elsewhere | Nothing;

export interface Recognised {
  readonly outcome: 'subjects';
  /** What the text was taken for: "an audit event", "2 access key ids". */
  readonly as: string;
  /**
   * How several subjects belong together: `each` is asked for, or they are readings of one text, in the order in which
   * they are tried, and the `first-known` answers.
   */
  readonly reading: 'each' | 'first-known';
  /** At least one. */
  readonly subjects: readonly Subject[];
  /** Those of the subjects that are audit events, with the events themselves. */
  readonly events: ReadonlyMap<Subject, PastedEvent>;
  /** Of several things, those that can be read otherwise too: how else, in the order in which it is tried. */
  readonly otherReadings: ReadonlyMap<Subject, readonly Subject[]>;
  /** How many more there are than are listed. */
  readonly left: number;
  /** Sentences: what was put right in the text, or left out. */
  readonly notes: readonly string[];
}

/** It is known what it is, and another command, or an option, takes it. */
export interface Elsewhere {
  readonly outcome: 'elsewhere';
  readonly as: string;
  /** A sentence: where it belongs. */
  readonly advice: string;
  /** Of an address, for whoever can say the whole command. */
  readonly ip?: string | undefined;
  /** Of a cluster, its name. */
  readonly cluster?: string | undefined;
  /** Of an object, its name. */
  readonly object?: string | undefined;
}

/** Nobody is to be asked about. */
export interface Nothing {
  readonly outcome: 'nothing';
  /** What it was taken for, where that is known and names nobody. */
  readonly as?: string | undefined;
  /** A sentence: why there is nobody, or what would have been recognised. */
  readonly advice: string;
  readonly notes: readonly string[];
}

/** What can be recognised, in one sentence. */
export const FORMS =
  'Give an audit event, a CloudTrail record, a GuardDuty or Security Hub finding, Logs Insights results, ' +
  'an access key ID (AKIA…, ASIA…), an ID (AROA…, AROA…:<session name>, AIDA…), an ARN, ' +
  'a uid (aws-iam-authenticator:<account>:AROA…), a username, an email address, an audit ID, a CloudTrail event ID, ' +
  'or an error or log line that names a user.';

/**
 * Returns why a text cannot be looked up and what to do, in the same words for the command line and the API. `advice` replaces
 * that of the recognition where a caller knows the whole command. Show it escaped.
 */
export function notAskedText(recognition: Elsewhere | Nothing, advice: string = recognition.advice): string {
  const head = recognition.as === undefined ? 'The text was not recognized.' : `Recognized ${recognition.as}.`;
  const notes = recognition.outcome === 'nothing' ? recognition.notes : [];
  return [head, ...notes, advice].join(' ');
}
