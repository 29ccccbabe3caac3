import type { SessionStatement, TrailCaller } from '../cloudtrail/caller.ts';
import { type Grant, ROLES_ANYWHERE } from '../cloudtrail/grant.ts';
import { directoryUserId } from '../cloudtrail/known-user.ts';
import { roleOf } from '../cloudtrail/use.ts';
import { accountOfArn, assumedRoleRef, pathlessRoleArn, type RoleRef, roleRef, userName } from '../identity/arn.ts';
import { type ClusterKey, clusterKeyOf } from '../identity/cluster.ts';
import { isOneOf, partsOf } from '../identity/identity-store.ts';
import { serviceAccountOf } from '../identity/service-account.ts';
import { isInstanceId, parseSessionPrincipal } from '../identity/session-name.ts';
import { type ActorId, actorId, type JoinedId, personOf } from './actor-id.ts';
import type { NamesAt } from './names-at.ts';
import type { PartialReason } from './reasons.ts';
import type { AttributionSettings } from './settings.ts';
import type { ActorKind, StatedActor } from './stated-actor.ts';
import { isIssuedToRole } from './web-identity.ts';

/** The identity at the start of a role chain, with its ID. */
export interface Actor extends StatedActor, ActorId, JoinedId {}

/** Returns the actor with its ID. The cluster is used only for actors whom nobody but the cluster knows. */
export function identified(stated: StatedActor, cluster: ClusterKey = clusterKeyOf({})): Actor {
  const { kind, ...others } = stated;
  return { kind, ...actorId(stated, cluster), ...others };
}

/** Returns the actor without its ID and the joined IDs, which do not come from records. */
export function statedOf({ id: _id, idBasis: _idBasis, samePerson: _joined, ...stated }: Actor): StatedActor {
  return stated;
}

/** An actor and, if it is not the person or workload behind the request, the reason (`partial`). */
export interface FoundActor {
  readonly actor: Actor;
  readonly partial?: PartialReason | undefined;
}

/** The organization's own Identity Center directories, from the settings. */
type Stores = AttributionSettings['identityStores'];

/** The grants of a role chain, starting with the actor's. */
export type RoleChainGrants = readonly [Grant, ...Grant[]];

const POD_IDENTITY = 'pods.eks.amazonaws.com';

/** Returns who called for the first grant of a chain, according to the table in rule 5 of the CONTRACT. */
export function actorOfChain(chain: RoleChainGrants, names: NamesAt, stores: Stores): FoundActor {
  const [first, second] = chain;
  const { caller } = first;
  switch (caller.kind) {
    case 'iam-user':
      return foundUser(iamUser(caller, names)) ?? accountPrincipal(caller, names);
    case 'root':
      return foundUser(named(caller, 'root', 'root')) ?? accountPrincipal(caller, names);
    case 'saml-user':
      return { actor: first.byIdentityCenter ? identityCenterUser(first, stores) : samlUser(first) };
    case 'identity-center-user':
      return { actor: identityCenterUser(first, stores) };
    case 'web-identity-user':
      return webIdentityUser(first, names);
    case 'federated-user':
      return issuerOfFederatedUser(caller, names);
    case 'aws-service':
      return { actor: service(first, second) };
    case 'assumed-role':
      return actorOfSession({ ...caller, role: roleOf(caller) }, names, stores) ?? unknownSession(caller);
    default:
      return accountPrincipal(caller, names);
  }
}

/** Returns an IAM user or root user as the actor. Undefined if the record does not state which user it is. */
function foundUser(user: Actor): FoundActor | undefined {
  return user.idBasis === 'session' ? undefined : { actor: user };
}

function named(caller: TrailCaller, kind: ActorKind, name: string | undefined, more: Partial<StatedActor> = {}): Actor {
  const { accountId, principalId, arn } = caller;
  return identified({ kind, name: name || undefined, accountId, principalId, arn, ...more });
}

/** Returns an actor of whom only the session is known. Its name is not the session name, because the caller chose that. */
function nameless(caller: TrailCaller, kind: ActorKind): Actor {
  const { accountId, principalId, arn } = caller;
  const sessionName = parseSessionPrincipal(principalId)?.name || undefined;
  return identified({ kind, accountId, principalId, arn, sessionName });
}

function providerOf(grant: Grant): string | undefined {
  return grant.samlProvider ?? grant.caller.identityProvider;
}

/** Returns the IAM user who called. If the record does not state the user's name, other records about the user's ID may. */
function iamUser(caller: TrailCaller, names: NamesAt): Actor {
  const { userName, principalId, arn = '', accountId = accountOfArn(arn) } = caller;
  if (principalId !== undefined) return named(caller, 'iam-user', userName ?? names.of(principalId, accountId));
  return named(caller, 'iam-user', userName, { principalId: names.idOf(userName, accountId) });
}

function samlUser(grant: Grant): Actor {
  const { caller, nameIdFormat, sessionName } = grant;
  const provider = providerOf(grant);
  const session = nameIdFormat === 'transient' ? { sessionName } : {};
  return named(caller, 'saml-user', caller.userName, { provider, nameIdFormat, ...session });
}

/**
 * Returns the subject of a web identity token. If AWS issued the token and that record is not known, the subject is the
 * principal that AWS states. If that is a role or a session of it, the person is not known yet.
 */
export function webIdentityUser(grant: Grant, names: NamesAt): FoundActor {
  const { caller, sourcePrincipal } = grant;
  if (sourcePrincipal !== undefined) return actorOfSourcePrincipal(sourcePrincipal, names);
  const name = caller.userName ?? caller.principalId;
  const actor = named(caller, 'web-identity-user', name, { provider: providerOf(grant) });
  return isIssuedToRole(grant) ? { actor, partial: 'upstream-grant-not-found' } : { actor };
}

function actorOfSourcePrincipal(arn: string, names: NamesAt): FoundActor {
  const accountId = accountOfArn(arn);
  const name = userName(arn);
  if (name !== undefined) {
    const principalId = names.idOf(name, accountId);
    return { actor: identified({ kind: 'iam-user', name, accountId, principalId, arn }) };
  }
  if (arn.endsWith(':root')) {
    return { actor: identified({ kind: 'root', name: 'root', accountId, principalId: accountId, arn }) };
  }
  const { sessionName } = assumedRoleRef(arn) ?? {};
  const actor = identified({ kind: 'role-session', accountId, arn, sessionName });
  return { actor, partial: 'upstream-grant-not-found' };
}

/**
 * Returns the Identity Center user who called. The user's directory is shown if it can be a stranger's. A sign-in
 * through Identity Center's SAML provider is always from the organization's own directory, because only this one has a
 * provider in the accounts. So the directory is not shown, unless the settings list other directories as your own.
 */
function identityCenterUser({ caller, ...grant }: Grant, stores: Stores): Actor {
  const { userName, onBehalfOf: userId, identityStore: store } = caller;
  const name = userName ?? userId;
  const isOwn = store === undefined || (stores.length === 0 ? grant.byIdentityCenter : isOneOf(stores, store));
  return named(caller, 'identity-center-user', name, {
    provider: providerOf({ caller, ...grant }),
    userId,
    directory: store === undefined ? undefined : partsOf(store).id,
    knownAs: isOwn || name === undefined ? undefined : nameWithDirectory(name, store),
  });
}

/**
 * Returns the caller of GetFederationToken. A federated user acts with the permissions of that caller, who also chose
 * its name. If the record does not say which user called, only the federated user is known.
 */
function issuerOfFederatedUser(caller: TrailCaller, names: NamesAt): FoundActor {
  const user = issuingUser(caller, names);
  const issuer = user && foundUser(user);
  return issuer ?? { actor: nameless(caller, 'federated-user'), partial: 'grant-not-found' };
}

function issuingUser({ issuer = {} }: TrailCaller, names: NamesAt): Actor | undefined {
  const { type, ...user } = issuer;
  if (type === 'Root') return named({ kind: 'root', ...user }, 'root', 'root');
  if (type !== 'IAMUser') return undefined;
  return iamUser({ kind: 'iam-user', ...user, userName: user.userName ?? userName(user.arn) }, names);
}

/** The pods whose role an actor has: a single pod, or all pods of a service account. */
export interface PodsOfActor {
  readonly namespace: string;
  /** The name of the pod. Only EKS Pod Identity states it. */
  readonly pod?: string | undefined;
  /** The name of the service account. Present for a service account's own token, which does not state the pod. */
  readonly serviceAccount?: string | undefined;
}

/** Returns the pods whose role the actor has. Undefined if the actor is neither a pod nor a service account. */
export function podsOfActor({ kind, name, workload = '' }: Actor): PodsOfActor | undefined {
  if (kind === 'web-identity-user') {
    const account = serviceAccountOf(name);
    return account && { namespace: account.namespace, serviceAccount: account.name };
  }
  const [namespace = '', pod] = kind === 'aws-service' && name === POD_IDENTITY ? workload.split('/') : [];
  return pod === undefined ? undefined : { namespace, pod };
}

/**
 * Returns the service that called. `inScopeOf` describes the session that signed a record, so it is often in the record
 * of the next hop. Session tags name a pod only if Pod Identity set them. For Roles Anywhere, the certificate names the
 * actor. The session name does not, because the holder of the certificate can choose it (FACTS).
 */
function service(grant: Grant, next: Grant | undefined): Actor {
  const { caller } = grant;
  const pod = caller.service === POD_IDENTITY ? grant.pod : undefined;
  const own = caller.service === ROLES_ANYWHERE ? grant.certificateName : grant.sessionName;
  const workload = caller.credentialsIssuedTo ?? next?.caller.credentialsIssuedTo ?? pod ?? own;
  const role = roleRef(grant.roleArn);
  const roleArn = role && pathlessRoleArn(role);
  return named(caller, 'aws-service', caller.service, { roleArn, workload: workload || undefined });
}

/** Whose session signed a record: the principal, and the principal's role. */
interface SignedSession {
  readonly principalId?: string | undefined;
  readonly role?: RoleRef | undefined;
}

/**
 * Returns the actor that a role session states about itself, if its grant is not known (CONTRACT, rule 5). This is a
 * service's workload, an instance, or the Identity Center user for whom the session acts. Undefined if it states none
 * of these.
 */
export function actorOfSession(
  session: SessionStatement & SignedSession,
  names: NamesAt,
  stores: Stores,
): FoundActor | undefined {
  const { credentialsIssuedTo, ec2RoleDelivery, onBehalfOf, identityStore, principalId, role } = session;
  const service = serviceOfArn(credentialsIssuedTo);
  if (service !== undefined) return { actor: serviceInSession(service, credentialsIssuedTo, role) };
  const sessionName = parseSessionPrincipal(principalId)?.name ?? '';
  if (ec2RoleDelivery && isInstanceId(sessionName)) {
    return { actor: serviceInSession('ec2.amazonaws.com', sessionName, role) };
  }
  if (onBehalfOf === undefined || identityStore === undefined) return undefined;
  return { actor: actorOnBehalf({ userId: onBehalfOf, identityStore }, names, stores) };
}

function serviceInSession(name: string, workload: string | undefined, role: RoleRef | undefined): Actor {
  return identified({ kind: 'aws-service', name, roleArn: role && pathlessRoleArn(role), workload });
}

/** Returns the service in an ARN: `lambda.amazonaws.com` for `arn:aws:lambda:…`. */
function serviceOfArn(arn: string | undefined): string | undefined {
  const service = arn === undefined ? undefined : /^arn:[^:]+:([a-z0-9-]+):/.exec(arn)?.[1];
  return service === undefined ? undefined : `${service}.amazonaws.com`;
}

/** A user of Identity Center. `identityStore` is the ARN of the directory, if a record states it. */
export interface DirectoryUser {
  readonly userId: string;
  readonly identityStore: string | undefined;
}

/**
 * Returns the Identity Center user with this ID, with the name from any record, and with the directory. Member accounts
 * can have directories of their own, whose administrators can give users any name (IAM Identity Center User Guide,
 * "Account instances").
 */
export function actorOnBehalf({ userId, identityStore }: DirectoryUser, names: NamesAt, stores: Stores): Actor {
  const name = nameInDirectory(userId, identityStore, names) ?? userId;
  const nameToday = nameTodayInDirectory(userId, identityStore, name, names);
  const user = { kind: 'identity-center-user', name, ...(nameToday !== undefined && { nameToday }), userId } as const;
  if (identityStore === undefined) return identified(user);
  return identified({
    ...user,
    provider: identityStore,
    directory: partsOf(identityStore).id,
    knownAs: isOneOf(stores, identityStore) ? undefined : nameWithDirectory(name, identityStore),
  });
}

/**
 * Returns the name that the user had at the moment, from records about the user's own directory. A name from a record
 * without a directory is used only if there is no other.
 */
export function nameInDirectory(userId: string, identityStore: string | undefined, names: NamesAt): string | undefined {
  return idsInDirectory(userId, identityStore).reduce<string | undefined>(
    (name, id) => name ?? names.of(id),
    undefined,
  );
}

/** Returns the present name of the user, if it is not `name`. */
export function nameTodayInDirectory(
  userId: string,
  identityStore: string | undefined,
  name: string | undefined,
  names: NamesAt,
): string | undefined {
  const known = idsInDirectory(userId, identityStore).find((id) => names.isKnown(id));
  return known === undefined ? undefined : names.today(known, name);
}

/** Returns the IDs under which the names of the user are stored. The ID within the directory comes first. */
function idsInDirectory(userId: string, identityStore: string | undefined): readonly string[] {
  return identityStore === undefined ? [userId] : [directoryUserId(userId, identityStore), userId];
}

/** Returns the name followed by the directory, `bob (d-…)`. If the ARN of the identity store has an account, that follows too. */
function nameWithDirectory(name: string, identityStore: string): string {
  const { id, accountId } = partsOf(identityStore);
  return `${name} (${accountId === undefined ? id : `${id} of ${accountId}`})`;
}

/** Returns the actor if the chain is proven up to a role session, but no grant matches that session. */
export function unknownSession(caller: TrailCaller): FoundActor {
  return { actor: roleSession(caller), partial: 'upstream-grant-not-found' };
}

/** Returns a role session as the actor. Its grant is not known, so no person is either. */
export function roleSession(caller: TrailCaller): Actor {
  return nameless(caller, 'role-session');
}

/** Returns a principal of an account whose trail is not known. If another record names the principal's `AIDA…` ID, that name is used. */
function accountPrincipal(caller: TrailCaller, names: NamesAt): FoundActor {
  const { accountId, principalId } = caller;
  if (principalId?.startsWith('AIDA') && names.isKnown(principalId)) {
    const name = names.of(principalId, accountId);
    return { actor: identified({ kind: 'iam-user', name, accountId, principalId }) };
  }
  const actor = identified({ kind: 'aws-account-principal', accountId, principalId });
  return { actor, partial: 'caller-account-not-logged' };
}

/** Returns whether two actors are the same (CONTRACT, rule 4): they have the same ID or joined IDs and, for services, the same workload. */
export function sameActor(a: Actor, b: Actor): boolean {
  return personOf(a) === personOf(b) && a.workload === b.workload;
}
