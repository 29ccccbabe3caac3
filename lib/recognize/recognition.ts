import type { Circumstances, PastedEvent, Subject } from './subject.ts';

/** What a text was recognized as, and what to look up. Its texts can repeat what an attacker wrote: escape them before you show them. */
export type Recognition = RecognizedText | MisplacedText | UnrecognizedText;

/** A text that names something to look up. */
export interface RecognizedText {
  readonly outcome: 'subjects';
  /** The kind of text, in words: "an audit event", "2 access key IDs". */
  readonly as: string;
  /**
   * How to use the subjects. `each`: look up every one. `first-known`: they are alternative meanings of one text. Try
   * them in this order, and answer with the first one that is known.
   */
  readonly reading: 'each' | 'first-known';
  /** The subjects, at least one. */
  readonly subjects: readonly Subject[];
  /** For each subject that is an audit event, the event. */
  readonly events: ReadonlyMap<Subject, PastedEvent>;
  /** For a subject, its other meanings, in the order in which to try them. Only with the reading `each`. */
  readonly otherReadings: ReadonlyMap<Subject, readonly Subject[]>;
  /** The number of subjects that are not listed. */
  readonly left: number;
  /** Sentences about what was corrected in the text, or skipped. */
  readonly notes: readonly string[];
}

/** A text that was recognized, but belongs to another command or option. */
export interface MisplacedText {
  readonly outcome: 'elsewhere';
  readonly as: string;
  /** A sentence that says which command or option takes the text. */
  readonly advice: string;
  /** The source IP, for callers of `recognize` that can name the whole command. */
  readonly ip?: string | undefined;
  /** The ARN of the cluster, for the same purpose. */
  readonly clusterArn?: string | undefined;
  /** The name of the Kubernetes object, for the same purpose. */
  readonly object?: string | undefined;
  /** What the text says about requests, for callers of `recognize` that have an audit log. */
  readonly request?: Circumstances | undefined;
  /** The same with another reading of the text. Use it if the log has nothing for `request`. */
  readonly otherwise?: Circumstances | undefined;
  /** Sentences that say what was read of the text. */
  readonly notes?: readonly string[] | undefined;
}

/** Matches names of most Kubernetes objects (DNS-1123) and of RBAC objects, which can have `:`. */
const OBJECT_NAME = /^[a-z0-9](?:[a-z0-9.:-]{0,251}[a-z0-9])?$/;

/**
 * If the text says something about requests, returns these requests as subjects, to look them up in an audit log. For a
 * name, the object with that name becomes the last subject, because persons, roles and sessions come first. Returns any
 * other recognition unchanged.
 */
export function asRequests(recognition: Recognition): Recognition {
  if (recognition.outcome === 'subjects') return withToken(withObject(recognition));
  if (recognition.outcome !== 'elsewhere' || recognition.request === undefined) return recognition;
  const { request, otherwise } = recognition;
  const subjects = [request, ...(otherwise === undefined ? [] : [otherwise])];
  return {
    outcome: 'subjects',
    as: recognition.as,
    reading: otherwise === undefined ? 'each' : 'first-known',
    subjects: subjects.map((circumstances) => ({ by: 'request', circumstances })),
    events: new Map(),
    otherReadings: new Map(),
    left: 0,
    notes: recognition.notes ?? [],
  };
}

function withObject(recognized: RecognizedText): RecognizedText {
  const { subjects, reading } = recognized;
  const [first, ...others] = subjects;
  const isName = reading === 'first-known' && first?.by === 'person' && others.some(({ by }) => by === 'role');
  if (!isName || !OBJECT_NAME.test(first.person)) return recognized;
  const object: Subject = { by: 'request', circumstances: { request: { name: first.person } } };
  return { ...recognized, subjects: [...subjects, object] };
}

/** Adds a last meaning to a UUID: the ID of a token. */
function withToken(recognized: RecognizedText): RecognizedText {
  const { subjects, reading } = recognized;
  const [first] = subjects;
  const isUuid = reading === 'first-known' && first?.by === 'audit-id' && subjects.some(({ by }) => by === 'event-id');
  if (!isUuid) return recognized;
  const token: Subject = { by: 'request', circumstances: { credentialId: `JTI=${first.auditId}` } };
  return { ...recognized, subjects: [...subjects, token] };
}

/** A text that names nothing to look up. */
export interface UnrecognizedText {
  readonly outcome: 'nothing';
  /** The kind of text in words, if it was recognized but names no caller. */
  readonly as?: string | undefined;
  /** A sentence that says why there is no caller, or what is recognized. */
  readonly advice: string;
  readonly notes: readonly string[];
}

/** A sentence that names everything that is recognized. */
export const FORMS =
  'Give an ID, an ARN, a name, a source IP, an event, a finding, an alert, an error or log line, ' +
  'or a question such as: who deleted pod web-0.';

/**
 * Returns why a text cannot be looked up, and what to do. The command line and the API use the same words. If the
 * caller knows the whole command, `advice` replaces the recognition's own. Escape it before you show it.
 */
export function refusalText(
  recognition: MisplacedText | UnrecognizedText,
  advice: string = recognition.advice,
): string {
  const head = recognition.as === undefined ? 'The text was not recognized.' : `Recognized ${recognition.as}.`;
  const notes = recognition.notes ?? [];
  return [head, ...notes, advice].join(' ');
}
