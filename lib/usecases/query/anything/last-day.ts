import { isAccountId } from '../../../identity/arn.ts';
import type { TimeInterval } from '../../../ports/histories.ts';
import { describeSubject } from '../../../recognize/describe.ts';
import { formatInstant, HOUR } from '../../../time.ts';
import { answerByLog } from './answer-by-log.ts';
import { earlierSessions } from './at-moment.ts';
import { asksForWrites, type DescribedRequest } from './described-request.ts';
import type { Informant } from './informant.ts';
import {
  type EarlierSessions,
  type InLog,
  joinSentences,
  type Outcome,
  type SessionsOutcome,
  type SubjectAnswer,
} from './outcomes.ts';

/** Returns whether the text consists only of the name of an object, without a time. */
export function isObjectAlone(described: DescribedRequest): boolean {
  const { circumstances, isTrace, times, verbs } = described;
  const { request = {}, sourceIps, code } = circumstances;
  const isOfAnyVerb = verbs.length === 0 || asksForWrites(described);
  const states = request.name !== undefined && request.uri === undefined && isOfAnyVerb;
  return isTrace && times.length === 0 && states && sourceIps === undefined && code === undefined;
}

/** Returns whether the text consists only of an account ID. */
export function isAccountAlone({ circumstances: { names: [name] = [], ...others } }: DescribedRequest): boolean {
  return name !== undefined && isAccountId(name) && Object.keys(others).length === 0;
}

/** Returns whether the text consists only of a time of day, without a date. */
export function isClockAlone({ circumstances: { clock, ...others } }: DescribedRequest): boolean {
  return clock !== undefined && Object.keys(others).length === 0;
}

/**
 * Answers about an object, an account or a time of day, by the requests in the last hours of the data. If
 * there are none, the answer says when the last request was.
 */
export async function requestsOfLastDay(
  described: DescribedRequest,
  informant: Informant,
  bySigns: () => Promise<Outcome>,
): Promise<Outcome> {
  const span = await informant.lastDay();
  if (span === undefined) return answerByLog(described, informant, bySigns);
  const current = await answerByLog(described, informant.ofLastDay(), bySigns);
  if (isOfRequests(current)) return withSpanNote({ ...current, span });
  const ever = await answerByLog(described, informant, bySigns);
  if (!isOfRequests(ever)) return ever;
  const { note: _note, inLog = NOTHING, ...earlier } = ever;
  const { groups: _groups, listed: _listed, ...counts } = inLog;
  return withSpanNote({
    ...earlier,
    inLog: counts,
    sessions: [],
    left: 0,
    span,
    earlier: earlierSessions(ever.sessions),
  });
}

const NOTHING: InLog = { result: 'none', requests: 0, agrees: [], differs: [] };

function isOfRequests(outcome: Outcome): outcome is SessionsOutcome {
  return outcome.kind === 'sessions' && (outcome.inLog?.requests ?? 0) > 0 && outcome.sessions.length > 0;
}

/** Returns the outcome with a note about the time range that its list covers, and about earlier sessions. */
export function withSpanNote<T extends Outcome>(outcome: T): T {
  if (outcome.kind !== 'sessions' || outcome.span === undefined) return outcome;
  const { span, earlier, inLog, sessions } = outcome;
  const things = inLog === undefined ? 'sessions' : 'requests';
  const head = sessions.length > 0 ? `This covers ${spanText(span)}.` : `No ${things} in ${spanText(span)}.`;
  return { ...outcome, note: joinSentences(head, earlierText(earlier), MORE, outcome.note) };
}

const MORE = 'To cover more, give a time (--at) or a longer look-back (--lookback).';

/** Returns one sentence for each time range that the answers cover. */
export function spanNotes(found: readonly SubjectAnswer[]): readonly string[] {
  const texts = found.flatMap(({ outcome }) =>
    outcome.kind === 'sessions' && outcome.span !== undefined ? [spanText(outcome.span)] : [],
  );
  return [...new Set(texts)].map((text) => `Names without a time were looked up in ${text}. ${MORE}`);
}

/** Returns whether the answer has no session in its time range, but an earlier one. */
export function isOfBefore({ outcome }: SubjectAnswer): boolean {
  return outcome.kind === 'sessions' && outcome.sessions.length === 0 && outcome.earlier !== undefined;
}

/** Returns a sentence that says when the subject was seen before the time range. Undefined if it was not. */
export function beforeText({ subject, outcome }: SubjectAnswer): string | undefined {
  if (outcome.kind !== 'sessions' || outcome.earlier === undefined) return undefined;
  const { last } = outcome.earlier;
  const when = last === undefined ? 'at an unknown time' : `at ${last}`;
  return `It is also ${describeSubject(subject)}, last seen before these hours, ${when}.`;
}

/** Returns the time range in words: `the time from … to …, the last 24 hours of the data`. */
function spanText({ from, to }: TimeInterval): string {
  const hours = Math.round((to - from) / HOUR);
  return `the time from ${formatInstant(from)} to ${formatInstant(to)}, the last ${hours === 1 ? 'hour' : `${hours} hours`} of the data`;
}

/**
 * Returns a sentence that says when the name was last seen before the time range. A grant is seen when it is issued.
 */
function earlierText(earlier: EarlierSessions | undefined): string | undefined {
  if (earlier === undefined) return undefined;
  const { last, sessions } = earlier;
  if (last === undefined) return 'Before that, it was seen at an unknown time.';
  const isRequest = sessions.some(({ records, to }) => records !== undefined && to === last);
  return isRequest ? `Before that, last seen ${last}.` : `Before that, the latest session was issued ${last}.`;
}
