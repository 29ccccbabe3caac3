import type { SessionStatement, TrailCaller } from '../cloudtrail/caller.ts';
import { type Grant, ROLES_ANYWHERE } from '../cloudtrail/grant.ts';
import { directoryUserId } from '../cloudtrail/known-user.ts';
import { partsOf } from '../identity/identity-store.ts';
import { parseSessionPrincipal } from '../identity/session-name.ts';
import type { GrantIndex } from './grant-index.ts';
import type { PartialReason } from './reasons.ts';

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
 * Trust: `name` is AWS's or an identity provider's word, never a name that the caller chose; `sessionName` and
 * `sourceIdentity` are chosen by the caller.
 */
export interface Actor {
  readonly kind: ActorKind;
  readonly name?: string | undefined;
  readonly accountId?: string | undefined;
  readonly principalId?: string | undefined;
  readonly arn?: string | undefined;
  readonly sessionName?: string | undefined;
  readonly sourceIdentity?: string | undefined;
  /** Of a proxied user, as the proxy gave it. */
  readonly uid?: string | undefined;
  /** The SAML or OIDC provider, or the proxy, that vouches for the name. */
  readonly provider?: string | undefined;
  /**
   * Under what the actor is asked for and counted, where the name alone could be another person's: of somebody by `onBehalfOf` in a
   * directory that is not configured as one's own. Its administrators choose the name.
   */
  readonly knownAs?: string | undefined;
  /** For services: the function, pod, instance or task that the service acts for. */
  readonly workload?: string | undefined;
  /** Somebody of this account acts with the actor's identity, by temporary delegation. */
  readonly delegate?: { readonly accountId: string } | undefined;
}

/** An actor, and why it is not yet the person or workload behind the action. */
export interface FoundActor {
  readonly actor: Actor;
  readonly partial?: PartialReason | undefined;
}

/** The grants of a role chain, from the actor on. */
export type RoleChainGrants = readonly [Grant, ...Grant[]];

const POD_IDENTITY = 'pods.eks.amazonaws.com';

/** Who called the first grant of a chain, by the table of the CONTRACT's rule 5. */
export function actorOfChain(chain: RoleChainGrants, index: GrantIndex): FoundActor {
  const [first, second] = chain;
  const { caller } = first;
  switch (caller.kind) {
    case 'iam-user':
      return { actor: iamUser(caller, index) };
    case 'root':
      return { actor: named(caller, 'root', 'root', undefined) };
    case 'saml-user':
      return { actor: samlUser(first) };
    case 'identity-center-user':
      return { actor: identityCenterUser(first) };
    case 'web-identity-user':
      return { actor: named(caller, 'web-identity-user', caller.userName ?? caller.principalId, providerOf(first)) };
    case 'federated-user':
      return issuerOfFederatedUser(caller);
    case 'aws-service':
      return { actor: service(first, second) };
    case 'assumed-role':
      return actorOfSession(caller, index) ?? unknownSession(caller);
    default:
      return accountPrincipal(caller, index);
  }
}

function named(caller: TrailCaller, kind: ActorKind, name: string | undefined, provider: string | undefined): Actor {
  const { accountId, principalId, arn } = caller;
  return { kind, name: name || undefined, accountId, principalId, arn, provider };
}

/** Somebody known by the session only, whose name the caller chose. */
function nameless(caller: TrailCaller, kind: ActorKind): Actor {
  const { accountId, principalId, arn } = caller;
  return { kind, accountId, principalId, arn, sessionName: parseSessionPrincipal(principalId)?.name || undefined };
}

function providerOf(grant: Grant): string | undefined {
  return grant.samlProvider ?? grant.caller.identityProvider;
}

/** The IAM user who called, by the name that any record gives its id. */
function iamUser(caller: TrailCaller, index: GrantIndex): Actor {
  const name = caller.userName ?? (caller.principalId && index.userOf(caller.principalId)?.name);
  return named(caller, 'iam-user', name, undefined);
}

function samlUser(grant: Grant): Actor {
  const { caller } = grant;
  if (!grant.byIdentityCenter) return named(caller, 'saml-user', caller.userName, providerOf(grant));
  return identityCenterUser(grant);
}

function identityCenterUser(grant: Grant): Actor {
  const { userName, onBehalfOf } = grant.caller;
  return named(grant.caller, 'identity-center-user', userName ?? onBehalfOf, providerOf(grant));
}

/** A federated user acts with the rights of whoever called GetFederationToken; its own name was chosen by that caller. */
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
 * `inScopeOf` speaks of the session that signed a record, so it is often the next hop's caller that has it. Session
 * tags name a pod only where Pod Identity set them. Of Roles Anywhere the certificate says who it is, never the session
 * name, which its holder may choose (FACTS).
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
 * Who a role session is that says so itself, where its grant is not known (CONTRACT, rule 5): a service's workload, an
 * instance, or the Identity Center user for whom it acts. Undefined where it says neither.
 */
export function actorOfSession(
  session: SessionStatement & Pick<TrailCaller, 'principalId'>,
  index: GrantIndex,
): FoundActor | undefined {
  const { credentialsIssuedTo, ec2RoleDelivery, onBehalfOf, identityStore, principalId } = session;
  const service = serviceOfArn(credentialsIssuedTo);
  if (service !== undefined) return { actor: { kind: 'aws-service', name: service, workload: credentialsIssuedTo } };
  const sessionName = parseSessionPrincipal(principalId)?.name ?? '';
  if (ec2RoleDelivery && INSTANCE_ID.test(sessionName)) {
    return { actor: { kind: 'aws-service', name: 'ec2.amazonaws.com', workload: sessionName } };
  }
  if (onBehalfOf === undefined || identityStore === undefined) return undefined;
  return { actor: actorOnBehalf(onBehalfOf, identityStore, index) };
}

/** `lambda.amazonaws.com` of `arn:aws:lambda:…`. */
function serviceOfArn(arn: string | undefined): string | undefined {
  const service = arn === undefined ? undefined : /^arn:[^:]+:([a-z0-9-]+):/.exec(arn)?.[1];
  return service === undefined ? undefined : `${service}.amazonaws.com`;
}

/**
 * The Identity Center user of this `userId`, by the name that any record gives it, and of which directory: a member account
 * may have one of its own, in which its administrators give users any name (IAM Identity Center User Guide, "Account instances").
 */
export function actorOnBehalf(userId: string, identityStore: string | undefined, index: GrantIndex): Actor {
  const name = nameInDirectory(userId, identityStore, index) ?? userId;
  if (identityStore === undefined) return { kind: 'identity-center-user', name };
  return {
    kind: 'identity-center-user',
    name,
    provider: identityStore,
    knownAs: `${name} (${directoryName(identityStore)})`,
  };
}

/** As its own directory calls the user; one that a record names without a directory counts where no other is known. */
export function nameInDirectory(
  userId: string,
  identityStore: string | undefined,
  index: GrantIndex,
): string | undefined {
  const own = index.userOf(directoryUserId(userId, identityStore))?.name;
  return own ?? (identityStore === undefined ? undefined : index.userOf(userId)?.name);
}

/** `d-…` of the ARN of an identity store, with the account that owns it where the ARN says one. */
function directoryName(identityStore: string): string {
  const { id, accountId } = partsOf(identityStore);
  return accountId === undefined ? id : `${id} of ${accountId}`;
}

/** A chain that is proven up to a role session, of which no grant can be meant. */
export function unknownSession(caller: TrailCaller): FoundActor {
  return { actor: roleSession(caller), partial: 'upstream-grant-not-found' };
}

/** The role session whose grant is not known: proven, but nobody's name. */
export function roleSession(caller: TrailCaller): Actor {
  return nameless(caller, 'role-session');
}

/** Somebody of an account whose own trail is not known here, unless its `AIDA…` id is known from another record. */
function accountPrincipal(caller: TrailCaller, index: GrantIndex): FoundActor {
  const { accountId, principalId } = caller;
  const user = principalId?.startsWith('AIDA') ? index.userOf(principalId) : undefined;
  if (user !== undefined) return { actor: { kind: 'iam-user', name: user.name, accountId, principalId } };
  return { actor: { kind: 'aws-account-principal', accountId, principalId }, partial: 'caller-account-not-logged' };
}

/**
 * Whether two actors are the same (CONTRACT, rule 4): by account and principal id, so that a user deleted and made
 * again is another; where one side lacks them by ARN, else by kind, account, provider and name. Services also by workload.
 */
export function sameActor(a: Actor, b: Actor): boolean {
  if ((a.kind === 'aws-service' || b.kind === 'aws-service') && a.workload !== b.workload) return false;
  if (hasPrincipal(a) && hasPrincipal(b)) return a.accountId === b.accountId && a.principalId === b.principalId;
  if (a.arn !== undefined && b.arn !== undefined) return a.arn === b.arn;
  if (a.kind !== b.kind || a.accountId !== b.accountId || a.provider !== b.provider || a.name !== b.name) return false;
  return a.name !== undefined || (a.principalId === b.principalId && a.sessionName === b.sessionName);
}

/** Whether its principal and the account of that are known. */
export function hasPrincipal(actor: Actor): boolean {
  return actor.accountId !== undefined && actor.principalId !== undefined;
}
