import { lastGrant } from '../../../attribution/role-of-record.ts';
import { type EpochMillis, formatInstant, parseInstant } from '../../../time.ts';
import { type SessionFound, type Sessions, together } from './found.ts';

/** So many sessions are listed. */
const MOST_LISTED = 100;

/** The sessions newest first, or those of the moment, as far as they are listed. */
export function listed(found: readonly SessionFound[], at: EpochMillis | undefined, note?: string): Sessions {
  const { sessions, note: order } = byMoment(found, at);
  const left = Math.max(0, sessions.length - MOST_LISTED);
  return { kind: 'sessions', sessions: sessions.slice(0, MOST_LISTED), left, note: together(order, note) };
}

/** Sessions in the order in which they are listed, and what is said of it. */
interface OrderedSessions {
  readonly sessions: readonly SessionFound[];
  readonly note?: string | undefined;
}

/**
 * Of the sessions, newest first, those first that could act at the moment that is asked about, then the nearest to it. With
 * no moment they stay as they are.
 */
function byMoment(sessions: readonly SessionFound[], at: EpochMillis | undefined): OrderedSessions {
  if (at === undefined || sessions.length === 0) return { sessions };
  const away = new Map(sessions.map((session) => [session, awayFrom(lifeOf(session), at)]));
  const awayOf = (session: SessionFound) => away.get(session) ?? Number.POSITIVE_INFINITY;
  const then = sessions.filter((session) => awayOf(session) === 0).length;
  return { sessions: sessions.toSorted((a, b) => awayOf(a) - awayOf(b)), note: noteOf(then, sessions.length, at) };
}

/** When something began and ended, in milliseconds. */
export interface Life {
  readonly from: number;
  readonly to: number;
}

/** In milliseconds; 0 while it lasts. */
export function awayFrom({ from, to }: Life, at: EpochMillis): number {
  return Math.max(0, from - at, at - to);
}

/** From when to when the credentials are valid, as far as that is known, and requests of the session were seen. */
function lifeOf({ from, to, attribution: { chain = [] } }: SessionFound): Life {
  const grant = lastGrant(chain);
  const times = [from, to, grant?.issuedAt, grant?.expiresAt].flatMap((text) => parseInstant(text ?? '') ?? []);
  return { from: Math.min(...times), to: Math.max(...times) };
}

function noteOf(then: number, all: number, at: EpochMillis): string | undefined {
  const when = formatInstant(at);
  if (then === all) return undefined;
  if (then === 0)
    return `As far as is known, none of these sessions was valid at ${when}. The nearest one comes first.`;
  const rest = all - then === 1 ? 'The other one follows.' : `The other ${all - then} follow, the nearest first.`;
  return `${then} of ${all} sessions ${then === 1 ? 'was' : 'were'} valid at ${when} and ${then === 1 ? 'comes' : 'come'} first. ${rest}`;
}
