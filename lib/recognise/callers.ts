import type { Caller } from '../audit/caller.ts';
import type { TrailCaller } from '../cloudtrail/caller.ts';
import type { Grant } from '../cloudtrail/grant.ts';
import { accessKeyId, isTemporaryKey } from '../identity/access-key.ts';
import { assumedRoleRef, federatedUserName, pathlessRoleArn } from '../identity/arn.ts';
import { isSessionName, parseSessionPrincipal, type SessionPrincipal } from '../identity/session-name.ts';
import { parseUid } from '../identity/uid.ts';
import { present } from '../json.ts';
import type { CallerQuestion, Circumstances, Subject } from './subject.ts';

/** Kinds of callers behind which STS stands: for others a key, a session name or an ARN would count for nothing. */
const SESSIONS: ReadonlySet<Caller['kind']> = new Set(['role-session', 'iam-user', 'root', 'federated-user']);

/** Whom an audit event's `user` names, with all that it states; undefined where it names nobody. */
export function subjectOfCaller(caller: Caller, told: Circumstances): Subject | undefined {
  const { uid, username, kind, roleId } = caller;
  if (username === undefined) return uid === undefined ? undefined : subjectOfUid(uid, told);
  if (uid === undefined || lacksPrefix(uid)) return subjectOfUsername(username, told);
  const extra = SESSIONS.has(kind) || roleId !== undefined ? extraOf(caller) : {};
  return { by: 'caller', question: present<CallerQuestion>({ ...NO_QUESTION, uid, username, ...extra }), told };
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

/** The ARN, where it is one of a caller as questions take it. */
function callersArn(arn: string | undefined): string | undefined {
  return arn !== undefined && /^arn:[^:]+:(?:sts|iam)::\d{12}:\S+$/.test(arn) ? arn : undefined;
}

/** Whether a uid of another authenticator holds an AWS id or an account: a question with it would be refused. */
function lacksPrefix(uid: string): boolean {
  if (parseUid(uid) !== undefined) return false;
  return /(?<![A-Za-z0-9])(?:AROA|AIDA)[A-Z0-9]{4,}(?![a-z])|(?<![^:/])\d{12}(?![^:/])/.test(uid);
}

/** A uid without its username: the role's sessions, the user, or whoever else it names; undefined where it names nobody. */
export function subjectOfUid(uid: string, told: Circumstances): Subject | undefined {
  const identity = parseUid(uid);
  switch (identity?.kind) {
    case 'role':
      return { by: 'role', role: identity.roleId, told };
    case 'user':
      return { by: 'person', person: identity.userId, told };
    case 'root':
      return { by: 'person', person: `arn:aws:iam::${identity.accountId}:root`, told };
    case 'federated-user':
      return subjectOfPrincipal(`${identity.accountId}:${identity.name}`, {}, told);
    case 'administrative':
      return { by: 'caller', question: { uid, username: identity.username }, told };
    default:
      return undefined;
  }
}

/** A cluster's username: of the default form it is a role session's ARN. */
export function subjectOfUsername(username: string, told: Circumstances): Subject {
  return subjectOfSessionArn(username, told) ?? { by: 'username', username, told };
}

/** Undefined where it is no assumed role's ARN of an account. */
export function subjectOfSessionArn(arn: string, told: Circumstances): Subject | undefined {
  const ref = callersArn(arn) === undefined ? undefined : assumedRoleRef(arn);
  if (ref === undefined) return undefined;
  return { by: 'session', arn, role: pathlessRoleArn(ref, arn), sessionName: ref.sessionName, told };
}

/** What may stand beside a principal id; a key that is none, or another session's ARN, is left out. */
export interface BesidePrincipal {
  readonly accessKeyId?: string | undefined;
  readonly arn?: string | undefined;
}

/**
 * By CloudTrail's `principalId` and what stands beside it: a session, or an IAM user. Undefined where it is neither and
 * no key is known.
 */
export function subjectOfPrincipal(
  principalId: string | undefined,
  beside: BesidePrincipal,
  told: Circumstances,
): Subject | undefined {
  const key = accessKeyId(beside.accessKeyId);
  const session = parseSessionPrincipal(principalId);
  if (session !== undefined && session.name !== '' && /^(?:AROA[A-Z0-9]+|\d{12})$/.test(session.id)) {
    const arn = arnOfSession(session, beside.arn);
    const question = { ...NO_QUESTION, principal: principalId, accessKeyId: key, arn };
    return { by: 'caller', question: present<CallerQuestion>(question), told };
  }
  if (key !== undefined && isTemporaryKey(key)) return subjectOfKey(key, told);
  if (principalId !== undefined && /^AIDA[A-Z0-9]{4,}$/.test(principalId))
    return { by: 'person', person: principalId, told };
  return key === undefined ? undefined : subjectOfKey(key, told);
}

/** The ARN beside the session, where it is of that session. */
function arnOfSession({ id, name }: SessionPrincipal, arn: string | undefined): string | undefined {
  const named = id.startsWith('AROA') ? assumedRoleRef(arn)?.sessionName : federatedUserName(arn);
  return named === name ? callersArn(arn) : undefined;
}

export function subjectOfKey(key: string, told: Circumstances): Subject {
  return { by: 'caller', question: { accessKeyId: key }, told };
}

/** Who signed a CloudTrail record; undefined where that is a service, or nobody is named. */
export function subjectOfTrailCaller(caller: TrailCaller, told: Circumstances): Subject | undefined {
  const { principalId, accessKeyId: key, arn, userName, kind } = caller;
  if (kind === 'root' && key === undefined) return personOf(arn, told);
  const bySession = subjectOfPrincipal(principalId, { accessKeyId: key, arn }, told);
  if (bySession?.by === 'person') return personOf(arn ?? userName, told) ?? bySession;
  return bySession ?? (arn === undefined ? undefined : subjectOfSessionArn(arn, told)) ?? personOf(userName, told);
}

function personOf(person: string | undefined, told: Circumstances): Subject | undefined {
  return person === undefined ? undefined : { by: 'person', person, told };
}

/** To whom a grant issued credentials: by its key, and the session where the grant states it. */
export function subjectOfGrant(grant: Grant, told: Circumstances): Subject | undefined {
  return subjectOfPrincipal(principalOfGrant(grant), { accessKeyId: grant.accessKeyId }, told);
}

/** `AROA…:<session name>`, or `<account>:<name>` of a federated user; undefined where the grant does not state it. */
export function principalOfGrant({ granted, roleId, accountId, sessionName }: Grant): string | undefined {
  const owner = granted === 'federated-user' ? accountId : roleId;
  return owner === undefined || sessionName === undefined ? undefined : `${owner}:${sessionName}`;
}
