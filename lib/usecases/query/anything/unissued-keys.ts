import type { AuditRecord } from '../../../attribution/record.ts';
import { dashed, parseSessionPrincipal } from '../../../identity/session-name.ts';
import { parseUid } from '../../../identity/uid.ts';
import type { CallerQuestion } from '../../../recognize/subject.ts';
import { HOUR, parseInstant } from '../../../time.ts';
import type { Matcher } from '../filter.ts';
import { type AttributedOutcome, joinSentences, type SessionFound, withoutName } from './outcomes.ts';
import { sessionIdentity } from './sessions-of-records.ts';

/** A session in a text that states no access key. */
export interface KeylessSession {
  /** The IDs of the roles that the session can belong to, or the account of a federated user. */
  readonly owners: readonly string[];
  readonly sessionName?: string | undefined;
  readonly username?: string | undefined;
}

/** Recorded sessions with access keys that no grant issued, and whether these are all of them. */
export interface UnissuedKeys {
  readonly sessions: readonly SessionFound[];
  readonly isComplete: boolean;
}

/**
 * Returns the session in a question. Undefined if the question states an access key, or neither a role nor a federated
 * user.
 */
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

/** Returns whether the caller has an access key that no known grant issued to its session. */
export function hasUnissuedKey({ caller, attribution: { status } }: AuditRecord): boolean {
  return caller.accessKeyId !== undefined && (status === 'unattributed' || status === 'pending');
}

/** Returns a matcher for records of the session, with any access key. */
export function isOfSession({ owners, sessionName, username }: KeylessSession): Matcher {
  const name = sessionName === undefined ? undefined : dashed(sessionName);
  return ({ caller }) => {
    if (!owners.includes(caller.roleId ?? caller.accountId ?? '')) return false;
    const isNamed = name !== undefined && caller.sessionName !== undefined && dashed(caller.sessionName) === name;
    return isNamed || (username !== undefined && caller.username === username);
  };
}

/**
 * Returns a matcher that accepts only one record for each session, source IP and hour. So a caller with thousands of
 * requests cannot hide another.
 */
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
 * Returns the answer with callers who used the same session with access keys that no grant issued. Any of them can be
 * the caller in question, so the actor becomes a candidate. This also happens if some requests of the session were not
 * read, because these may have such a key.
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

/** The maximum number of access keys in a sentence. */
const MOST_PHRASES = 3;

function unissuedText(sessions: readonly SessionFound[]): string {
  const phrases = sessions.slice(0, MOST_PHRASES).map(somebodyText);
  const more = sessions.length > MOST_PHRASES ? `, or ${sessions.length - MOST_PHRASES} more` : '';
  return `The audit log shows this session under access keys that no known grant issued. So it can also be ${phrases.join(', or ')}${more}.`;
}

/** Returns a phrase for an unidentified caller: `somebody with the access key ASIA…, from 45.83.64.11`. */
export function somebodyText({ accessKeyId = '', ips = [] }: SessionFound): string {
  return `somebody with the access key ${accessKeyId}${ips.length === 0 ? '' : `, from ${ips.join(' and ')}`}`;
}
