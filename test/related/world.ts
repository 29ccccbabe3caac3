import type { JsonObject } from '../../lib/json.ts';
import { auditEvent } from '../builders/audit-event.ts';
import { ACCOUNT, utc } from '../builders/company.ts';
import { awsService, userId } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { createEvent } from '../builders/workloads.ts';

/** The request that everybody asks about: the pod's service account deletes a secret. */
export const DELETED = 'secret-deleted';
export const POD = { uid: 'pod-of-web', name: 'web-7d4b9c6f5-x2x9z' };
export const POD_TOKEN = 'JTI=00000000-0000-4000-8000-000000000001';
export const PERSONAL_TOKEN = 'JTI=00000000-0000-4000-8000-000000000002';
export const CONTROLLER = (name: string): JsonObject => ({
  username: `system:serviceaccount:kube-system:${name}`,
  uid: name,
});

/** An IAM user, who acts on the cluster as himself. */
export function person(name: string): JsonObject {
  return {
    uid: `aws-iam-authenticator:${ACCOUNT}:${userId(name)}`,
    username: name,
    extra: { arn: [`arn:aws:iam::${ACCOUNT}:user/${name}`] },
  };
}

export interface PodOptions {
  readonly pod?: { readonly uid: string; readonly name: string } | undefined;
  readonly token?: string | undefined;
}

/** The service account `shop:web`, by a token of its pod. */
export function workload({ pod, token }: PodOptions = { pod: POD, token: POD_TOKEN }): JsonObject {
  return {
    username: 'system:serviceaccount:shop:web',
    uid: 'sa-uid',
    extra: {
      ...(token && { 'authentication.kubernetes.io/credential-id': [token] }),
      ...(pod && {
        'authentication.kubernetes.io/pod-name': [pod.name],
        'authentication.kubernetes.io/pod-uid': [pod.uid],
        'authentication.kubernetes.io/node-name': ['ip-10-0-0-1'],
      }),
    },
  };
}

export function request(auditID: string, at: string, user: JsonObject, fields: JsonObject = {}): JsonObject {
  return auditEvent({ auditID, requestReceivedTimestamp: utc(at), user, ...fields });
}

export function secretDeleted(auditID: string, at: string, user = workload()): JsonObject {
  return request(auditID, at, user, {
    requestURI: '/api/v1/namespaces/shop/secrets/db',
    objectRef: { resource: 'secrets', namespace: 'shop', name: 'db', apiVersion: 'v1' },
  });
}

/** A person comes into a pod: `exec`, `attach` and so on. */
export function entry(
  auditID: string,
  at: string,
  who: string,
  subresource = 'exec',
  fields: JsonObject = {},
): JsonObject {
  return request(auditID, at, person(who), {
    verb: 'get',
    requestURI: `/api/v1/namespaces/shop/pods/${POD.name}/${subresource}`,
    objectRef: { resource: 'pods', namespace: 'shop', name: POD.name, subresource, apiVersion: 'v1' },
    responseStatus: { code: 101 },
    ...fields,
  });
}

function tokenIssued(auditID: string, at: string, user: JsonObject, token: string): JsonObject {
  return request(auditID, at, user, {
    verb: 'create',
    requestURI: '/api/v1/namespaces/shop/serviceaccounts/web/token',
    objectRef: { resource: 'serviceaccounts', namespace: 'shop', name: 'web', subresource: 'token', apiVersion: 'v1' },
    responseStatus: { code: 201 },
    annotations: { 'authentication.kubernetes.io/issued-credential-id': token },
  });
}

const at = (time: string) => ({ fields: { requestReceivedTimestamp: utc(time) } });

/** Alice's deployment, from the person to the pod. */
export const ORIGIN: readonly JsonObject[] = [
  createEvent({
    resource: 'deployments',
    apiGroup: 'apps',
    name: 'web',
    uid: 'deployment',
    user: person('alice'),
    fields: { requestReceivedTimestamp: utc('08:00:00'), auditID: 'created-deployment' },
  }),
  createEvent({
    resource: 'replicasets',
    apiGroup: 'apps',
    name: 'web-7d4b9c6f5',
    uid: 'replicaset',
    owners: [{ uid: 'deployment', kind: 'Deployment', name: 'web' }],
    user: CONTROLLER('deployment-controller'),
    ...at('09:00:01'),
  }),
  createEvent({
    uid: POD.uid,
    owners: [{ uid: 'replicaset', kind: 'ReplicaSet', name: 'web-7d4b9c6f5' }],
    user: CONTROLLER('replicaset-controller'),
    ...at('09:00:02'),
  }),
];

export const EVENTS: readonly JsonObject[] = [
  ...ORIGIN,
  request('image-changed', '09:00:00', person('erin'), {
    verb: 'patch',
    requestURI: '/apis/apps/v1/namespaces/shop/deployments/web',
    objectRef: { resource: 'deployments', apiGroup: 'apps', namespace: 'shop', name: 'web', apiVersion: 'v1' },
  }),
  tokenIssued('issued-to-kubelet', '09:00:03', { username: 'system:node:ip-10-0-0-1', uid: 'node' }, POD_TOKEN),
  entry('bob-in-the-pod', '11:00:00', 'bob'),
  entry('refused', '11:05:00', 'frank', 'exec', { responseStatus: { code: 403 } }),
  tokenIssued('issued-to-carol', '11:30:00', person('carol'), PERSONAL_TOKEN),
  secretDeleted(DELETED, '12:10:00'),
  request('configmaps-listed', '12:12:00', workload(), {
    verb: 'list',
    requestURI: '/api/v1/namespaces/shop/configmaps',
    objectRef: { resource: 'configmaps', namespace: 'shop', apiVersion: 'v1' },
  }),
  request('long-before', '11:20:00', workload(), { requestURI: '/api/v1/namespaces/shop/pods/other' }),
  entry('dave-came-later', '12:30:00', 'dave', 'attach'),
  entry('another-pod', '11:40:00', 'grace', 'exec', {
    objectRef: { resource: 'pods', namespace: 'shop', name: 'api-1', subresource: 'exec', apiVersion: 'v1' },
  }),
];

const TAGS = (pod: string) =>
  Object.entries({
    'eks-cluster-name': 'prod-1',
    'kubernetes-namespace': 'shop',
    'kubernetes-service-account': 'web',
    'kubernetes-pod-name': 'web-7d4b9c6f5-x2x9z',
    'kubernetes-pod-uid': pod,
  }).map(([key, value]) => ({ key, value }));

function podIdentity(id: string, pod: string, key: string): JsonObject {
  return grant({
    id,
    by: awsService('pods.eks.amazonaws.com'),
    session: `eks-prod-1-web-${pod}`,
    key,
    request: { tags: TAGS(pod) },
  });
}

function call(eventID: string, key: string, time: string): JsonObject {
  return {
    eventID,
    eventSource: 's3.amazonaws.com',
    eventName: 'GetObject',
    eventTime: utc(time),
    awsRegion: 'eu-west-1',
    userIdentity: { type: 'AssumedRole', principalId: 'AROAPROJECTADMIN00001:any', accessKeyId: key },
  };
}

export const POD_KEY = 'ASIAPODSESSION000001';
export const TRAIL: readonly JsonObject[] = [
  podIdentity('pod-session', POD.uid, POD_KEY),
  podIdentity('session-of-another-pod', 'pod-of-others', 'ASIAOTHERPOD00000001'),
  grant({
    id: 'irsa-session',
    eventName: 'AssumeRoleWithWebIdentity',
    by: {
      type: 'WebIdentityUser',
      userName: 'system:serviceaccount:shop:web',
      identityProvider: 'arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/A',
    },
    session: 'botocore-session-1',
    key: 'ASIAIRSASESSION00001',
  }),
  call('object-read', POD_KEY, '12:09:00'),
  call('read-much-later', POD_KEY, '18:00:00'),
  call('read-by-another', 'ASIAOTHERPOD00000001', '12:09:30'),
  call('read-by-irsa', 'ASIAIRSASESSION00001', '12:20:00'),
];
