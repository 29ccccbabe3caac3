import type { Actor } from '../attribution/actor.ts';
import type { Attribution } from '../attribution/attribution.ts';
import { isTiedToGrant } from '../attribution/proof.ts';
import type { AuditRecord, RecordedCaller } from '../attribution/record.ts';
import { present } from '../json.ts';
import { parseInstant } from '../time.ts';
import type { Account, OcsfActor, Session, User } from './event.ts';
import { userType } from './user-type.ts';

/** The name of the user of an unauthenticated request. The table of the command line has the same. */
const NOBODY = '(not authenticated)';

/**
 * Returns who acted. `user` is the attribution's actor, and `session` the actor's session as the cluster saw it.
 * Without an actor, `user` is the caller as the API server saw it. Callers may choose that name.
 */
export function ocsfActor({ attribution, caller, authorization }: AuditRecord): OcsfActor {
  const { actor } = attribution;
  const session = sessionOf(caller, attribution);
  const decision = authorization?.decision;
  const isService = actor?.kind === 'aws-service';
  return present<OcsfActor>({
    app_name: isService ? actor.name : undefined,
    app_uid: isService ? actor.workload : undefined,
    authorizations: decision === undefined ? undefined : [{ decision }],
    idp: actor?.provider === undefined ? undefined : { uid: actor.provider },
    session,
    user: actor === undefined ? callerAsUser(caller, session) : actorAsUser(actor, caller, attribution),
  });
}

/**
 * Returns the actor as a user. `uid` is the actor's ID, which is the same in every event. `uid_alt` is what AWS or the
 * proxy states.
 */
function actorAsUser(actor: Actor, caller: RecordedCaller, attribution: Attribution): User {
  const isCaller = attribution.method === 'direct' && sessionOf(caller, attribution) === undefined;
  return present<User>({
    ...userType(actor.kind),
    name: actor.knownAs ?? actor.name,
    uid: actor.id,
    uid_alt: actor.arn ?? actor.principalId ?? actor.uid,
    account: accountOf(actor.accountId),
    credential_uid: isCaller ? credentialOf(caller) : undefined,
    groups: attribution.method === 'direct' ? groupsOf(caller) : undefined,
  });
}

function callerAsUser(caller: RecordedCaller, session: Session | undefined): User {
  const { username, uid, arn } = caller;
  return present<User>({
    ...userType(caller.kind),
    name: username ?? (uid === undefined ? NOBODY : undefined),
    uid,
    uid_alt: arn,
    account: accountOf(caller.accountId),
    credential_uid: session === undefined ? credentialOf(caller) : undefined,
    groups: groupsOf(caller),
  });
}

/**
 * Returns the credential of a caller without a session: an access key, or Kubernetes' ID of a token or certificate.
 * Undefined if there is none.
 */
function credentialOf({ accessKeyId, credentialId }: RecordedCaller): string | undefined {
  return accessKeyId ?? credentialId;
}

export function accountOf(accountId: string | undefined): Account | undefined {
  return accountId === undefined ? undefined : { type: 'AWS Account', type_id: 10, uid: accountId };
}

function groupsOf({ groups }: RecordedCaller): User['groups'] {
  return groups === undefined || groups.length === 0 ? undefined : groups.map((name) => ({ name }));
}

/**
 * Returns the session as the cluster saw it. It has the times of its grant only if the access key or the session's
 * start ties both together. By a name, several grants can match, and nobody knows which one was used.
 */
function sessionOf(caller: RecordedCaller, { chain, method }: Attribution): Session | undefined {
  if (method === 'token') return tokenSession(caller, chain);
  const grant = chain?.findLast((link) => link.eventName !== 'TokenRequest');
  if (grant === undefined && caller.roleId === undefined && caller.kind !== 'federated-user') return undefined;
  const isTied = isTiedToGrant(method);
  return present<Session>({
    uid: sessionUid(caller),
    uid_alt: caller.arn,
    issuer: grant?.roleArn ?? caller.roleId,
    credential_uid: caller.accessKeyId,
    created_time: isTied ? wholeMillis(grant?.issuedAt) : undefined,
    expiration_time: isTied ? wholeMillis(grant?.expiresAt) : undefined,
  });
}

/** Returns the session of a service account token that a person requested. The token's ID ties it to that request. */
function tokenSession({ credentialId, username }: RecordedCaller, chain: Attribution['chain']): Session {
  return present<Session>({ uid: credentialId, issuer: username, created_time: wholeMillis(chain?.at(-1)?.issuedAt) });
}

/** Returns STS's `assumedRoleId` or `federatedUserId`. */
function sessionUid({ kind, roleId, accountId, sessionName }: RecordedCaller): string | undefined {
  const owner = kind === 'federated-user' ? accountId : roleId;
  return owner === undefined || sessionName === undefined ? undefined : `${owner}:${sessionName}`;
}

function wholeMillis(time: string | undefined): number | undefined {
  const at = time === undefined ? undefined : parseInstant(time);
  return at === undefined ? undefined : Math.floor(at);
}
