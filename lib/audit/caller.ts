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
 * The identity that the API server authenticated, which is an audit event's own `user` block. Trust: uid, arn,
 * canonicalArn and accessKeyId come from STS through the authenticator. `username` follows the cluster's mapping and
 * may contain a session name. Whoever assumed the role chose `sessionName`.
 */
export interface Caller {
  readonly kind: CallerKind;
  readonly uid?: string | undefined;
  readonly username?: string | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly accountId?: string | undefined;
  /**
   * The ID of the caller's role, `AROA…`. Present if the caller has a role session, even as a node or an EKS service.
   */
  readonly roleId?: RoleId | undefined;
  /** The ID of the IAM user, `AIDA…`. */
  readonly userId?: string | undefined;
  /**
   * The *stated* session name (CONTRACT, rule 2), or the name of a federated user. Callers of any kind can state one.
   */
  readonly sessionName?: string | undefined;
  readonly accessKeyId?: AccessKeyId | undefined;
  /** The caller's ARN as STS states it. It does not have the role's path. */
  readonly arn?: string | undefined;
  /** The role's ARN, without its path. */
  readonly canonicalArn?: string | undefined;
  /** `JTI=<id>` of the token that authenticated the request (KEP-4193). The issuer of the token chose the ID. */
  readonly credentialId?: string | undefined;
  /** The pod to which a bound service account token belongs. */
  readonly pod?: CallerPod | undefined;
}

/**
 * The pod and node of a bound token. The API server reads them from the token's claims (KEP-4193). They do not show who
 * is inside the pod.
 */
export interface CallerPod {
  readonly name?: string | undefined;
  readonly uid?: string | undefined;
  readonly node?: string | undefined;
}

/**
 * The parts of a caller that the rules of attribution read. Groups and the pod are left out, because they identify
 * nobody.
 */
export type ActingCaller = Omit<Caller, 'groups' | 'pod'>;

/** Parses the event's own `user`. Never use it for `impersonatedUser` or a body, which clients write. */
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
 * Corrects the uid of a federated user. Of the ID `<account>:<name>`, the authenticator keeps only the part before the
 * colon. So the uid looks like the root user's. The ARN and the session name distinguish the two. Source:
 * kubernetes-sigs/aws-iam-authenticator, pkg/token/token.go, `userIDParts`.
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

/**
 * Returns the kind of a caller by its username. A request that failed authentication has an empty user, and counts as
 * anonymous, like `system:anonymous`.
 */
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

/**
 * Returns the first value of a key of `extra`, in any letter case. A text counts as a list of one. An empty text counts
 * as absent.
 */
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

/** Returns the text, or the first text of a list. Undefined if there is none, or if it is empty. */
export function firstText(value: unknown): string | undefined {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === 'string' && first !== '' ? first : undefined;
}

/** The user that the caller impersonated. Trust: the client writes all of it, and RBAC allows or forbids it. */
export interface ImpersonatedUser {
  readonly username?: string | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly uid?: string | undefined;
  /** The first of several nested impersonated users. Trust it only if a trusted proxy states it. */
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

/** The key under which Pinniped passes on the original user (FACTS, "Kubernetes identities"). */
const PINNIPED = 'original-user-info.impersonation-proxy.concierge.pinniped.dev';
const OIDC_PROXY = 'originaluser.jetstack.io-user';
const OIDC_PROXY_UID = 'originaluser.jetstack.io-uid';

/** Returns the original user. Pinniped writes a whole UserInfo as JSON. kube-oidc-proxy writes only the name. */
function firstUser(extra: JsonObject | undefined): FirstUser | undefined {
  const info = extraText(extra, PINNIPED);
  const parsed = info === undefined ? undefined : parseJson(info);
  const user = parsed?.ok && isJsonObject(parsed.value) ? parsed.value : undefined;
  const username = filledTextAt(user, 'username');
  if (username !== undefined) return { username, uid: filledTextAt(user, 'uid') };
  const name = extraText(extra, OIDC_PROXY);
  return name === undefined ? undefined : { username: name, uid: extraText(extra, OIDC_PROXY_UID) };
}
