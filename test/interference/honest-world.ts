import type { JsonObject } from '../../lib/json.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { ACCOUNT, KEY, ROLE_NAME, utc } from '../builders/company.ts';
import { keyId } from '../builders/ids.ts';
import { awsService, iamUser, webIdentityUser } from '../builders/trail-callers.ts';
import { eksCall, grant } from '../builders/trail-records.ts';

/** The account of the honest: two clusters, a person, a CI role, a node, a stolen session, and a pod with its token. */
export const CLUSTERS = ['prod-1', 'prod-2'] as const;
const NODE_ROLE = { roleId: 'AROANODEROLE000000001', roleName: 'node', session: 'i-0123456789abcdef0' };
const CI_ROLE = { roleId: 'AROACIROLE00000000001', roleName: 'ci-deploy', session: 'build-4711' };
export const ALICE_SESSION = 'alice-session';
const NODE_KEY = keyId('ASIANODESESSION00001');
const CI_KEY = keyId('ASIACISESSION0000001');
/** A key that no grant issued, in a session that has the name of alice's. */
const STOLEN_KEY = keyId('ASIASTRANGERSKEY0003');
export const TOKEN = 'JTI=4c1f6a5e-0000-4000-8000-0000000000aa';

export const ALICE_ARN = `arn:aws:sts::${ACCOUNT}:assumed-role/${ROLE_NAME}/${ALICE_SESSION}`;
const alice = roleUser({ session: ALICE_SESSION, key: KEY, username: ALICE_ARN });
const thief = roleUser({ session: ALICE_SESSION, key: STOLEN_KEY, username: ALICE_ARN });
const ci = roleUser({ ...CI_ROLE, key: CI_KEY, username: `arn:aws:sts::${ACCOUNT}:assumed-role/ci-deploy/build-4711` });
const node = {
  ...roleUser({ ...NODE_ROLE, key: NODE_KEY, username: 'system:node:ip-192-0-2-1.ec2.internal' }),
  groups: ['system:nodes', 'system:authenticated'],
};
const pod = {
  username: 'system:serviceaccount:shop:web',
  groups: ['system:serviceaccounts', 'system:authenticated'],
  extra: {
    'authentication.kubernetes.io/pod-name': ['web-0'],
    'authentication.kubernetes.io/pod-uid': ['5f0d3b1a-0000-4000-8000-000000000001'],
    'authentication.kubernetes.io/credential-id': ['JTI=4c1f6a5e-0000-4000-8000-0000000000bb'],
  },
};
const holder = {
  username: 'system:serviceaccount:shop:web',
  groups: ['system:serviceaccounts', 'system:authenticated'],
  extra: { 'authentication.kubernetes.io/credential-id': [TOKEN] },
};

export const GRANTS = [
  grant({ id: 'alice', by: iamUser('alice'), session: ALICE_SESSION, key: KEY }),
  grant({
    id: 'ci',
    eventName: 'AssumeRoleWithWebIdentity',
    by: webIdentityUser('repo:company/shop', 'token.actions.githubusercontent.com'),
    ...CI_ROLE,
    key: CI_KEY,
  }),
  grant({ id: 'node', by: awsService('ec2.amazonaws.com'), ...NODE_ROLE, key: NODE_KEY }),
  eksCall('CreateAccessEntry', { name: 'prod-1' }, { eventTime: utc('12:11:00'), eventID: 'change-1' }),
  eksCall(
    'UpdateClusterConfig',
    { name: 'prod-2', logging: { clusterLogging: [{ types: ['audit'], enabled: false }] } },
    { eventTime: utc('11:30:00'), eventID: 'change-2' },
  ),
];

/** A request of the honest account, and where it was made. */
export interface HonestRequest {
  readonly name: string;
  readonly cluster: (typeof CLUSTERS)[number];
  readonly event: JsonObject;
}

interface RequestParts {
  readonly verb: string;
  readonly at: string;
  readonly resource: string;
  readonly object?: string;
  readonly namespace?: string;
  readonly subresource?: string;
  readonly ip?: string;
  readonly code?: number;
  readonly more?: JsonObject;
}

let ids = 0;

function made(
  user: JsonObject,
  { verb, at, resource, object, namespace = 'shop', subresource, ip = '198.51.100.7', code = 200, more }: RequestParts,
) {
  ids += 1;
  const path = [`/api/v1/namespaces/${namespace}/${resource}`, object, subresource].filter(Boolean).join('/');
  return eventBy(user, {
    auditID: `a0000000-0000-4000-8000-${String(ids).padStart(12, '0')}`,
    verb,
    requestURI: path,
    objectRef: { resource, namespace, name: object, subresource, apiVersion: 'v1' },
    responseStatus: { metadata: {}, code },
    sourceIPs: [ip],
    requestReceivedTimestamp: utc(at),
    stageTimestamp: utc(at),
    ...more,
  });
}

const THIEVES_IP = '203.0.113.66';
const request = (name: string, event: JsonObject, cluster: HonestRequest['cluster'] = 'prod-1'): HonestRequest => ({
  name,
  event,
  cluster,
});

export const REQUESTS: readonly HonestRequest[] = [
  request('a person deletes a pod', made(alice, { verb: 'delete', at: '12:10:00', resource: 'pods', object: 'web-0' })),
  request(
    'a person reads a secret',
    made(alice, { verb: 'get', at: '12:12:00', resource: 'secrets', object: 'db-pass' }),
  ),
  request(
    'a person requests a token',
    made(alice, {
      verb: 'create',
      at: '12:13:00',
      resource: 'serviceaccounts',
      object: 'web',
      subresource: 'token',
      code: 201,
      more: { annotations: { 'authentication.kubernetes.io/issued-credential-id': TOKEN } },
    }),
  ),
  request(
    'a person enters a pod',
    made(alice, { verb: 'create', at: '12:14:00', resource: 'pods', object: 'web-0', subresource: 'exec', code: 101 }),
  ),
  request('a person is refused', made(alice, { verb: 'list', at: '12:15:00', resource: 'configmaps', code: 403 })),
  request(
    'a person impersonates',
    made(alice, {
      verb: 'get',
      at: '12:16:00',
      resource: 'configmaps',
      object: 'cfg',
      more: { impersonatedUser: { username: 'system:serviceaccount:shop:web' } },
    }),
  ),
  request(
    'CI deploys',
    made(ci, { verb: 'patch', at: '12:17:00', resource: 'configmaps', object: 'release', ip: '192.0.2.50' }),
    'prod-2',
  ),
  request(
    'a node reads a pod',
    made(node, {
      verb: 'get',
      at: '12:18:00',
      resource: 'pods',
      object: 'web-0',
      ip: '192.0.2.1',
      more: { userAgent: 'kubelet/v1.33.1' },
    }),
  ),
  request(
    'a stolen session lists secrets',
    made(thief, { verb: 'list', at: '12:20:00', resource: 'secrets', ip: THIEVES_IP }),
  ),
  request(
    'stolen credentials of a node list secrets',
    made(node, {
      verb: 'list',
      at: '12:22:00',
      resource: 'secrets',
      namespace: 'kube-system',
      ip: THIEVES_IP,
      more: { userAgent: 'curl/8.5.0' },
    }),
  ),
  request(
    'a pod reads its configuration',
    made(pod, { verb: 'get', at: '12:25:00', resource: 'configmaps', object: 'web', ip: '192.0.2.7' }),
  ),
  request(
    'a token is used elsewhere',
    made(holder, {
      verb: 'get',
      at: '12:26:00',
      resource: 'secrets',
      object: 'db-pass',
      ip: THIEVES_IP,
      more: { userAgent: 'curl/8.5.0' },
    }),
  ),
];

/** Nodes are heard before and after everything else, so that the log covers it. */
export const AROUND: readonly HonestRequest[] = CLUSTERS.flatMap((cluster) =>
  ['11:10:00', '13:10:00'].map((at) =>
    request(
      'around',
      made(
        { username: 'system:node:ip-192-0-2-9', groups: ['system:nodes'] },
        {
          verb: 'get',
          at,
          resource: 'pods',
          object: 'other',
          namespace: 'kube-system',
          ip: '192.0.2.9',
          more: { userAgent: 'kubelet/v1.33.1' },
        },
      ),
      cluster,
    ),
  ),
);

/** What only the honest world has: names of who acted there, keys and addresses. */
export const WITNESSES = ['"alice"', 'company/shop', 'ec2.amazonaws.com', STOLEN_KEY, THIEVES_IP] as const;
