import { type AuditRecord, cutName, recordedCaller } from '../attribution/record.ts';
import type { AuditEvent } from '../audit/audit-event.ts';
import { awsTokenOf } from '../audit/aws-token.ts';
import type { Caller } from '../audit/caller.ts';
import type { EventSite } from '../audit/event-site.ts';
import { isTokenOf } from '../audit/issued-token.ts';
import { clusterKeyOf } from '../identity/cluster.ts';
import { isSessionName } from '../identity/session-name.ts';
import { isAwsUid } from '../identity/uid.ts';
import { formatInstant } from '../time.ts';
import type { ClaimCaller, ClaimIdentity } from './claim.ts';

/** Returns a digest of a text, as text. Nobody may be able to find two identities with the same digest. */
export type TextDigest = (text: string) => string;

/** Limits the bytes of an outside text in a key of a store. The rest of the key needs the remaining bytes. */
const LONGEST_KEY_TEXT = 900;

/** Returns a text from outside as a part of a key. A text that is too long is replaced by its digest. */
export function keyText(outside: string, digest: TextDigest): string {
  return isLong(outside) ? `${DIGESTED}${digest(outside)}` : outside;
}

/** Returns whether the text does not fit into a key. */
export function isLong(outside: string): boolean {
  if (outside.length * MOST_BYTES <= LONGEST_KEY_TEXT) return false; // Most texts are short.
  return outside.length > LONGEST_KEY_TEXT || new TextEncoder().encode(outside).length > LONGEST_KEY_TEXT;
}

/** The maximum number of UTF-8 bytes for one UTF-16 code unit. */
const MOST_BYTES = 3;

const DIGESTED = 'sha256:';

/** Returns whether the text is a digest that stands for a longer one. */
export function isDigested(keyed: string): boolean {
  return keyed.startsWith(DIGESTED);
}

/**
 * Returns the claim of a caller with an AWS identity, a service account token or a token of AWS's own (CONTRACT,
 * "claim"). Undefined for all other callers, because their answer rests on the event alone.
 * @param sender the account that handed the event over, if any. Such an account can forge everything else in an event,
 * and a claim has only one alert for each cause. So events from two accounts never share a claim.
 */
export function claimOf(caller: Caller, digest: TextDigest, sender?: string): ClaimIdentity | undefined {
  const session = sessionOf(caller);
  if (session === undefined) return undefined;
  const { uid, username, sessionName, accessKeyId, credentialId } = caller;
  const token = isByToken(caller) ? [credentialId] : [];
  const id = digest(JSON.stringify([sender, uid, username, sessionName, accessKeyId, ...token]));
  return { id, session: keyText(session, digest), caller: claimCaller(caller) };
}

/**
 * Returns the claim of one of the cluster's own callers that impersonates a person, and is no configured proxy. Its
 * answer cannot change. It needs a claim because it does not name the person, so lists by status must show it.
 * @param sender as for `claimOf`.
 */
export function claimOfImpersonator(caller: Caller, digest: TextDigest, sender?: string): ClaimIdentity {
  const { uid, username = '' } = caller;
  const id = digest(JSON.stringify([sender, uid, username]));
  return { id, session: keyText(username, digest), caller: claimCaller(caller) };
}

/**
 * Returns the claim of an anonymous caller whose request was allowed. Its answer cannot change. It needs a claim
 * because it raises an alert. There is one claim for each cluster, source IP and day (UTC). So a scan is one claim, and
 * another source IP or day raises a new alert. Events that another account hands over belong to a cluster of that
 * account.
 */
export function claimOfAnonymous({ event, site }: AnonymousEvent, digest: TextDigest): ClaimIdentity {
  const { caller, sourceIps = [], at } = event;
  const address = sourceIps.at(-1) ?? ''; // The client chooses the others.
  const day = at === undefined ? '' : formatInstant(at).slice(0, 10);
  const id = digest(JSON.stringify(['anonymous', clusterKeyOf(site), address, day, site.origin?.handedOverBy]));
  return { id, session: keyText(anonymousSession(address), digest), caller: claimCaller(caller) };
}

interface AnonymousEvent {
  readonly event: AuditEvent;
  readonly site: EventSite;
}

/**
 * Returns the source IP in the claim of an anonymous caller. Undefined if the records have none, or for any other
 * claim.
 */
export function anonymousAddress({ session, caller }: Pick<ClaimIdentity, 'session' | 'caller'>): string | undefined {
  const isOne = caller.kind === 'anonymous' && session.startsWith(`${ANONYMOUS} `);
  return isOne ? session.slice(ANONYMOUS.length + 1) : undefined;
}

/** Returns the session of the claims of anonymous callers from a source IP. It can be too long for a key. */
export function anonymousSession(address: string): string {
  return `${ANONYMOUS} ${address}`.trim();
}

/** The username of requests without credentials. If credentials were refused, API servers state no username at all. */
export const ANONYMOUS = 'system:anonymous';

/**
 * Returns the caller of a claim, with texts cut as in records, because items have a size limit. The claim's ID is made
 * from the whole texts.
 */
function claimCaller(caller: Caller): ClaimCaller {
  const { groups: _groups, pod: _pod, ...recorded } = recordedCaller(caller);
  return { ...recorded, userId: cutName(caller.userId), canonicalArn: cutName(caller.canonicalArn) };
}

const PRINCIPAL = /^(?:AROA[A-Z0-9]+|\d{12}):.+$/s;
const OTHER_SESSION = /^(?:AROA[A-Z0-9]+ .+|\d{12}|AIDA[A-Z0-9]+|(?:system|eks):.+|https:.+#.+ JTI=.+)$/s;

/** Returns whether the text names a session in the form of CloudTrail's `principalId`. */
export function isSessionPrincipal(text: string): boolean {
  return PRINCIPAL.test(text);
}

/**
 * Returns whether the text can be the `session` of a claim without a session name. Alerts use this text to find the
 * claim's records.
 */
export function isNamelessSession(text: string): boolean {
  return OTHER_SESSION.test(text) || (isAwsUid(text) && / ./s.test(text));
}

/**
 * Returns whether the text is a session name without a role. Whoever assumes a role chooses the name, so sessions of
 * any role can have it.
 */
export function isSessionNameAlone(text: string): boolean {
  return isSessionName(text) && !/^A(?:ROA|IDA|KIA|SIA)[A-Z0-9]{4,}$/.test(text) && !isNamelessSession(text);
}

/**
 * Returns the values by which the record must be indexed, because nothing else leads from them to it. The access key
 * is such a value if the session has no name as in grants, or for a trusted proxy's request.
 * For other sessions, the key's grants and uses and the claims that wait for it lead to the record. A user's own
 * key has none of these, and the claim of a trusted proxy waits for nothing. The session is such a value if its name
 * was learned from a grant. A claim that was decided by its key does not wait for that session.
 */
export function namesOnlyInRecord(session: string, { attribution, caller }: AuditRecord): readonly string[] {
  const { accessKeyId, roleId, sessionName } = caller;
  const isNamed = isSessionPrincipal(session);
  const isOfKey = accessKeyId !== undefined && (!isNamed || attribution.method === 'proxy');
  const isLearnt = !isNamed && roleId !== undefined && sessionName !== undefined;
  return [...(isOfKey ? [accessKeyId] : []), ...(isLearnt ? [`${roleId}:${sessionName}`] : [])];
}

/**
 * Returns the session of a caller: `AROA…:<name>`, `<account>:<name>`, `AIDA…` or an account. If the caller states no
 * session name, it is the role with the username. Each service account token and each token of AWS's own is a session
 * of its own.
 */
export function sessionOf(caller: Caller): string | undefined {
  const { kind, uid, username, accountId, roleId, userId, sessionName, credentialId } = caller;
  if (isByToken(caller)) return `${username} ${credentialId}`;
  if (kind === 'malformed') return `${uid} ${username}`;
  if (roleId !== undefined) return sessionName === undefined ? `${roleId} ${username}` : `${roleId}:${sessionName}`;
  if (kind === 'federated-user') return `${accountId}:${sessionName}`;
  return kind === 'iam-user' ? userId : kind === 'root' ? accountId : undefined;
}

/** Returns whether a later fact about the caller's token can change the answer. */
function isByToken(caller: Caller): boolean {
  return isTokenOf(caller) || awsTokenOf(caller) !== undefined;
}
