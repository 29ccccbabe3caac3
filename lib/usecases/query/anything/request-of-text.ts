import type { RecognizedText } from '../../../recognize/recognition.ts';
import { type EpochMillis, parseInstant } from '../../../time.ts';
import { answerAnything } from './anything.ts';
import { describedRequest } from './described-request.ts';
import type { Informant } from './informant.ts';
import { notKnownText, type Outcome } from './outcomes.ts';

/** One request, by its audit ID and, if known, its time. Several requests can have the same audit ID. */
export interface RequestOfText {
  readonly auditId: string;
  readonly at: EpochMillis | undefined;
}

/**
 * Why a text does not lead to a single request. The sentence contains parts of the text and of the log, so escape it
 * before display.
 */
export interface NoRequestOfText {
  readonly why: string;
}

/**
 * Returns whether the text is about one request: it is an audit ID, a whole event or a description of a request
 * (CONTRACT, 12.1).
 */
export function isAboutOneRequest({ subjects, events, reading }: RecognizedText): boolean {
  const [first, ...others] = subjects;
  if (first === undefined) return false;
  if (first.by === 'audit-id') return reading === 'first-known' || others.length === 0;
  return others.length === 0 && (events.has(first) || describedRequest(first) !== undefined);
}

/**
 * Returns the recorded request that the text is about. If it can be one of several, returns why none is chosen.
 * @param informantOf is not called for an audit ID, which needs no search.
 * @throws the informant's errors if its source cannot be reached.
 */
export async function requestOfText(
  recognized: RecognizedText,
  informantOf: () => Informant | Promise<Informant>,
  at: EpochMillis | undefined,
): Promise<RequestOfText | NoRequestOfText> {
  const [first] = recognized.subjects;
  if (first === undefined || !isAboutOneRequest(recognized)) return { why: 'The text is not about one request.' };
  if (first.by === 'audit-id') return { auditId: first.auditId, at: at ?? first.circumstances.at };
  const { found } = await answerAnything(recognized, await informantOf(), at);
  const [outcome] = found.map((each) => each.outcome);
  const record = outcome?.kind === 'attributed' && outcome.isStored === true ? outcome.record : undefined;
  if (record === undefined) return { why: whyNone(outcome) };
  return { auditId: record.auditId, at: record.time === undefined ? undefined : parseInstant(record.time) };
}

function whyNone(outcome: Outcome | undefined): string {
  if (outcome?.kind === 'not-known') return notKnownText(outcome);
  return outcome?.note ?? 'The audit log does not have this request.';
}
