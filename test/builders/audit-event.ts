import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import { ACCOUNT, KEY, ROLE_ID, ROLE_NAME, utc } from './company.ts';

/** The parts of a role session that an audit event shows. `null` leaves a part out, as older clusters do. */
export interface RoleUserOptions {
  readonly accountId?: string;
  readonly roleId?: string;
  readonly roleName?: string;
  readonly session?: string | null;
  readonly key?: string | null;
  /** Without it the username does not show the session. */
  readonly username?: string;
  readonly extra?: JsonObject;
}

/** Returns the `user` block of a role session, as the authenticator of a recent cluster writes it. */
export function roleUser(options: RoleUserOptions = {}): JsonObject {
  const { accountId = ACCOUNT, roleId = ROLE_ID, roleName = ROLE_NAME, session = 'alice-session', key = KEY } = options;
  return {
    uid: `aws-iam-authenticator:${accountId}:${roleId}`,
    username: options.username ?? 'project-admin',
    groups: ['system:authenticated'],
    extra: {
      canonicalArn: [`arn:aws:iam::${accountId}:role/${roleName}`],
      ...(session !== null && {
        arn: [`arn:aws:sts::${accountId}:assumed-role/${roleName}/${session}`],
        sessionName: [session],
      }),
      ...(key !== null && { accessKeyId: [key] }),
      ...options.extra,
    },
  };
}

/** Returns a role session. The event shows only its username, as clusters did before `extra` existed. */
export function bareRoleUser(username: string, options: { roleId?: string; key?: string } = {}): JsonObject {
  return {
    uid: `heptio-authenticator-aws:${ACCOUNT}:${options.roleId ?? ROLE_ID}`,
    username,
    ...(options.key !== undefined && { extra: { accessKeyId: [options.key] } }),
  };
}

/** Returns an IAM user who calls the cluster directly, with their own access key. */
export function iamUserOfCluster(key: string, userId = 'AIDAALICE00000000001'): JsonObject {
  return {
    uid: `aws-iam-authenticator:${ACCOUNT}:${userId}`,
    username: 'alice',
    extra: { accessKeyId: [key], arn: [`arn:aws:iam::${ACCOUNT}:user/alice`] },
  };
}

function isNode(user: unknown): boolean {
  return isJsonObject(user) && String(user.username).startsWith('system:node:');
}

/** Returns an audit event. Given fields replace the default ones; `undefined` leaves a field out. A node acts with kubelet. */
export function auditEvent(fields: JsonObject = {}): JsonObject {
  const event = {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'Metadata',
    auditID: '7a0e1c5e-0000-4000-8000-000000000001',
    stage: 'ResponseComplete',
    requestURI: '/api/v1/namespaces/shop/pods/web-0',
    verb: 'delete',
    user: roleUser(),
    sourceIPs: ['198.51.100.7'],
    userAgent: isNode(fields.user) ? 'kubelet/v1.33.1' : 'kubectl/v1.33.0',
    objectRef: { resource: 'pods', namespace: 'shop', name: 'web-0', apiVersion: 'v1' },
    responseStatus: { metadata: {}, code: 200 },
    requestReceivedTimestamp: utc('12:10:00.000000'),
    stageTimestamp: utc('12:10:00.010000'),
    annotations: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': 'RBAC: allowed' },
    ...fields,
  };
  return JSON.parse(JSON.stringify(event)) as JsonObject;
}

/** Returns an audit event of this user. */
export function eventBy(user: JsonObject, fields: JsonObject = {}): JsonObject {
  return auditEvent({ user, ...fields });
}
