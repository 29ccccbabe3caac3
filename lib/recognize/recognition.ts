import type { Circumstances, PastedEvent, Subject } from './subject.ts';

/** A text's form, and what to look up. Its texts may repeat what an attacker wrote: show them escaped. */
export type Recognition = RecognizedText | MisplacedText | UnrecognizedText;

/** A text that names something to look up. */
export interface RecognizedText {
  readonly outcome: 'subjects';
  /** The form in words: "an audit event", "2 access key IDs". */
  readonly as: string;
  /**
   * How several subjects belong together. `each`: every one is looked up. `first-known`: they are readings of one text, tried
   * in this order, and the first one that is known answers.
   */
  readonly reading: 'each' | 'first-known';
  /** The subjects, at least one. */
  readonly subjects: readonly Subject[];
  /** The audit events behind those subjects that are audit events. */
  readonly events: ReadonlyMap<Subject, PastedEvent>;
  /** Other readings of a subject, in the order in which they are tried. Only with the reading `each`. */
  readonly otherReadings: ReadonlyMap<Subject, readonly Subject[]>;
  /** The number of subjects that are not listed. */
  readonly left: number;
  /** Sentences about what was corrected in the text, or skipped. */
  readonly notes: readonly string[];
}

/** A text whose form is known, but that another command or option takes. */
export interface MisplacedText {
  readonly outcome: 'elsewhere';
  readonly as: string;
  /** A sentence that says where to give it. */
  readonly advice: string;
  /** The IP address, for callers that can write the whole command. */
  readonly ip?: string | undefined;
  /** The ARN of the cluster. */
  readonly clusterArn?: string | undefined;
  /** The name of the Kubernetes object. */
  readonly object?: string | undefined;
  /** The statements about requests, for callers that have an audit log. */
  readonly request?: Circumstances | undefined;
  /** The statements of the text in another reading. They count if the log has nothing for the first reading. */
  readonly otherwise?: Circumstances | undefined;
  /** Sentences about what was read of the text. */
  readonly notes?: readonly string[] | undefined;
}

/** Matches names as Kubernetes accepts them for most objects (DNS-1123), and with `:` for RBAC. */
const OBJECT_NAME = /^[a-z0-9](?:[a-z0-9.:-]{0,251}[a-z0-9])?$/;

/**
 * Returns the text as requests to look up in an audit log, if it states anything about requests. A name that no person,
 * role or session has can be that of an object, so this reading comes last. Returns the same recognition if the text
 * states nothing.
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

/** Adds the last reading of a UUID: the ID of a token. */
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
  /** The form in words, if it is known but names no caller. */
  readonly as?: string | undefined;
  /** A sentence that says why there is no caller, or which forms are recognized. */
  readonly advice: string;
  readonly notes: readonly string[];
}

/** Names the forms that are recognized, in one sentence. */
export const FORMS =
  'Give an ID, an ARN, a name, a source IP, an event, a finding, an alert, an error or log line, ' +
  'or a question such as: who deleted pod web-0.';

/**
 * Returns why a text cannot be looked up and what to do, in the same words for the command line and the API. `advice` replaces
 * that of the recognition where a caller knows the whole command. Show it escaped.
 */
export function refusalText(
  recognition: MisplacedText | UnrecognizedText,
  advice: string = recognition.advice,
): string {
  const head = recognition.as === undefined ? 'The text was not recognized.' : `Recognized ${recognition.as}.`;
  const notes = recognition.notes ?? [];
  return [head, ...notes, advice].join(' ');
}
