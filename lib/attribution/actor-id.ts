import { accountOfArn, assumedRoleRef, pathlessRoleArn } from '../identity/arn.ts';
import { type ClusterKey, clusterInFull, partsOf } from '../identity/cluster.ts';
import { parseSessionPrincipal } from '../identity/session-name.ts';
import type { StatedActor } from './stated-actor.ts';

/**
 * What an actor's ID rests on. `principal`: a stable ID from the system that vouches for the actor. `name`: a name that
 * somebody else can have at another time. `session`: only a session, so no person is known.
 */
export const ID_BASES = ['principal', 'name', 'session'] as const;
export type IdBasis = (typeof ID_BASES)[number];

/** The identity of an actor, for keys, indexes and counts. */
export interface ActorId {
  /** A text that is the same for one actor in every record: `<kind>/<part>/…`, with percent-encoded parts (CONTRACT, rule 5). */
  readonly id: string;
  readonly idBasis: IdBasis;
}

/**
 * Returns the ID of an actor. It is made only of what all sources state about the actor, never of a name that is only
 * shown.
 * @param cluster the cluster of the event. It is part of the ID of an actor whom only the cluster knows.
 */
export function actorId(actor: StatedActor, cluster: ClusterKey): ActorId {
  return idOfKind(actor, cluster) ?? unnamed(actor);
}

function idOfKind(actor: StatedActor, cluster: ClusterKey): ActorId | undefined {
  const { kind, name, uid, provider, accountId, sessionName } = actor;
  switch (kind) {
    case 'iam-user':
      return iamUser(actor);
    case 'root':
      return by('principal', 'root', accountOf(actor));
    case 'identity-center-user':
      return identityCenterUser(actor);
    case 'saml-user':
      if (actor.nameIdFormat === TRANSIENT) return by('session', 'saml-session', provider, sessionName);
      return by('principal', 'saml', provider, name);
    case 'web-identity-user':
      return by('principal', 'oidc', issuerOf(provider), name);
    case 'federated-user':
      return by('session', 'federated', accountId, sessionName);
    case 'aws-service':
      return by('principal', 'service', name, actor.roleArn);
    case 'aws-account-principal':
    case 'role-session':
      return idOfPrincipal(actor);
    case 'kubernetes-user':
      return by('principal', 'k8s-user', cluster, name);
    case 'kubernetes-service-account':
      return by('principal', 'k8s-sa', cluster, ...serviceAccountParts(name));
    case 'kubernetes-node':
    case 'kubernetes-system':
    case 'eks-service':
      return by('principal', 'k8s-system', cluster, name);
    case 'proxied-user':
      if (uid === undefined) return by('name', 'proxied-name', cluster, provider, name);
      return by('principal', 'proxied', cluster, provider, uid);
  }
}

/** The format of a SAML NameID that changes with each session. Source: SAML 2.0 core, 8.3.8. */
const TRANSIENT = 'transient';

/** The ID of an actor, with the other IDs that the operator says are the same person. */
export interface JoinedId {
  readonly id: string;
  /** All IDs of the person, in the operator's order. Absent unless the operator joined several (`samePerson`). */
  readonly samePerson?: readonly string[] | undefined;
}

/** Returns the ID under which the person is counted and listed: the first of the joined IDs, or else the actor's own ID. */
export function personOf({ id, samePerson }: JoinedId): string {
  return samePerson?.[0] ?? id;
}

/** Returns what an ID rests on. */
export function basisOfId(id: string): IdBasis {
  const [kind = ''] = id.split('/');
  if (SESSION_KINDS.has(kind)) return 'session';
  return kind.endsWith('-name') ? 'name' : 'principal';
}

const UNNAMED = 'unnamed';
const SESSION_KINDS: ReadonlySet<string> = new Set(['saml-session', 'federated', 'role-session', UNNAMED]);

/** Makes an ID of these parts. Undefined if a part is not known. */
function by(idBasis: IdBasis, kind: string, ...parts: readonly (string | undefined)[]): ActorId | undefined {
  return parts.every(isFilled) ? { id: [kind, ...parts.map(encoded)].join('/'), idBasis } : undefined;
}

function isFilled(part: string | undefined): part is string {
  return part !== undefined && part !== '';
}

/**
 * Returns the ID of an actor about whom too little is known for any other ID. It has the kind and the first of these
 * values that is stated.
 */
function unnamed(actor: StatedActor): ActorId {
  const { kind, principalId, arn, userId, name, sessionName, accountId, provider } = actor;
  const stated = [principalId, arn, userId, name, sessionName, accountId, provider].find(isFilled);
  return { id: [UNNAMED, kind, encoded(stated ?? '-')].join('/'), idBasis: 'session' };
}

function iamUser(actor: StatedActor): ActorId | undefined {
  const { principalId, name } = actor;
  if (principalId !== undefined) return by('principal', 'iam-user', accountOf(actor), principalId);
  return by('name', 'iam-user-name', accountOf(actor), name);
}

function accountOf({ accountId, arn }: StatedActor): string | undefined {
  return accountId ?? (arn === undefined ? undefined : accountOfArn(arn));
}

function identityCenterUser({ userId, directory, provider, name }: StatedActor): ActorId | undefined {
  if (userId !== undefined) return by('principal', 'idc', directory, userId);
  return by('name', 'idc-name', provider, name);
}

/** Returns the ID of an IAM user, the root user or a role session, if no name and no grant of theirs is known. */
function idOfPrincipal(actor: StatedActor): ActorId | undefined {
  const { principalId, arn, accountId, sessionName } = actor;
  if (principalId?.startsWith('AIDA')) return iamUser(actor);
  if (principalId !== undefined && principalId === accountId) return by('principal', 'root', accountId);
  const session = parseSessionPrincipal(principalId);
  if (session !== undefined) return by('session', 'role-session', session.id, session.name);
  const role = assumedRoleRef(arn);
  const of = role !== undefined ? pathlessRoleArn(role) : (principalId ?? arn);
  return by('session', 'role-session', of, sessionName);
}

/**
 * Returns the issuer of tokens, so that it is the same in every account: it is taken from the ARN of an OIDC provider.
 * Any other provider is returned unchanged.
 */
function issuerOf(provider: string | undefined): string | undefined {
  return provider?.replace(/^arn:[^:]*:iam::\d*:oidc-provider\//, '').replace(/^https:\/\//, '');
}

/** Returns namespace and name from `<namespace>:<name>`. */
function serviceAccountParts(name = ''): readonly [string, string] {
  const colon = name.indexOf(':');
  return colon < 0 ? ['', name] : [name.slice(0, colon), name.slice(colon + 1)];
}

/**
 * The place in which an actor's ID is valid. Two different actors with the same kind and name have different places, or
 * different IDs in one place.
 */
export interface ActorHome {
  readonly kind: 'account' | 'directory' | 'cluster' | 'provider' | 'issuer' | 'role';
  readonly of: string;
}

const HOME_KINDS: Readonly<Record<string, ActorHome['kind']>> = {
  'iam-user': 'account',
  'iam-user-name': 'account',
  root: 'account',
  federated: 'account',
  idc: 'directory',
  'idc-name': 'provider',
  saml: 'provider',
  'saml-session': 'provider',
  oidc: 'issuer',
  'role-session': 'role',
  'k8s-user': 'cluster',
  'k8s-sa': 'cluster',
  'k8s-system': 'cluster',
  proxied: 'cluster',
  'proxied-name': 'cluster',
};

/** Returns the place in an actor's ID: an account, directory, cluster, provider, issuer or role. Undefined if it has none. */
export function homeOfId(id: string): ActorHome | undefined {
  const [kind = '', first = '', ...rest] = id.split('/');
  if (kind === 'service') return homeOf('role', rest[0] ?? '');
  const home = HOME_KINDS[kind];
  return home === undefined ? undefined : homeOf(home, first);
}

function homeOf(kind: ActorHome['kind'], part: string): ActorHome | undefined {
  const of = decodePart(part);
  return of === '' ? undefined : { kind, of };
}

/**
 * Returns whether the ID is a cluster user's. Only the cluster vouches for such users, so anybody with a cluster can
 * invent any number of them.
 */
export function isOfCluster(id: string | undefined): boolean {
  return id !== undefined && homeOfId(id)?.kind === 'cluster';
}

/** Returns a phrase for the place in an ID: `account 111122223333`, `cluster prod`. Undefined if the ID has none. */
export function homeText(id: string): string | undefined {
  const { kind, of = '' } = homeOfId(id) ?? {};
  if (partsOf(of)?.region === '') return `cluster ${clusterInFull(of).trimStart()}`;
  const name = kind === 'cluster' ? of.replace(/^name:/, '') : of;
  return name === '' ? undefined : `${kind} ${name}`;
}

/** Returns a phrase for the place and the ID within it: `account 111122223333, AIDAALICE`. No two actors have the same phrase. */
export function homeAndIdText(id: string): string {
  const home = homeText(id);
  return home === undefined ? id : `${home}, ${decodePart(id.split('/').at(-1) ?? '')}`;
}

/**
 * Returns the actor's name if it is a part of the ID. Undefined for IDs that stay while the name changes (an IAM user,
 * a user of a directory, a person behind a proxy), and for sessions.
 */
export function nameInId(id: string): string | undefined {
  const [kind, ...parts] = id.split('/');
  if (kind === 'service') return decodePart(parts[0] ?? '') || undefined;
  if (kind === 'k8s-sa') return parts.slice(1).map(decodePart).join(':');
  if (!NAMED_BY_ID.has(kind ?? '')) return undefined;
  return decodePart(parts.at(-1) ?? '') || undefined;
}

const NAMED_BY_ID: ReadonlySet<string> = new Set([
  'iam-user-name',
  'idc-name',
  'saml',
  'oidc',
  'k8s-user',
  'k8s-system',
  'proxied-name',
]);

/** Matches one part of an ID with the `/` before it. */
const PART = String.raw`\/[\w.~:@%-]+`;
const KINDS_OF_TWO =
  'iam-user(?:-name)?|idc(?:-name)?|saml(?:-session)?|oidc|federated|role-session|k8s-user|k8s-system|unnamed';
/** Matches texts that can be an actor's ID. `service/web` cannot: in Kubernetes it is the name of an object. */
const ID = new RegExp(
  String.raw`^(?:root\/\d+|(?:${KINDS_OF_TWO}|service(?=\/[\w-]+\.))${PART}${PART}|(?:k8s-sa|proxied(?:-name)?)${PART}${PART}${PART})$`,
);

/** Returns whether the text has the form of an actor's ID. */
export function isActorId(text: string): boolean {
  return ID.test(text);
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

const READABLE = /^[\w.~:@-]*$/;

/**
 * Percent-encodes a part as UTF-8, except for `:`, `@` and the unreserved characters of RFC 3986. Half of a surrogate
 * pair has no encoding, so it becomes U+FFFD.
 */
function encoded(part: string): string {
  if (READABLE.test(part)) return part;
  return encodeURIComponent(part.toWellFormed())
    .replaceAll(/%3A/g, ':')
    .replaceAll(/%40/g, '@')
    .replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
