import { type Session, sessionArn } from './callers.ts';
import { type Cluster, type IamUser, userArn } from './company.ts';
import { uuid } from './random.ts';
import type { FederatedSession } from './sts.ts';
import { later, microsecond } from './time.ts';
import type { Json, JsonObject } from './trail.ts';

/** Audit events as an EKS API server writes them. */

export interface KubernetesUser {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: JsonObject;
}

/** Which fields `user.extra` has. It grew over the years: each age has everything that the one before it has. */
export type ExtraAge = 'none' | 'accessKeyId' | 'arn' | 'newest';

/**
 * Returns a role session as aws-iam-authenticator passes it on. `username` and `groups` come from the access entry or
 * aws-auth.
 */
export function sessionUser(session: Session, as: Mapping): KubernetesUser {
  const { role, name, accessKeyId } = session;
  const stated = { accessKeyId, arn: sessionArn(session), sessionName: name, principalId: role.id };
  const canonicalArn = `arn:aws:iam::${role.accountId}:role/${role.name}`;
  return awsUser(
    `aws-iam-authenticator:${role.accountId}:${role.id}`,
    { ...stated, canonicalArn },
    {
      username: as.username ?? `arn:aws:sts::${role.accountId}:assumed-role/${role.name}/${name.replaceAll('@', '-')}`,
      groups: as.groups,
      age: as.age ?? 'newest',
    },
  );
}

export interface Mapping {
  /** By default the username of an access entry: the session's ARN with `-` for every `@`. */
  readonly username?: string;
  readonly groups: readonly string[];
  readonly age?: ExtraAge;
}

/** Returns an IAM user who calls the cluster directly. The session name is present and empty. */
export function directUser(user: IamUser, as: Mapping): KubernetesUser {
  const arn = userArn(user);
  const stated = { accessKeyId: user.accessKeyId, arn, canonicalArn: arn, sessionName: '', principalId: user.id };
  return awsUser(`aws-iam-authenticator:${user.accountId}:${user.id}`, stated, {
    username: as.username ?? arn,
    groups: as.groups,
    age: as.age ?? 'newest',
  });
}

/** Returns a federated user (GetFederationToken). */
export function federatedUser(federated: FederatedSession, as: Mapping): KubernetesUser {
  const { id, name, accountId, accessKeyId } = federated;
  const arn = `arn:aws:sts::${accountId}:federated-user/${name}`;
  const stated = { accessKeyId, arn, canonicalArn: arn, sessionName: '', principalId: id };
  return awsUser(`aws-iam-authenticator:${accountId}:${id}`, stated, {
    username: as.username ?? arn,
    groups: as.groups,
    age: as.age ?? 'newest',
  });
}

interface StatedSession {
  readonly accessKeyId: string;
  readonly arn: string;
  readonly canonicalArn: string;
  readonly sessionName: string;
  readonly principalId: string;
}

function awsUser(uid: string, stated: StatedSession, as: Required<Mapping>): KubernetesUser {
  const groups = [...as.groups, 'system:authenticated'];
  const user = { username: as.username, uid, groups };
  return as.age === 'none' ? user : { ...user, extra: extraOf(stated, as.age) };
}

function extraOf(stated: StatedSession, age: Exclude<ExtraAge, 'none'>): JsonObject {
  const extra: Record<string, Json> = { accessKeyId: [stated.accessKeyId] };
  if (age === 'accessKeyId') return extra;
  extra.arn = [stated.arn];
  extra.canonicalArn = [stated.canonicalArn];
  if (age === 'newest') extra.principalId = [stated.principalId];
  extra.sessionName = [stated.sessionName];
  if (age === 'newest') extra['sigs.k8s.io/aws-iam-authenticator/principalId'] = [stated.principalId];
  return extra;
}

/** Returns a pod's service account. */
export function serviceAccount(namespace: string, name: string, pod: string): KubernetesUser {
  return {
    username: `system:serviceaccount:${namespace}:${name}`,
    uid: uuid(`serviceaccount:${namespace}/${name}`),
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    extra: {
      'authentication.kubernetes.io/pod-name': [pod],
      'authentication.kubernetes.io/pod-uid': [uuid(`pod:${namespace}/${pod}`)],
    },
  };
}

/**
 * Returns a service account whose token somebody requested and uses outside the cluster. `credentialId` is
 * `JTI=<uuid>`.
 */
export function tokenUser(namespace: string, name: string, credentialId: string): KubernetesUser {
  const { username, uid = '', groups } = serviceAccount(namespace, name, '');
  return { username, uid, groups, extra: { 'authentication.kubernetes.io/credential-id': [credentialId] } };
}

/** A request to the API server: a verb, a path, and what the path means. */
export interface Request {
  readonly verb: string;
  readonly uri: string;
  readonly object?: JsonObject;
  readonly body?: JsonObject;
}

const GROUPS: Readonly<Record<string, string>> = {
  deployments: 'apps',
  daemonsets: 'apps',
  leases: 'coordination.k8s.io',
  endpointslices: 'discovery.k8s.io',
  jobs: 'batch',
  clusterroles: 'rbac.authorization.k8s.io',
  clusterrolebindings: 'rbac.authorization.k8s.io',
  certificatesigningrequests: 'certificates.k8s.io',
  applications: 'argoproj.io',
};

/** Returns the request for a verb as users know it, with its HTTP path. `what` is `resource[/name[/subresource]]`. */
export function ask(verb: string, what: string, namespace?: string, query = ''): Request {
  const [resource = '', name, subresource] = what.split('/');
  const group = GROUPS[resource];
  const root = group ? `/apis/${group}/v1` : '/api/v1';
  const path = [namespace && `namespaces/${namespace}`, resource, name, subresource].filter(Boolean).join('/');
  const object = {
    resource,
    ...(namespace ? { namespace } : {}),
    ...(name ? { name } : {}),
    ...(group ? { apiGroup: group } : {}),
    apiVersion: 'v1',
    ...(subresource ? { subresource } : {}),
  };
  return { verb, uri: `${root}/${verb === 'create' && !subresource ? withoutName(path, name) : path}${query}`, object };
}

/** Returns the path of a create request. It is that of the collection: the audit event has the name from the body. */
function withoutName(path: string, name: string | undefined): string {
  return name ? path.slice(0, -name.length - 1) : path;
}

export interface AuditOptions {
  readonly cluster: Cluster;
  /** `HH:MM:SS.ffffff`: `requestReceivedTimestamp`. */
  readonly at: string;
  readonly user: KubernetesUser;
  readonly request: Request;
  readonly code?: number;
  readonly stage?: 'ResponseStarted' | 'ResponseComplete';
  readonly ips: readonly string[];
  readonly userAgent?: string;
  readonly impersonated?: JsonObject;
  /** The audit ID that the client chose (`Audit-ID` header). By default the server's own. */
  readonly auditId?: string;
  /** Microseconds from the request to this stage. */
  readonly took?: number;
  readonly reason?: string;
  /** For a `serviceaccounts/token` create request: the ID of the token that it issued. */
  readonly issuedToken?: string;
}

const KUBECTL = 'kubectl/v1.33.2 (linux/amd64) kubernetes/a57b6f7';

export interface AuditEvent {
  readonly cluster: Cluster;
  readonly auditId: string;
  readonly stage: string;
  readonly time: string;
  readonly uri: string;
  /** The time of the stage, which CloudWatch Logs uses as the time of the entry. */
  readonly stageTime: string;
  readonly event: JsonObject;
}

export function auditEvent(options: AuditOptions): AuditEvent {
  const { cluster, at, request, stage = 'ResponseComplete' } = options;
  const auditId = options.auditId ?? uuid(`audit:${cluster.name}:${at}:${request.uri}`);
  const time = microsecond(at);
  const stageTime = microsecond(later(at, options.took ?? 7_421));
  const event: JsonObject = {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: request.body ? 'Request' : 'Metadata',
    auditID: auditId,
    stage,
    requestURI: request.uri,
    verb: request.verb,
    user: { ...options.user },
    ...(options.impersonated ? { impersonatedUser: options.impersonated } : {}),
    sourceIPs: options.ips,
    userAgent: options.userAgent ?? KUBECTL,
    ...(request.object ? { objectRef: request.object } : {}),
    responseStatus: responseStatus(options.code ?? 200),
    ...(request.body ? { requestObject: request.body } : {}),
    requestReceivedTimestamp: time,
    stageTimestamp: stageTime,
    annotations: annotations(options),
  };
  return { cluster, auditId, stage, time, uri: request.uri, stageTime, event };
}

function responseStatus(code: number): JsonObject {
  if (code < 400) return { metadata: {}, code };
  return { metadata: {}, status: 'Failure', reason: code === 403 ? 'Forbidden' : 'NotFound', code };
}

function annotations({
  code,
  issuedToken,
  reason = 'RBAC: allowed by RoleBinding "project/edit"',
}: AuditOptions): JsonObject {
  const forbidden = code === 403;
  return {
    'authorization.k8s.io/decision': forbidden ? 'forbid' : 'allow',
    'authorization.k8s.io/reason': forbidden ? '' : reason,
    ...(issuedToken ? { 'authentication.kubernetes.io/issued-credential-id': issuedToken } : {}),
  };
}
