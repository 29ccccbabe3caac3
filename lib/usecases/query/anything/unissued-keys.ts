import type { AuditRecord } from '../../../attribution/record.ts';
import { dashed, parseSessionPrincipal } from '../../../identity/session-name.ts';
import { parseUid } from '../../../identity/uid.ts';
import type { CallerQuestion } from '../../../recognize/subject.ts';
import { HOUR, parseInstant } from '../../../time.ts';
import type { Matcher } from '../filter.ts';
import { type AttributedOutcome, joinSentences, type SessionFound, withoutName } from './outcomes.ts';
import { sessionIdentity } from './sessions-of-records.ts';

/** A session as a text states it, without an access key. */
export interface KeylessSession {
  /** The IDs of roles, or the account of a federated user. */
  readonly owners: readonly string[];
  readonly sessionName?: string | undefined;
  readonly username?: string | undefined;
}

/** The recorded sessions with access keys that no grant issued, and whether these are all. */
export interface UnissuedKeys {
  readonly sessions: readonly SessionFound[];
  readonly isComplete: boolean;
}

/** Returns the session of a question. Undefined if it states an access key, or no role and no federated user. */
export function keylessSession({
  accessKeyId,
  principal,
  uid,
  username,
  sessionName,
}: CallerQuestion): KeylessSession | undefined {
  if (accessKeyId !== undefined) return undefined;
  const session = parseSessionPrincipal(principal);
  if (session !== undefined) return { owners: [session.id], sessionName: session.name };
  const identity = parseUid(uid);
  return identity?.kind === 'role' ? { owners: [identity.roleId], sessionName, username } : undefined;
}

/** Returns whether the record's caller has an access key that no grant issued to its session, as far as is known. */
export function hasUnissuedKey({ caller, attribution: { status } }: AuditRecord): boolean {
  return caller.accessKeyId !== undefined && (status === 'unattributed' || status === 'pending');
}

/** Returns a matcher for records of the session, under whatever access key. */
export function isOfSession({ owners, sessionName, username }: KeylessSession): Matcher {
  const name = sessionName === undefined ? undefined : dashed(sessionName);
  return ({ caller }) => {
    if (!owners.includes(caller.roleId ?? caller.accountId ?? '')) return false;
    const isNamed = name !== undefined && caller.sessionName !== undefined && dashed(caller.sessionName) === name;
    return isNamed || (username !== undefined && caller.username === username);
  };
}

/** Returns a matcher that lets through one record of each session, source IP and hour, so that nobody hides behind thousands. */
export function oncePerHour(isMatch: Matcher): Matcher {
  const seen = new Set<string>();
  return (record) => {
    if (!isMatch(record)) return false;
    const hour = Math.floor((parseInstant(record.time ?? '') ?? 0) / HOUR);
    const { size } = seen;
    return seen.add(JSON.stringify([sessionIdentity(record), record.source?.ips?.at(-1), hour])).size > size;
  };
}

/**
 * Adds callers of the same session with access keys that no grant issued. Each of them can be the caller, so an actor
 * becomes a candidate beside them. The same holds if not all requests of the session were read, because one may have such a
 * key.
 */
export function withUnissuedKeys(answer: AttributedOutcome, { sessions, isComplete }: UnissuedKeys): AttributedOutcome {
  const { status } = answer.attribution;
  if (status !== 'attributed' && status !== 'partial' && status !== 'ambiguous') return answer;
  if (sessions.length > 0)
    return { ...withoutName(answer), unidentified: sessions, note: joinSentences(unissuedText(sessions), answer.note) };
  if (isComplete) return answer;
  return { ...withoutName(answer), note: joinSentences(NOT_ALL_READ, answer.note), isComplete: false };
}

const NOT_ALL_READ =
  'Not all requests of this session were read, so somebody else may have used it with an access key that no known grant issued. Give the access key too, or the time of the request.';

/** Limits the access keys in a sentence. */
const MOST_PHRASES = 3;

function unissuedText(sessions: readonly SessionFound[]): string {
  const phrases = sessions.slice(0, MOST_PHRASES).map(somebodyText);
  const more = sessions.length > MOST_PHRASES ? `, or ${sessions.length - MOST_PHRASES} more` : '';
  return `The audit log shows this session under access keys that no known grant issued. So it can also be ${phrases.join(', or ')}${more}.`;
}

/** Returns an unidentified caller in words: `somebody with the access key ASIA…, from 45.83.64.11`. */
export function somebodyText({ accessKeyId = '', ips = [] }: SessionFound): string {
  return `somebody with the access key ${accessKeyId}${ips.length === 0 ? '' : `, from ${ips.join(' and ')}`}`;
}
