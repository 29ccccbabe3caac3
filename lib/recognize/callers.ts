import type { Caller } from '../audit/caller.ts';
import type { TrailCaller } from '../cloudtrail/caller.ts';
import type { Grant } from '../cloudtrail/grant.ts';
import { accessKeyId, isTemporaryKey } from '../identity/access-key.ts';
import { assumedRoleRef, federatedUserName, pathlessRoleArn } from '../identity/arn.ts';
import { isSessionName, parseSessionPrincipal, type SessionPrincipal } from '../identity/session-name.ts';
import { parseUid } from '../identity/uid.ts';
import { present } from '../json.ts';
import type { CallerQuestion, Circumstances, Subject } from './subject.ts';

/** Kinds of callers that can have temporary credentials. For other kinds, access key, session name and ARN are ignored. */
const SESSIONS: ReadonlySet<Caller['kind']> = new Set(['role-session', 'iam-user', 'root', 'federated-user']);

/** Returns the subject for the `user` of an audit event, with everything that it states. Undefined if it names no caller. */
export function subjectOfCaller(caller: Caller, circumstances: Circumstances): Subject | undefined {
  const { uid, username, kind, roleId } = caller;
  if (username === undefined) return uid === undefined ? undefined : subjectOfUid(uid, circumstances);
  if (uid === undefined || lacksPrefix(uid)) return subjectOfUsername(username, circumstances);
  const extra = SESSIONS.has(kind) || roleId !== undefined ? extraOf(caller) : {};
  return {
    by: 'caller',
    question: present<CallerQuestion>({ ...NO_QUESTION, uid, username, ...extra }),
    circumstances,
  };
}

const NO_QUESTION = {
  uid: undefined,
  username: undefined,
  principal: undefined,
  accessKeyId: undefined,
  sessionName: undefined,
  arn: undefined,
};

function extraOf({ accessKeyId, sessionName, arn }: Caller): CallerQuestion {
  const name = sessionName !== undefined && isSessionName(sessionName) ? sessionName : undefined;
  return { accessKeyId, sessionName: name, arn: callersArn(arn) };
}

/** Returns the ARN if a question accepts it as the ARN of a caller. Otherwise undefined. */
function callersArn(arn: string | undefined): string | undefined {
  return arn !== undefined && /^arn:[^:]+:(?:sts|iam)::\d{12}:\S+$/.test(arn) ? arn : undefined;
}

/**
 * Returns whether a uid without the prefix of AWS's authenticator has an AWS ID or an account ID in it. A question with
 * such a uid is refused.
 */
function lacksPrefix(uid: string): boolean {
  if (parseUid(uid) !== undefined) return false;
  return /(?<![A-Za-z0-9])(?:AROA|AIDA)[A-Z0-9]{4,}(?![a-z])|(?<![^:/])\d{12}(?![^:/])/.test(uid);
}

/** Returns the subject for a uid without a username: a role, a user, or another caller. Undefined if the uid names none. */
export function subjectOfUid(uid: string, circumstances: Circumstances): Subject | undefined {
  const identity = parseUid(uid);
  switch (identity?.kind) {
    case 'role':
      return { by: 'role', role: identity.roleId, circumstances };
    case 'user':
      return { by: 'person', person: identity.userId, circumstances };
    case 'root':
      return { by: 'person', person: `arn:aws:iam::${identity.accountId}:root`, circumstances };
    case 'federated-user':
      return subjectOfPrincipal(`${identity.accountId}:${identity.name}`, {}, circumstances);
    case 'administrative':
      return { by: 'caller', question: { uid, username: identity.username }, circumstances };
    default:
      return undefined;
  }
}

/** Returns the subject for a username of a cluster. By default, usernames are ARNs of role sessions. */
export function subjectOfUsername(username: string, circumstances: Circumstances): Subject {
  return subjectOfSessionArn(username, circumstances) ?? { by: 'username', username, circumstances };
}

/** Returns the subject for the ARN of a role session, with the access key beside it. Undefined for any other text. */
export function subjectOfSessionArn(
  arn: string,
  circumstances: Circumstances,
  accessKeyId?: string,
): Subject | undefined {
  const ref = callersArn(arn) === undefined ? undefined : assumedRoleRef(arn);
  if (ref === undefined) return undefined;
  const key = accessKeyId === undefined ? {} : { accessKeyId };
  return { by: 'session', arn, role: pathlessRoleArn(ref), sessionName: ref.sessionName, ...key, circumstances };
}

/** What a text states beside a principal ID. An invalid access key, or the ARN of another session, is ignored. */
export interface PrincipalDetails {
  readonly accessKeyId?: string | undefined;
  readonly arn?: string | undefined;
}

/**
 * Returns the subject for CloudTrail's `principalId` and what the text states beside it: a session, an IAM user, or the
 * access key alone. Undefined if there is none of these.
 */
export function subjectOfPrincipal(
  principalId: string | undefined,
  beside: PrincipalDetails,
  circumstances: Circumstances,
): Subject | undefined {
  const key = accessKeyId(beside.accessKeyId);
  const session = parseSessionPrincipal(principalId);
  if (session !== undefined && session.name !== '' && /^(?:AROA[A-Z0-9]+|\d{12})$/.test(session.id)) {
    const arn = arnOfSession(session, beside.arn);
    const question = { ...NO_QUESTION, principal: principalId, accessKeyId: key, arn };
    return { by: 'caller', question: present<CallerQuestion>(question), circumstances };
  }
  if (key !== undefined && isTemporaryKey(key))
    return subjectOfSessionArn(beside.arn ?? '', circumstances, key) ?? subjectOfKey(key, circumstances, beside.arn);
  if (principalId !== undefined && /^AIDA[A-Z0-9]{4,}$/.test(principalId))
    return { by: 'person', person: principalId, circumstances };
  return key === undefined ? undefined : subjectOfKey(key, circumstances, beside.arn);
}

/** Returns the ARN if it belongs to this session. Otherwise undefined. */
function arnOfSession({ id, name }: SessionPrincipal, arn: string | undefined): string | undefined {
  const named = id.startsWith('AROA') ? assumedRoleRef(arn)?.sessionName : federatedUserName(arn);
  return named === name ? callersArn(arn) : undefined;
}

/**
 * Returns the subject for an access key. If `arn`, which the text states beside the key, is a user's, the subject keeps
 * it. The answer is compared with it later.
 */
export function subjectOfKey(key: string, circumstances: Circumstances, arn?: string): Subject {
  const user = /:(?:user\/|root$|federated-user\/)/.test(arn ?? '') ? callersArn(arn) : undefined;
  const beside = user === undefined ? {} : { userArn: user };
  return { by: 'caller', question: { accessKeyId: key }, ...beside, circumstances };
}

/**
 * Returns the subject for the caller that signed a CloudTrail record. Undefined if AWS signed it itself, or if the
 * record names no caller.
 */
export function subjectOfTrailCaller(caller: TrailCaller, circumstances: Circumstances): Subject | undefined {
  const { principalId, accessKeyId: key, arn, userName, kind } = caller;
  if (kind === 'root' && key === undefined) return personOf(arn, circumstances);
  const bySession = subjectOfPrincipal(principalId, { accessKeyId: key, arn }, circumstances);
  if (bySession?.by === 'person') return personOf(arn ?? userName, circumstances) ?? bySession;
  return (
    bySession ??
    (arn === undefined ? undefined : subjectOfSessionArn(arn, circumstances)) ??
    personOf(userName, circumstances)
  );
}

function personOf(person: string | undefined, circumstances: Circumstances): Subject | undefined {
  return person === undefined ? undefined : { by: 'person', person, circumstances };
}

/** Returns the subject for the session to which a grant issued credentials: by access key and, if stated, by session name. */
export function subjectOfGrant(grant: Grant, circumstances: Circumstances): Subject | undefined {
  return subjectOfPrincipal(principalOfGrant(grant), { accessKeyId: grant.accessKeyId }, circumstances);
}

/**
 * Returns the principal of the session in a grant: `AROA…:<session name>`, or `<account>:<name>` for a federated user.
 * Undefined if the grant does not state it.
 */
export function principalOfGrant({ granted, roleId, accountId, sessionName }: Grant): string | undefined {
  const owner = granted === 'federated-user' ? accountId : roleId;
  return owner === undefined || sessionName === undefined ? undefined : `${owner}:${sessionName}`;
}
