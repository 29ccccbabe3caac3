import { accessKeyId, isTemporaryKey } from '../../../identity/access-key.ts';
import { assumedRoleRef } from '../../../identity/arn.ts';
import type { TimeInterval } from '../../../ports/histories.ts';
import { type EpochMillis, formatInstant, parseInstant } from '../../../time.ts';
import { LONGEST_SESSION } from '../doubt.ts';
import { type EarlierSessions, joinSentences, type SessionFound, type SessionsOutcome } from './outcomes.ts';
import { validityOf } from './sessions-of-records.ts';

/** The maximum number of sessions in a list. */
const MOST_LISTED = 100;

/**
 * Returns a limited list of the sessions. With `at`, the sessions that were valid at that time come first, then the
 * nearest ones. Without `at`, the order stays. Sessions that ended before `span` are listed separately, as earlier
 * ones.
 */
export function listByMoment(
  found: readonly SessionFound[],
  at: EpochMillis | undefined,
  { note, span }: { readonly note?: string | undefined; readonly span?: TimeInterval | undefined } = {},
): SessionsOutcome {
  if (at === undefined && span !== undefined) return listWithin(found, span, note);
  const { sessions, note: order } = byMoment(found, at);
  return { ...listed(sessions), note: joinSentences(order, note) };
}

function listed(sessions: readonly SessionFound[]): SessionsOutcome {
  const left = Math.max(0, sessions.length - MOST_LISTED);
  return { kind: 'sessions', sessions: sessions.slice(0, MOST_LISTED), left };
}

function listWithin(found: readonly SessionFound[], span: TimeInterval, note: string | undefined): SessionsOutcome {
  const isEarlier = ({ to }: Life) => Number.isFinite(to) && to < span.from;
  const earlier = found.filter((session) => isEarlier(lifeOf(session)));
  const hidden = new Set(earlier);
  const current = found.filter((session) => !hidden.has(session));
  return { ...listed(current), span, earlier: earlierSessions(earlier), note };
}

/** Returns the sessions together with the time at which the last one was seen. Undefined if there are none. */
export function earlierSessions(sessions: readonly SessionFound[]): EarlierSessions | undefined {
  return sessions.length === 0 ? undefined : { sessions, last: lastSeen(sessions) };
}

/**
 * Returns the time of the latest request of these sessions. For a session without requests, the time of its issue
 * counts.
 */
export function lastSeen(sessions: readonly SessionFound[]): string | undefined {
  return sessions
    .flatMap(({ from, to, records }) => (records === undefined ? from : to) ?? [])
    .toSorted((a, b) => (parseInstant(a) ?? 0) - (parseInstant(b) ?? 0))
    .at(-1);
}

/** Sessions in the order of the list, with a note on the order. */
interface OrderedSessions {
  readonly sessions: readonly SessionFound[];
  readonly note?: string | undefined;
}

/**
 * Returns the sessions that were valid at the moment first, then the nearest to it. Without a moment the order does
 * not change.
 */
function byMoment(sessions: readonly SessionFound[], at: EpochMillis | undefined): OrderedSessions {
  if (at === undefined || sessions.length === 0) return { sessions };
  const away = new Map(sessions.map((session) => [session, awayFrom(lifeOf(session), at)]));
  const awayOf = (session: SessionFound) => away.get(session) ?? Number.POSITIVE_INFINITY;
  const others = sessions.filter((session) => awayOf(session) > 0);
  const unclear = others.filter((session) => !isKnownInvalid(session, at)).length;
  const note = noteOf({ all: sessions.length, others: others.length, unclear }, at);
  return { sessions: sessions.toSorted((a, b) => awayOf(a) - awayOf(b)), note };
}

/**
 * Returns whether the credentials of a session are known to have been invalid at a moment. A session that was used at
 * that moment was valid. Without a known grant, only the longest duration of a role session decides.
 */
function isKnownInvalid(session: SessionFound, at: EpochMillis): boolean {
  const { issuedAt, expiresAt } = validityOf(session) ?? {};
  const [issued, expired] = [parseInstant(issuedAt ?? ''), parseInstant(expiresAt ?? '')];
  if (issued !== undefined && expired !== undefined) return true;
  if (issued !== undefined && at < issued) return true;
  const key = accessKeyId(session.accessKeyId);
  const isOfRole = key === undefined ? isRoleSession(session) : isTemporaryKey(key);
  return isOfRole && awayFrom(lifeOf(session), at) > LONGEST_SESSION;
}

function isRoleSession({ session = '' }: SessionFound): boolean {
  return session.startsWith('AROA') || assumedRoleRef(session) !== undefined;
}

/** The start and end of something, in epoch milliseconds. */
export interface Life {
  readonly from: number;
  readonly to: number;
}

/** Returns the distance between a moment and a life, in milliseconds. It is 0 if the moment is within the life. */
export function awayFrom({ from, to }: Life, at: EpochMillis): number {
  return Math.max(0, from - at, at - to);
}

/** Returns the time in which the session was used or its credentials were valid, as far as known. */
function lifeOf(session: SessionFound): Life {
  const { issuedAt, expiresAt } = validityOf(session) ?? {};
  const texts = [session.from, session.to, issuedAt, expiresAt];
  const times = texts.flatMap((text) => parseInstant(text ?? '') ?? []);
  return { from: Math.min(...times), to: Math.max(...times) };
}

/** How many sessions are in a list. */
interface SessionCounts {
  readonly all: number;
  /** The number of sessions that are not known to have been valid at the moment. */
  readonly others: number;
  /** The number of `others` that are not known to have been invalid at the moment either. */
  readonly unclear: number;
}

function noteOf({ all, others, unclear }: SessionCounts, at: EpochMillis): string | undefined {
  const when = formatInstant(at);
  const then = all - others;
  if (others === 0) return undefined;
  if (then === 0)
    return unclear === 0
      ? `As far as is known, none of these sessions was valid at ${when}. The nearest one comes first.`
      : `It is not known whether ${unclearText(unclear, all)} valid at ${when}. The nearest one comes first.`;
  const rest = others === 1 ? 'The other one follows.' : `The other ${others} follow, the nearest first.`;
  const valid = `${then} of ${all} sessions ${then === 1 ? 'was' : 'were'} valid at ${when} and ${then === 1 ? 'comes' : 'come'} first. ${rest}`;
  return unclear === 0 ? valid : `${valid} It is not known whether ${unclearText(unclear, others)} valid then.`;
}

function unclearText(unclear: number, all: number): string {
  if (all === 1) return 'it was';
  return unclear === all ? 'they were' : `${unclear} of them ${unclear === 1 ? 'was' : 'were'}`;
}
