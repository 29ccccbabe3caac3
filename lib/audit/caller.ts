import { type AccessKeyId, accessKeyId } from '../identity/access-key.ts';
import { assumedRoleRef, federatedUserName, type RoleId } from '../identity/arn.ts';
import { type AwsUid, parseUid } from '../identity/uid.ts';
import { filledTextAt, isJsonObject, type JsonObject, objectAt, parseJson, textsAt } from '../json.ts';

export const CALLER_KINDS = [
  'role-session',
  'iam-user',
  'root',
  'federated-user',
  'kubernetes-service-account',
  'kubernetes-node',
  'kubernetes-system',
  'kubernetes-user',
  'eks-service',
  'anonymous',
  'malformed',
] as const;
export type CallerKind = (typeof CALLER_KINDS)[number];

/**
 * The identity that the API server authenticated: an audit event's own `user` block.
 *
 * Trust: uid, arn, canonicalArn and accessKeyId come from STS through the authenticator. `username` follows the
 * cluster's mapping and may hold a session name. `sessionName` is chosen by whoever assumed the role.
 */
export interface Caller {
  readonly kind: CallerKind;
  readonly uid?: string | undefined;
  readonly username?: string | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly accountId?: string | undefined;
  /** `AROA…`: there is a role session behind the caller, also where the kind is a node or an EKS service. */
  readonly roleId?: RoleId | undefined;
  /** `AIDA…` */
  readonly userId?: string | undefined;
  /** The *stated* session name (CONTRACT, rule 2) or the name of a federated user; of any kind of caller that states one. */
  readonly sessionName?: string | undefined;
  readonly accessKeyId?: AccessKeyId | undefined;
  /** STS's ARN of the caller, without the role's path. */
  readonly arn?: string | undefined;
  /** The role's ARN, without its path. */
  readonly canonicalArn?: string | undefined;
  /** `JTI=<uuid>`: which service account token authenticated the request (KEP-4193). */
  readonly credentialId?: string | undefined;
  /** The pod that a bound service account token belongs to. */
  readonly pod?: CallerPod | undefined;
}

/** Set by the API server from the token's claims (KEP-4193); who is inside the pod it does not say. */
export interface CallerPod {
  readonly name?: string | undefined;
  readonly uid?: string | undefined;
  readonly node?: string | undefined;
}

/** All that the rules of attribution read of a caller: who is in its groups, or its pod, is nobody's identity. */
export type ActingCaller = Omit<Caller, 'groups' | 'pod'>;

/** Reads the event's own `user`; never `impersonatedUser` or a body, which the client writes. */
export function parseCaller(user: JsonObject): Caller {
  const uid = filledTextAt(user, 'uid');
  const username = filledTextAt(user, 'username');
  const extra = objectAt(user, 'extra');
  const identity = withoutRootMistake(parseUid(uid), extra);
  const arn = extraText(extra, 'arn');
  return {
    kind: kindOf(identity, uid, username),
    uid,
    username,
    groups: textsAt(user, 'groups'),
    accountId: identity !== undefined && 'accountId' in identity ? identity.accountId : undefined,
    roleId: identity?.kind === 'role' ? identity.roleId : undefined,
    userId: identity?.kind === 'user' ? identity.userId : undefined,
    sessionName: statedName(identity, extra, arn),
    accessKeyId: accessKeyId(extraText(extra, 'accessKeyId')),
    arn,
    canonicalArn: extraText(extra, 'canonicalArn'),
    credentialId: extraText(extra, 'authentication.kubernetes.io/credential-id'),
    pod: parsePod(extra),
  };
}

function parsePod(extra: JsonObject | undefined): CallerPod | undefined {
  if (extra === undefined) return undefined;
  const name = extraText(extra, 'authentication.kubernetes.io/pod-name');
  const uid = extraText(extra, 'authentication.kubernetes.io/pod-uid');
  const node = extraText(extra, 'authentication.kubernetes.io/node-name');
  return name === undefined && uid === undefined ? undefined : { name, uid, node };
}

/**
 * The authenticator keeps only what stands before the colon of a federated user's id `<account>:<name>`, so its uid
 * is that of the root user; the ARN and the session name tell them apart.
 * Source: kubernetes-sigs/aws-iam-authenticator, pkg/token/token.go, `userIDParts`.
 */
function withoutRootMistake(identity: AwsUid | undefined, extra: JsonObject | undefined): AwsUid | undefined {
  if (identity?.kind !== 'root') return identity;
  const name = federatedUserName(extraText(extra, 'arn')) ?? extraText(extra, 'sessionName');
  return name === undefined ? identity : { kind: 'federated-user', accountId: identity.accountId, name };
}

function kindOf(identity: AwsUid | undefined, uid: string | undefined, username: string | undefined): CallerKind {
  if (identity === undefined) return kindByUsername(username, uid);
  switch (identity.kind) {
    case 'role':
      if (username?.startsWith('system:node:')) return 'kubernetes-node';
      return username?.startsWith('eks:') ? 'eks-service' : 'role-session';
    case 'user':
      return 'iam-user';
    case 'administrative':
      return 'eks-service';
    default:
      return identity.kind;
  }
}

/** A request whose authentication failed is logged with an empty user: nobody, as with `system:anonymous`. */
function kindByUsername(username: string | undefined, uid: string | undefined): CallerKind {
  if (username === undefined) return uid === undefined ? 'anonymous' : 'kubernetes-user';
  if (username === 'system:anonymous') return 'anonymous';
  if (username.startsWith('system:serviceaccount:')) return 'kubernetes-service-account';
  if (username.startsWith('system:node:')) return 'kubernetes-node';
  if (username.startsWith('system:')) return 'kubernetes-system';
  return username.startsWith('eks:') ? 'eks-service' : 'kubernetes-user';
}

function statedName(identity: AwsUid | undefined, extra: JsonObject | undefined, arn: string | undefined) {
  if (identity?.kind === 'federated-user') return identity.name;
  return extraText(extra, 'sessionName') ?? assumedRoleRef(arn)?.sessionName;
}

/** The first value of an extra key, whatever its case; a bare string counts as a list of one. Empty is absent. */
function extraText(extra: JsonObject | undefined, key: string): string | undefined {
  if (extra === undefined) return undefined;
  const text = firstText(extra[key]);
  if (text !== undefined) return text;
  const wanted = key.toLowerCase();
  for (const name of Object.keys(extra)) {
    if (name.length !== wanted.length || name.toLowerCase() !== wanted) continue; // no letter but İ has another length in lower case
    const other = firstText(extra[name]);
    if (other !== undefined) return other;
  }
  return undefined;
}

function firstText(value: unknown): string | undefined {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === 'string' && first !== '' ? first : undefined;
}

/** Whom the caller acted as, by impersonation headers. Trust: the client writes all of it; RBAC allows or forbids it. */
export interface ImpersonatedUser {
  readonly username?: string | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly uid?: string | undefined;
  /** Who came first, where impersonations are nested: to be believed of a trusted proxy only. */
  readonly first?: FirstUser | undefined;
}

export interface FirstUser {
  readonly username: string;
  readonly uid?: string | undefined;
}

export function parseImpersonatedUser(event: JsonObject): ImpersonatedUser | undefined {
  const user = objectAt(event, 'impersonatedUser');
  if (user === undefined) return undefined;
  return {
    username: filledTextAt(user, 'username'),
    groups: textsAt(user, 'groups'),
    uid: filledTextAt(user, 'uid'),
    first: firstUser(objectAt(user, 'extra')),
  };
}

/** How proxies pass on the user who came to them (FACTS, "Kubernetes identities"). */
const PINNIPED = 'original-user-info.impersonation-proxy.concierge.pinniped.dev';
const OIDC_PROXY = 'originaluser.jetstack.io-user';
const OIDC_PROXY_UID = 'originaluser.jetstack.io-uid';

/** Pinniped writes a whole UserInfo as JSON, kube-oidc-proxy the bare name. */
function firstUser(extra: JsonObject | undefined): FirstUser | undefined {
  const info = extraText(extra, PINNIPED);
  const parsed = info === undefined ? undefined : parseJson(info);
  const user = parsed?.ok && isJsonObject(parsed.value) ? parsed.value : undefined;
  const username = filledTextAt(user, 'username');
  if (username !== undefined) return { username, uid: filledTextAt(user, 'uid') };
  const name = extraText(extra, OIDC_PROXY);
  return name === undefined ? undefined : { username: name, uid: extraText(extra, OIDC_PROXY_UID) };
}
