import type { SessionStatement, TrailCaller } from '../cloudtrail/caller.ts';
import { type Grant, ROLES_ANYWHERE } from '../cloudtrail/grant.ts';
import { directoryUserId } from '../cloudtrail/known-user.ts';
import { accountOfArn, assumedRoleRef, userName } from '../identity/arn.ts';
import { partsOf } from '../identity/identity-store.ts';
import { parseSessionPrincipal } from '../identity/session-name.ts';
import type { NamesAt } from './names-at.ts';
import type { PartialReason } from './reasons.ts';
import { isIssuedToRole } from './web-identity.ts';

export const ACTOR_KINDS = [
  'iam-user',
  'root',
  'identity-center-user',
  'saml-user',
  'web-identity-user',
  'aws-service',
  'aws-account-principal',
  'role-session',
  'federated-user',
  'proxied-user',
  'kubernetes-user',
  'kubernetes-service-account',
  'kubernetes-node',
  'kubernetes-system',
  'eks-service',
] as const;
export type ActorKind = (typeof ACTOR_KINDS)[number];

/**
 * The identity at the start of a role chain.
 *
 * Trust: AWS or an identity provider states `name`; it is never a name that the caller chose. The caller chooses
 * `sessionName` and `sourceIdentity`.
 */
export interface Actor {
  readonly kind: ActorKind;
  /** The name at the time of the event, as far as records tell. */
  readonly name?: string | undefined;
  /** The present name of the same ID, if it is another one. */
  readonly nameToday?: string | undefined;
  readonly accountId?: string | undefined;
  readonly principalId?: string | undefined;
  readonly arn?: string | undefined;
  readonly sessionName?: string | undefined;
  readonly sourceIdentity?: string | undefined;
  /** The uid of a proxied user, as the proxy stated it. */
  readonly uid?: string | undefined;
  /** The SAML or OIDC provider, or the proxy, that vouches for the name. */
  readonly provider?: string | undefined;
  /**
   * The name by which the actor is found and counted, if the name alone could be another person's. It is set for a person from
   * `onBehalfOf` whose directory is not configured as your own; that directory's administrators choose the name.
   */
  readonly knownAs?: string | undefined;
  /** The function, pod, instance or task for which a service acts. */
  readonly workload?: string | undefined;
  /** The account in which somebody acts with the actor's identity, by temporary delegation. */
  readonly delegate?: { readonly accountId: string } | undefined;
}

/** An actor, and the reason why it is not yet the person or workload behind the action. */
export interface FoundActor {
  readonly actor: Actor;
  readonly partial?: PartialReason | undefined;
}

/** The grants of a role chain, starting with the actor's. */
export type RoleChainGrants = readonly [Grant, ...Grant[]];

const POD_IDENTITY = 'pods.eks.amazonaws.com';

/** Returns who called the first grant of a chain, by the table in the CONTRACT's rule 5. */
export function actorOfChain(chain: RoleChainGrants, names: NamesAt): FoundActor {
  const [first, second] = chain;
  const { caller } = first;
  switch (caller.kind) {
    case 'iam-user':
      return { actor: iamUser(caller, names) };
    case 'root':
      return { actor: named(caller, 'root', 'root', undefined) };
    case 'saml-user':
      return { actor: samlUser(first) };
    case 'identity-center-user':
      return { actor: identityCenterUser(first) };
    case 'web-identity-user':
      return webIdentityUser(first);
    case 'federated-user':
      return issuerOfFederatedUser(caller);
    case 'aws-service':
      return { actor: service(first, second) };
    case 'assumed-role':
      return actorOfSession(caller, names) ?? unknownSession(caller);
    default:
      return accountPrincipal(caller, names);
  }
}

function named(caller: TrailCaller, kind: ActorKind, name: string | undefined, provider: string | undefined): Actor {
  const { accountId, principalId, arn } = caller;
  return { kind, name: name || undefined, accountId, principalId, arn, provider };
}

/** Returns an actor that is known only by its session. The caller chose the session's name, so it is not the actor's. */
function nameless(caller: TrailCaller, kind: ActorKind): Actor {
  const { accountId, principalId, arn } = caller;
  return { kind, accountId, principalId, arn, sessionName: parseSessionPrincipal(principalId)?.name || undefined };
}

function providerOf(grant: Grant): string | undefined {
  return grant.samlProvider ?? grant.caller.identityProvider;
}

/** Returns the IAM user who called. If the record has no name, sightings of the user's ID have one. */
function iamUser(caller: TrailCaller, names: NamesAt): Actor {
  const { userName, principalId } = caller;
  const name = userName ?? (principalId === undefined ? undefined : names.of(principalId));
  return named(caller, 'iam-user', name, undefined);
}

function samlUser(grant: Grant): Actor {
  const { caller } = grant;
  if (!grant.byIdentityCenter) return named(caller, 'saml-user', caller.userName, providerOf(grant));
  return identityCenterUser(grant);
}

/**
 * Returns the subject of a web identity token. For a token of AWS's own whose record is not known, it is the principal that
 * AWS states. A role, or a session of it, is not yet the person.
 */
export function webIdentityUser(grant: Grant): FoundActor {
  const { caller, sourcePrincipal } = grant;
  if (sourcePrincipal !== undefined) return ofSourcePrincipal(sourcePrincipal);
  const actor = named(caller, 'web-identity-user', caller.userName ?? caller.principalId, providerOf(grant));
  return isIssuedToRole(grant) ? { actor, partial: 'upstream-grant-not-found' } : { actor };
}

function ofSourcePrincipal(arn: string): FoundActor {
  const accountId = accountOfArn(arn);
  const name = userName(arn);
  if (name !== undefined) return { actor: { kind: 'iam-user', name, accountId, arn } };
  if (arn.endsWith(':root')) return { actor: { kind: 'root', name: 'root', accountId, principalId: accountId, arn } };
  const { sessionName } = assumedRoleRef(arn) ?? {};
  return { actor: { kind: 'role-session', accountId, arn, sessionName }, partial: 'upstream-grant-not-found' };
}

function identityCenterUser(grant: Grant): Actor {
  const { userName, onBehalfOf } = grant.caller;
  return named(grant.caller, 'identity-center-user', userName ?? onBehalfOf, providerOf(grant));
}

/**
 * Returns the caller of GetFederationToken. A federated user acts with that caller's permissions, and that caller chose
 * its name.
 */
function issuerOfFederatedUser(caller: TrailCaller): FoundActor {
  const { issuer } = caller;
  const kind = issuer?.type === 'IAMUser' ? 'iam-user' : issuer?.type === 'Root' ? 'root' : undefined;
  if (kind === undefined) {
    return { actor: nameless(caller, 'federated-user'), partial: 'grant-not-found' };
  }
  const { accountId, principalId, arn, userName } = issuer ?? {};
  const name = kind === 'root' ? 'root' : userName;
  return { actor: { kind, name, accountId, principalId, arn } };
}

/**
 * Returns the service that called. `inScopeOf` describes the session that signed a record, so the next hop's caller
 * often has it. Session tags name a pod only if Pod Identity set them. For Roles Anywhere, the certificate says who it
 * is, not the session name, which the certificate's holder may choose (FACTS).
 */
function service(grant: Grant, next: Grant | undefined): Actor {
  const { caller } = grant;
  const pod = caller.service === POD_IDENTITY ? grant.pod : undefined;
  const own = caller.service === ROLES_ANYWHERE ? grant.certificateName : grant.sessionName;
  const workload = caller.credentialsIssuedTo ?? next?.caller.credentialsIssuedTo ?? pod ?? own;
  return { ...named(caller, 'aws-service', caller.service, undefined), workload: workload || undefined };
}

const INSTANCE_ID = /^i-[0-9a-f]{8,17}$/;

/**
 * Returns the actor that a role session states of itself, if its grant is not known (CONTRACT, rule 5): a service's
 * workload, an instance, or the Identity Center user for whom it acts. Undefined if it states none of these.
 */
export function actorOfSession(
  session: SessionStatement & Pick<TrailCaller, 'principalId'>,
  names: NamesAt,
): FoundActor | undefined {
  const { credentialsIssuedTo, ec2RoleDelivery, onBehalfOf, identityStore, principalId } = session;
  const service = serviceOfArn(credentialsIssuedTo);
  if (service !== undefined) return { actor: { kind: 'aws-service', name: service, workload: credentialsIssuedTo } };
  const sessionName = parseSessionPrincipal(principalId)?.name ?? '';
  if (ec2RoleDelivery && INSTANCE_ID.test(sessionName)) {
    return { actor: { kind: 'aws-service', name: 'ec2.amazonaws.com', workload: sessionName } };
  }
  if (onBehalfOf === undefined || identityStore === undefined) return undefined;
  return { actor: actorOnBehalf(onBehalfOf, identityStore, names) };
}

/** Returns `lambda.amazonaws.com` for `arn:aws:lambda:…`. */
function serviceOfArn(arn: string | undefined): string | undefined {
  const service = arn === undefined ? undefined : /^arn:[^:]+:([a-z0-9-]+):/.exec(arn)?.[1];
  return service === undefined ? undefined : `${service}.amazonaws.com`;
}

/**
 * Returns the Identity Center user with this `userId`, named as in any record, with its directory. A member account may have a
 * directory of its own, whose administrators can give users any name (IAM Identity Center User Guide, "Account instances").
 */
export function actorOnBehalf(userId: string, identityStore: string | undefined, names: NamesAt): Actor {
  const name = nameInDirectory(userId, identityStore, names) ?? userId;
  const nameToday = nameTodayInDirectory(userId, identityStore, name, names);
  const today = nameToday === undefined ? {} : { nameToday };
  if (identityStore === undefined) return { kind: 'identity-center-user', name, ...today };
  return {
    kind: 'identity-center-user',
    name,
    ...today,
    provider: identityStore,
    knownAs: `${name} (${directoryName(identityStore)})`,
  };
}

/**
 * Returns the user's name at the moment, as its own directory states it. A name from a record without a directory counts only if
 * there is no other.
 */
export function nameInDirectory(userId: string, identityStore: string | undefined, names: NamesAt): string | undefined {
  return idsInDirectory(userId, identityStore).reduce<string | undefined>(
    (name, id) => name ?? names.of(id),
    undefined,
  );
}

/** Returns the user's present name, if it is another one than this. */
export function nameTodayInDirectory(
  userId: string,
  identityStore: string | undefined,
  name: string | undefined,
  names: NamesAt,
): string | undefined {
  const known = idsInDirectory(userId, identityStore).find((id) => names.of(id) !== undefined);
  return known === undefined ? undefined : names.today(known, name);
}

/** Returns the IDs under which the user's names are known: the one in its directory first. */
function idsInDirectory(userId: string, identityStore: string | undefined): readonly string[] {
  return identityStore === undefined ? [userId] : [directoryUserId(userId, identityStore), userId];
}

/** Returns `d-…` from the ARN of an identity store, with the account that owns it if the ARN has one. */
function directoryName(identityStore: string): string {
  const { id, accountId } = partsOf(identityStore);
  return accountId === undefined ? id : `${id} of ${accountId}`;
}

/** Returns the actor for a chain that is proven back to a role session for which no grant matches. */
export function unknownSession(caller: TrailCaller): FoundActor {
  return { actor: roleSession(caller), partial: 'upstream-grant-not-found' };
}

/** Returns the role session whose grant is not known. The session is proven, but has no person's name. */
export function roleSession(caller: TrailCaller): Actor {
  return nameless(caller, 'role-session');
}

/** Returns a principal of an account whose trail is not known here. If another record names its `AIDA…` ID, it has that name. */
function accountPrincipal(caller: TrailCaller, names: NamesAt): FoundActor {
  const { accountId, principalId } = caller;
  const name = principalId?.startsWith('AIDA') ? names.of(principalId) : undefined;
  if (name !== undefined) return { actor: { kind: 'iam-user', name, accountId, principalId } };
  return { actor: { kind: 'aws-account-principal', accountId, principalId }, partial: 'caller-account-not-logged' };
}

/**
 * Returns whether two actors are the same (CONTRACT, rule 4). They are compared by account and principal ID, so that a
 * user who was deleted and created again is another actor. If one side lacks these, the ARN decides, else kind,
 * account, provider and name. For services, the workload must agree too.
 */
export function sameActor(a: Actor, b: Actor): boolean {
  if ((a.kind === 'aws-service' || b.kind === 'aws-service') && a.workload !== b.workload) return false;
  if (hasPrincipal(a) && hasPrincipal(b)) return a.accountId === b.accountId && a.principalId === b.principalId;
  if (a.arn !== undefined && b.arn !== undefined) return a.arn === b.arn;
  if (a.kind !== b.kind || a.accountId !== b.accountId || a.provider !== b.provider || a.name !== b.name) return false;
  return a.name !== undefined || (a.principalId === b.principalId && a.sessionName === b.sessionName);
}

/** Returns whether the actor's account and principal ID are known. */
export function hasPrincipal(actor: Actor): boolean {
  return actor.accountId !== undefined && actor.principalId !== undefined;
}
