import { type AuditRecord, cutName, recordedCaller } from '../attribution/record.ts';
import type { AuditEvent } from '../audit/audit-event.ts';
import type { Caller } from '../audit/caller.ts';
import { isTokenOf } from '../audit/issued-token.ts';
import { isAwsUid } from '../identity/uid.ts';
import { formatInstant } from '../time.ts';
import type { ClaimCaller, ClaimIdentity } from './claim.ts';

/** A digest as text, so strong that nobody can make two identities share one on purpose. */
export type TextDigest = (text: string) => string;

/** Room for what stands beside an outside text in a store's key, in bytes. */
const LONGEST_KEY_TEXT = 900;

/** An outside text as part of a key: itself, or its digest where it would not fit. */
export function keyText(outside: string, digest: TextDigest): string {
  return isLong(outside) ? `${DIGESTED}${digest(outside)}` : outside;
}

export function isLong(outside: string): boolean {
  if (outside.length * MOST_BYTES <= LONGEST_KEY_TEXT) return false; // as most are
  return outside.length > LONGEST_KEY_TEXT || new TextEncoder().encode(outside).length > LONGEST_KEY_TEXT;
}

/** Of UTF-8 for one unit of UTF-16. */
const MOST_BYTES = 3;

const DIGESTED = 'sha256:';

/** Whether the text stands for one that does not fit into a key. */
export function isDigested(keyed: string): boolean {
  return keyed.startsWith(DIGESTED);
}

/**
 * The claim of a caller with an AWS identity or a service account token (CONTRACT, "claim"); undefined for all others,
 * whose answer rests on the event alone.
 */
export function claimOf(caller: Caller, digest: TextDigest): ClaimIdentity | undefined {
  const session = sessionOf(caller);
  if (session === undefined) return undefined;
  const { uid, username, sessionName, accessKeyId, credentialId } = caller;
  const token = isTokenOf(caller) ? [credentialId] : [];
  const id = digest(JSON.stringify([uid, username, sessionName, accessKeyId, ...token]));
  return { id, session: keyText(session, digest), caller: claimCaller(caller) };
}

/**
 * The claim of one of the cluster's own callers that impersonates a person and is no configured proxy: nothing about it can
 * change, but it is no answer either, so that it is listed with the others of its status.
 */
export function claimOfImpersonator(caller: Caller, digest: TextDigest): ClaimIdentity {
  const { uid, username = '' } = caller;
  const id = digest(JSON.stringify([uid, username]));
  return { id, session: keyText(username, digest), caller: claimCaller(caller) };
}

/**
 * The claim of an anonymous caller that was let in: nothing about it can change, but somebody is told of it. One for each
 * cluster, address and day (UTC): a scan is one claim, and what comes from elsewhere, or on another day, is told of anew. What
 * another account hands over is of a cluster of that account's.
 */
export function claimOfAnonymous({ event, cluster, handedOverBy }: AnonymousEvent, digest: TextDigest): ClaimIdentity {
  const { caller, sourceIps = [], at } = event;
  const address = sourceIps.at(-1) ?? ''; // the others are the client's word
  const day = at === undefined ? '' : formatInstant(at).slice(0, 10);
  const id = digest(JSON.stringify(['anonymous', cluster ?? '', address, day, handedOverBy]));
  return { id, session: keyText(anonymousSession(address), digest), caller: claimCaller(caller) };
}

/** An event, the cluster it came from, and the account whose stack handed it over. */
interface AnonymousEvent {
  readonly event: AuditEvent;
  readonly cluster?: string | undefined;
  readonly handedOverBy?: string | undefined;
}

/** The address that an anonymous caller's claim is about; undefined where its records state none, or it is no such claim. */
export function anonymousAddress({ session, caller }: Pick<ClaimIdentity, 'session' | 'caller'>): string | undefined {
  const isOne = caller.kind === 'anonymous' && session.startsWith(`${ANONYMOUS} `);
  return isOne ? session.slice(ANONYMOUS.length + 1) : undefined;
}

/** The session of the claims of anonymous callers that were let in from a source IP, before it is cut for a key. */
export function anonymousSession(address: string): string {
  return `${ANONYMOUS} ${address}`.trim();
}

/** As API servers call whoever shows no credentials; of a request whose authentication failed they say nothing. */
export const ANONYMOUS = 'system:anonymous';

/** Cut as records are: an item has an end. Its id is made of the whole texts. */
function claimCaller(caller: Caller): ClaimCaller {
  const { groups: _groups, pod: _pod, ...recorded } = recordedCaller(caller);
  return { ...recorded, userId: cutName(caller.userId), canonicalArn: cutName(caller.canonicalArn) };
}

const PRINCIPAL = /^(?:AROA[A-Z0-9]+|\d{12}):.+$/s;
const OTHER_SESSION = /^(?:AROA[A-Z0-9]+ .+|\d{12}|AIDA[A-Z0-9]+|(?:system|eks):.+)$/s;

/** Whether the text names a session as CloudTrail's `principalId` does. */
export function isSessionPrincipal(text: string): boolean {
  return PRINCIPAL.test(text);
}

/** Whether the text can be the `session` of a claim that states no session name: alerts ask for its records by it. */
export function isNamelessSession(text: string): boolean {
  return OTHER_SESSION.test(text) || (isAwsUid(text) && / ./s.test(text));
}

/**
 * What a record of this session is asked for by that only the record itself tells. Its access key, where the session is not
 * named as grants name it: else the key's grants, uses and waiting claims find it; a user's own key, for one, has none, and a
 * trusted proxy's claim waits for nothing. And the session whose name was learnt, which a claim that was decided by its key
 * does not wait for.
 */
export function askedForBy(session: string, { attribution, caller }: AuditRecord): readonly string[] {
  const { accessKeyId, roleId, sessionName } = caller;
  const isNamed = isSessionPrincipal(session);
  const isOfKey = accessKeyId !== undefined && (!isNamed || attribution.method === 'proxy');
  const isLearnt = !isNamed && roleId !== undefined && sessionName !== undefined;
  return [...(isOfKey ? [accessKeyId] : []), ...(isLearnt ? [`${roleId}:${sessionName}`] : [])];
}

/**
 * `AROA…:<name>`, `<account>:<name>`, `AIDA…`, an account; where no name is stated, the role with the username; of a
 * service account with each token apart.
 */
export function sessionOf(caller: Caller): string | undefined {
  const { kind, uid, username, accountId, roleId, userId, sessionName, credentialId } = caller;
  if (isTokenOf(caller)) return `${username} ${credentialId}`;
  if (kind === 'malformed') return `${uid} ${username}`;
  if (roleId !== undefined) return sessionName === undefined ? `${roleId} ${username}` : `${roleId}:${sessionName}`;
  if (kind === 'federated-user') return `${accountId}:${sessionName}`;
  return kind === 'iam-user' ? userId : kind === 'root' ? accountId : undefined;
}
