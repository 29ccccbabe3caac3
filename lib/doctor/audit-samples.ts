import { UID_PREFIXES } from '../identity/uid.ts';

/** A typical audit event for testing a filter. */
export interface AuditSample {
  /** The kind of caller, in words. */
  readonly who: string;
  /** The kind of request. */
  readonly what: string;
  readonly message: string;
}

/** Fields that all sample events have. */
const COMMON = {
  kind: 'Event',
  apiVersion: 'audit.k8s.io/v1',
  auditID: 'b7140a45-50bf-4dc3-ad64-e64d211e4e6e',
  stage: 'ResponseComplete',
  sourceIPs: ['192.0.2.1'],
  userAgent: 'kubectl/v1.34.1 (linux/amd64) kubernetes/93248f9',
  requestReceivedTimestamp: '2026-03-10T08:00:00.000000Z',
  stageTimestamp: '2026-03-10T08:00:00.010000Z',
};

/**
 * The field `user` of each kind of caller, as the API server writes it (FACTS, "The EKS audit log"). TestMetricFilter
 * accepts 50 messages, so there are ten for each of five callers.
 */
const CALLERS: Readonly<Record<string, object>> = {
  'role sessions': {
    username: 'arn:aws:sts::111122223333:assumed-role/dev/alice-example.com',
    uid: `${UID_PREFIXES[0]}111122223333:AROAEXAMPLEEXAMPLE123`,
    groups: ['dev', 'system:authenticated'],
    extra: {
      accessKeyId: ['ASIAEXAMPLEEXAMPLE12'],
      arn: ['arn:aws:sts::111122223333:assumed-role/dev/alice@example.com'],
      canonicalArn: ['arn:aws:iam::111122223333:role/dev'],
      principalId: ['AROAEXAMPLEEXAMPLE123'],
      sessionName: ['alice@example.com'],
    },
  },
  'IAM users': {
    username: 'alice',
    uid: `${UID_PREFIXES[0]}111122223333:AIDAEXAMPLEEXAMPLE123`,
    groups: ['dev', 'system:authenticated'],
    extra: {
      accessKeyId: ['AKIAEXAMPLEEXAMPLE12'],
      arn: ['arn:aws:iam::111122223333:user/alice'],
      canonicalArn: ['arn:aws:iam::111122223333:user/alice'],
      principalId: ['AIDAEXAMPLEEXAMPLE123'],
      sessionName: [''],
    },
  },
  'users of another authenticator (OIDC)': {
    username: 'https://issuer.example.com#alice',
    groups: ['https://issuer.example.com#dev', 'system:authenticated'],
  },
  'anonymous callers': { username: 'system:anonymous', groups: ['system:unauthenticated'] },
  'client certificates (system:admin)': {
    username: 'system:admin',
    groups: ['system:masters', 'system:authenticated'],
    extra: {
      'authentication.kubernetes.io/credential-id': [
        'X509SHA256=4155bb96eb0e8f09b34395262b69d02793074130628061c4ce10eba82513af6d',
      ],
    },
  },
};

/** The object of a request. Fields that are undefined are not written. */
interface ObjectRef {
  readonly resource: string;
  readonly [field: string]: string | undefined;
}

const POD = { resource: 'pods', namespace: 'default', name: 'web-0', apiVersion: 'v1' };
const ROLE = { resource: 'clusterroles', name: 'admin', apiGroup: 'rbac.authorization.k8s.io', apiVersion: 'v1' };
const SECRET = { resource: 'secrets', namespace: 'kube-system', name: 'token', apiVersion: 'v1' };
const WEB = '/api/v1/namespaces/default/pods/web-0';
const ADMIN = '/apis/rbac.authorization.k8s.io/v1/clusterroles/admin';

/** The fields of one request of each kind that a filter can distinguish. */
const REQUESTS: Readonly<Record<string, object>> = {
  get: request('get', WEB, POD, 200),
  list: request('list', '/api/v1/namespaces/kube-system/secrets', { ...SECRET, name: undefined }, 200),
  watch: { ...request('watch', '/api/v1/namespaces/default/pods?watch=true', POD, 200), stage: 'ResponseStarted' },
  create: request('create', '/api/v1/namespaces/kube-system/secrets', SECRET, 201),
  update: request('update', ADMIN, ROLE, 200),
  patch: request('patch', WEB, POD, 200),
  delete: request('delete', WEB, POD, 200),
  exec: {
    ...request('create', `${WEB}/exec?command=sh`, { ...POD, subresource: 'exec' }, 101),
    stage: 'ResponseStarted',
  },
  'forbidden requests (403)': request('delete', ADMIN, ROLE, 403),
  'non-resource requests (/version)': request('get', '/version', undefined, 200),
};

function request(verb: string, requestURI: string, objectRef: ObjectRef | undefined, code: number): object {
  const decision = code === 403 ? 'forbid' : 'allow';
  const annotations = { 'authorization.k8s.io/decision': decision, 'authorization.k8s.io/reason': '' };
  const level = levelOf(verb, objectRef?.resource);
  return { level, verb, requestURI, objectRef, responseStatus: { metadata: {}, code }, annotations };
}

/**
 * Returns the audit level in EKS's audit policy. It has request bodies for changes, but none for secrets (EKS Best
 * Practices Guide, "Detective controls").
 */
function levelOf(verb: string, resource: string | undefined): string {
  if (resource === undefined || resource === 'secrets') return 'Metadata';
  return ['get', 'list', 'watch'].includes(verb) ? 'Request' : 'RequestResponse';
}

/** Every kind of caller with every kind of request, each as one line of JSON as kube-apiserver writes it. */
export const AUDIT_SAMPLES: readonly AuditSample[] = Object.entries(CALLERS).flatMap(([who, user]) =>
  Object.entries(REQUESTS).map(([what, request]) => ({
    who,
    what,
    message: JSON.stringify({ ...COMMON, user, ...request }),
  })),
);
