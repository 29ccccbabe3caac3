import { nameOfUserArn, serviceOfArn, sessionOfStsArn } from './arns.ts';
import type { Caller } from './caller.ts';
import { canonicalRoleArn, isUnnamed } from './ids.ts';
import { present, text } from './json.ts';
import { type Grant, halves, type Identity, isIdentityCenterGrant, isService, type KnownWorld } from './records.ts';
import { directoryId } from './stated-names.ts';
import type { Actor } from './types.ts';
import { idOfName, nameNow, nameThen, sameLetters } from './users.ts';

const POD_IDENTITY = 'pods.eks.amazonaws.com';
const ROLES_ANYWHERE = 'rolesanywhere.amazonaws.com';

/** Returns the actor at the start of a chain, from the caller of its first grant: the table of rule 5. */
export function actorOf(grants: readonly Grant[], known: KnownWorld): Actor {
  const [first] = grants;
  if (!first) throw new Error('a chain without grants');
  const { caller } = first;
  if (isService(caller)) return serviceActor(grants, first);
  switch (caller.type) {
    case 'IAMUser':
    case 'Root':
      return knownUser(caller, known) ?? otherAccountActor(caller, known);
    case 'SAMLUser':
    case 'IdentityCenterUser':
    case 'WebIdentityUser':
      return federatedActor(first);
    case 'FederatedUser':
      return (caller.issuer && knownUser(caller.issuer, known)) ?? federatedUser(caller, known);
    default:
      return otherAccountActor(caller, known);
  }
}

/**
 * Returns the actor of a role session without a known grant, if the session itself says what it is: a workload, an
 * instance, a person.
 */
export function selfStatedActor(caller: Identity, known: KnownWorld): Actor | undefined {
  const { credentialsIssuedTo: issuedTo, ec2RoleDelivery, onBehalfOf, identityStoreArn } = caller;
  const service = serviceOfArn(issuedTo);
  const roleArn = roleOfSession(caller);
  if (service !== undefined) {
    return present<Actor>({ kind: 'aws-service', name: `${service}.amazonaws.com`, roleArn, workload: issuedTo });
  }
  const instance = /:(i-(?:[0-9a-f]{8}|[0-9a-f]{17}))$/.exec(caller.principalId ?? '')?.[1];
  if (ec2RoleDelivery !== undefined && instance !== undefined) {
    return present<Actor>({ kind: 'aws-service', name: 'ec2.amazonaws.com', roleArn, workload: instance });
  }
  return onBehalfOf !== undefined && identityStoreArn !== undefined
    ? personOf(onBehalfOf, identityStoreArn, known)
    : undefined;
}

/** Returns the person with this Identity Center userId, and the directory that vouches for the name. */
export function personOf(userId: string, provider: string | undefined, known: KnownWorld): Actor {
  const name = nameOfPerson(userId, provider, known) ?? userId;
  const nameToday = otherNameToday(name, idsOfPerson(userId, provider), known);
  const knownAs = qualified(name, provider);
  const directory = directoryOf(provider);
  const store = provider;
  return present<Actor>({ kind: 'identity-center-user', name, nameToday, userId, directory, provider, knownAs, store });
}

function directoryOf(store: string | undefined): string | undefined {
  return store?.split('/').at(-1);
}

/** Returns the role that a session's own record states, without its path. */
function roleOfSession({ arn, issuer }: Identity): string | undefined {
  const session = sessionOfStsArn(arn);
  if (session === undefined) return canonicalRoleArn(issuer?.arn);
  return `arn:${arn?.split(':')[1]}:iam::${session.accountId}:role/${session.roleName}`;
}

/** Returns the current name of the id if it is another one. */
export function otherNameToday(name: string, ids: readonly string[], known: KnownWorld): string | undefined {
  const id = ids.find((one) => nameNow(one, known) !== undefined);
  const today = id === undefined ? undefined : nameNow(id, known);
  if (today !== undefined && today !== name) known.notice('another name today');
  return today === name ? undefined : today;
}

function qualified(name: string, store: string | undefined): string | undefined {
  if (store === undefined) return undefined;
  const [account, id] = /^arn:[^:]+:identitystore::(\d*):identitystore\/(.+)$/.exec(store)?.slice(1) ?? [];
  const directory = id === undefined ? store : id + (account ? ` of ${account}` : '');
  return `${name} (${directory})`;
}

/** Returns the name of a userId in its directory, or of records that name no directory if there is none. */
export function nameOfPerson(
  userId: string,
  store: string | undefined,
  known: KnownWorld,
  time = known.time,
): string | undefined {
  const names = idsOfPerson(userId, store).map((id) => nameThen(id, known, time));
  return names.find((name) => name !== undefined);
}

export function idsOfPerson(userId: string, store: string | undefined): string[] {
  return [...new Set([directoryId(userId, store), directoryId(userId, undefined)])];
}

export function roleSessionActor(caller: Identity): Actor {
  const sessionName = halves(caller.principalId).sessionName ?? sessionOfStsArn(caller.arn)?.sessionName;
  return present<Actor>({ kind: 'role-session', sessionName, ...principalOf(caller) });
}

/** Returns why the actor at the end of a whole chain is only partly known (rule 6). Empty if they are fully known. */
export function isProven(actor: Actor): { partial?: string } {
  if (actor.kind === 'federated-user') return { partial: 'grant-not-found' };
  return actor.kind === 'aws-account-principal' ? { partial: 'caller-account-not-logged' } : {};
}

/** Returns the actor of a caller without a session. */
export function directActor(caller: Caller, known: KnownWorld): Actor {
  const { accountId, principalId, arn } = caller;
  if (caller.kind === 'root') return present<Actor>({ kind: 'root', name: 'root', accountId, principalId, arn });
  if (caller.kind === 'kubernetes-user') return present<Actor>({ kind: 'kubernetes-user', name: caller.username });
  const name = nameOfUserArn(arn);
  const userArn = name === undefined ? undefined : arn;
  return present<Actor>({
    kind: 'iam-user',
    name: name ?? nameOfUser(caller, known),
    accountId,
    principalId,
    arn: userArn,
  });
}

/** Returns the actor that a use of a key names by its principal alone. */
export function ownerActor(kind: Actor['kind'], { principalId, accountId }: Identity, known: KnownWorld): Actor {
  const { ownerId, sessionName } = halves(principalId);
  if (kind === 'federated-user') return present<Actor>({ kind, accountId: ownerId, sessionName });
  if (kind === 'role-session') return present<Actor>({ kind, accountId, principalId, sessionName });
  if (kind === 'root') return present<Actor>({ kind, name: 'root', accountId: principalId, principalId });
  return present<Actor>({ kind, name: nameOfUser({ principalId, accountId }, known), accountId, principalId });
}

/** Returns a caller of the cluster itself that acts for an impersonated user. */
export function clusterActor(caller: Caller): Actor {
  const account = /^system:serviceaccount:(.*)$/s.exec(caller.username ?? '')?.[1];
  const name = caller.kind === 'kubernetes-service-account' ? account : caller.username;
  const uid = caller.kind === 'kubernetes-service-account' ? caller.uid : undefined;
  return present<Actor>({ kind: caller.kind, name, uid });
}

/** Returns whether the actor has this name. Case does not matter, and `@` equals `-`. */
export function bearsNameOf(actor: Actor, name: string): boolean {
  return actor.name !== undefined && sameLetters(actor.name, name);
}

type Principal = Pick<Actor, 'accountId' | 'principalId' | 'arn'>;

function principalOf({ accountId, principalId, arn }: Identity): Principal {
  return present<Principal>({ accountId, principalId, arn });
}

function userActor(user: Identity, known: KnownWorld): Actor {
  if (user.type === 'Root') return present<Actor>({ kind: 'root', name: 'root', ...principalOf(user) });
  const { userName: name, accountId, arn } = user;
  const found = user.principalId === undefined ? idOfName(name, accountId ?? arn?.split(':')[4], known) : undefined;
  return present<Actor>({ kind: 'iam-user', name, ...principalOf(user), ...(found && { principalId: found }) });
}

/** Returns the IAM user or root user, if the record says which one it is. */
function knownUser(user: Identity, known: KnownWorld): Actor | undefined {
  if (user.type !== 'IAMUser' && user.type !== 'Root') return undefined;
  const actor = userActor(user, known);
  return isUnnamed(actor) ? undefined : actor;
}

/** Returns the federated user whose record does not say who called GetFederationToken. */
function federatedUser(caller: Identity, known: KnownWorld): Actor {
  known.notice('a federated user without an issuer');
  const { sessionName } = halves(caller.principalId);
  return present<Actor>({ kind: 'federated-user', sessionName, ...principalOf(caller) });
}

function federatedActor(grant: Grant): Actor {
  const { caller } = grant;
  const identityCenter = caller.type === 'IdentityCenterUser' || isIdentityCenterGrant(grant);
  const fallback = identityCenter
    ? caller.onBehalfOf
    : caller.type === 'WebIdentityUser'
      ? caller.principalId
      : undefined;
  const name = caller.userName ?? fallback;
  return present<Actor>({
    kind: identityCenter ? 'identity-center-user' : caller.type === 'SAMLUser' ? 'saml-user' : 'web-identity-user',
    name,
    ...principalOf(caller),
    provider: grant.providerArn ?? caller.identityProvider,
    ...(identityCenter && inDirectory(caller, name)),
    ...(!identityCenter && caller.type === 'SAMLUser' && nameIdOf(grant)),
  });
}

function inDirectory(caller: Identity, name: string | undefined): Partial<Actor> {
  const { onBehalfOf: userId, identityStoreArn: store, type } = caller;
  const knownAs = name === undefined ? undefined : qualified(name, store);
  const bySignIn = type === 'SAMLUser';
  return present<Partial<Actor>>({ userId, directory: directoryOf(store), knownAs, store, bySignIn });
}

/** Returns the format of the SAML name. If it is transient, the name differs in each session, so the session name is added. */
function nameIdOf({ nameIdFormat, sessionName }: Grant): Pick<Actor, 'nameIdFormat' | 'sessionName'> {
  const isTransient = nameIdFormat === 'transient';
  return { ...(nameIdFormat && { nameIdFormat }), ...(isTransient && sessionName && { sessionName }) };
}

// A record's inScopeOf describes the session that signed it, so the workload may be in the record after its grant.
function serviceActor(grants: readonly Grant[], first: Grant): Actor {
  const name = first.caller.invokedBy;
  const issuedTo = first.caller.credentialsIssuedTo ?? grants[1]?.caller.credentialsIssuedTo;
  const workload = issuedTo ?? ownWorkload(first, name);
  const roleArn = canonicalRoleArn(first.roleArn);
  return present<Actor>({ kind: 'aws-service', name, ...principalOf(first.caller), roleArn, workload });
}

/**
 * Returns the workload of a grant. For Roles Anywhere, only what the certificate says counts, because its holders may
 * choose the session name.
 */
function ownWorkload(first: Grant, service: string | undefined): string | undefined {
  if (service === ROLES_ANYWHERE) {
    const subject = first.sourceIdentity ?? first.commonName;
    return text(subject?.replace(/^CN=/, ''));
  }
  return (service === POD_IDENTITY ? first.pod : undefined) ?? first.sessionName;
}

function otherAccountActor(caller: Identity, known: KnownWorld): Actor {
  const name = nameOfUser(caller, known);
  const { accountId, principalId } = caller;
  const isUser = principalId?.startsWith('AIDA') && nameNow(principalId, known) !== undefined;
  if (isUser) return present<Actor>({ kind: 'iam-user', name, accountId, principalId });
  return present<Actor>({ kind: 'aws-account-principal', accountId, principalId });
}

function nameOfUser(
  { principalId, accountId }: { readonly principalId?: string | undefined; readonly accountId?: string | undefined },
  known: KnownWorld,
): string | undefined {
  return principalId?.startsWith('AIDA') ? nameThen(principalId, known, known.time, accountId) : undefined;
}
