import { nameOfUserArn, sessionOfStsArn } from './arns.ts';
import type { Caller } from './caller.ts';
import { present } from './json.ts';
import { compare, type Grant, halves, type Identity, isIdentityCenterGrant, isService, type Known } from './records.ts';
import type { Actor } from './types.ts';

const POD_IDENTITY = 'pods.eks.amazonaws.com';

/** Rule 5's table: the actor at the start of a chain, from the caller of its first grant. */
export function actorOf(grants: readonly Grant[], known: Known): Actor {
  const [first] = grants;
  if (!first) throw new Error('a chain without grants');
  const { caller } = first;
  if (isService(caller)) return serviceActor(grants, first);
  switch (caller.type) {
    case 'IAMUser':
    case 'Root':
      return userActor(caller);
    case 'SAMLUser':
    case 'IdentityCenterUser':
    case 'WebIdentityUser':
      return federatedActor(first);
    case 'FederatedUser':
      return userActor(caller.issuer ?? {});
    default:
      return otherAccountActor(caller, known);
  }
}

export function roleSessionActor(caller: Identity): Actor {
  const sessionName = halves(caller.principalId).sessionName ?? sessionOfStsArn(caller.arn)?.sessionName;
  return present<Actor>({ kind: 'role-session', sessionName, ...principalOf(caller) });
}

/** Rule 6: what keeps an actor at the end of a whole chain from being known. */
export function isProven(actor: Actor): { partial?: string } {
  return actor.kind === 'aws-account-principal' ? { partial: 'caller-account-not-logged' } : {};
}

/** Callers in whom no session has a part. */
export function directActor(caller: Caller, known: Known): Actor {
  const { accountId, principalId, arn } = caller;
  if (caller.kind === 'root') return present<Actor>({ kind: 'root', name: 'root', accountId, principalId, arn });
  if (caller.kind === 'kubernetes-user') return present<Actor>({ kind: 'kubernetes-user', name: caller.username });
  const name = nameOfUserArn(arn);
  const userArn = name === undefined ? undefined : arn;
  return present<Actor>({
    kind: 'iam-user',
    name: name ?? nameOfUser(principalId, known),
    accountId,
    principalId,
    arn: userArn,
  });
}

/** The caller of a cluster's own, who acts for an impersonated user. */
export function clusterActor(caller: Caller): Actor {
  const account = /^system:serviceaccount:(.*)$/s.exec(caller.username ?? '')?.[1];
  const name = caller.kind === 'kubernetes-service-account' ? account : caller.username;
  return present<Actor>({ kind: caller.kind, name });
}

/** Whether two actors are one: by principal, else by ARN, else by what names them. */
export function isSameActor(a: Actor, b: Actor): boolean {
  if (a.workload !== b.workload) return false;
  if (hasPrincipal(a) && hasPrincipal(b)) return a.accountId === b.accountId && a.principalId === b.principalId;
  if (a.arn !== undefined && b.arn !== undefined) return a.arn === b.arn;
  return a.kind === b.kind && a.accountId === b.accountId && a.provider === b.provider && a.name === b.name;
}

/** The names of IAM and Identity Center users that the records tell of. */
export function knownUserNames(known: Known): Set<string> {
  const fromCallers = known.callers
    .map(({ identity }) => identity)
    .filter(({ type }) => type === 'IAMUser' || type === 'IdentityCenterUser')
    .map(({ userName }) => userName);
  const fromGrants = known.grants.filter(isIdentityCenterGrant).map(({ caller }) => caller.userName);
  return new Set([...fromCallers, ...fromGrants].filter((name) => name !== undefined));
}

function hasPrincipal(actor: Actor): boolean {
  return actor.accountId !== undefined && actor.principalId !== undefined;
}

type Principal = Pick<Actor, 'accountId' | 'principalId' | 'arn'>;

function principalOf({ accountId, principalId, arn }: Identity): Principal {
  return present<Principal>({ accountId, principalId, arn });
}

function userActor(user: Identity): Actor {
  const isRoot = user.type === 'Root';
  const name = isRoot ? 'root' : user.userName;
  return present<Actor>({ kind: isRoot ? 'root' : 'iam-user', name, ...principalOf(user) });
}

function federatedActor(grant: Grant): Actor {
  const { caller } = grant;
  const identityCenter = caller.type === 'IdentityCenterUser' || isIdentityCenterGrant(grant);
  const fallback = identityCenter
    ? caller.onBehalfOf
    : caller.type === 'WebIdentityUser'
      ? caller.principalId
      : undefined;
  return present<Actor>({
    kind: identityCenter ? 'identity-center-user' : caller.type === 'SAMLUser' ? 'saml-user' : 'web-identity-user',
    name: caller.userName ?? fallback,
    ...principalOf(caller),
    provider: grant.providerArn ?? caller.identityProvider,
  });
}

// A record's inScopeOf speaks of the session that signed it, so the workload's may stand in the record after its grant.
function serviceActor(grants: readonly Grant[], first: Grant): Actor {
  const service = first.caller.invokedBy;
  const issuedTo = first.caller.credentialsIssuedTo ?? grants[1]?.caller.credentialsIssuedTo;
  const pod = service === POD_IDENTITY ? first.pod : undefined;
  const workload = issuedTo ?? pod ?? first.sessionName;
  return present<Actor>({ kind: 'aws-service', name: service, ...principalOf(first.caller), workload });
}

function otherAccountActor(caller: Identity, known: Known): Actor {
  const name = nameOfUser(caller.principalId, known);
  const { accountId, principalId } = caller;
  if (name !== undefined) return present<Actor>({ kind: 'iam-user', name, accountId, principalId });
  return present<Actor>({ kind: 'aws-account-principal', accountId, principalId });
}

function nameOfUser(principalId: string | undefined, known: Known): string | undefined {
  if (!principalId?.startsWith('AIDA')) return undefined;
  const named = known.callers.flatMap(({ identity, time }) =>
    identity.principalId === principalId && identity.userName !== undefined ? [{ name: identity.userName, time }] : [],
  );
  return named.sort((a, b) => b.time - a.time || compare(a.name, b.name))[0]?.name;
}
