import type { AuditRecord } from '../attribution/record.ts';

/** What succeeds only where the object is there. A list of a namespace that does not exist succeeds, and is empty. */
const OF_OBJECTS: ReadonlySet<string> = new Set(['get', 'create', 'update', 'patch', 'delete']);

/**
 * The groups with objects in namespaces that the API server itself serves and stores. Any other group may be another server's
 * (APIService), which decides alone what it answers: metrics of `*`, or of any name. Those of custom resources look the same
 * in an audit event, and so count as little. Source: kubernetes/kubernetes, pkg/controlplane/instance.go, `StorageProviders`.
 */
const OWN_GROUPS: ReadonlySet<string> = new Set([
  '',
  'apps',
  'autoscaling',
  'batch',
  'coordination.k8s.io',
  'discovery.k8s.io',
  'events.k8s.io',
  'extensions',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'resource.k8s.io',
  'storage.k8s.io',
]);

/**
 * Whether the request can only have succeeded in a namespace that exists: clients may write any name, and be answered 403 or 404.
 * What is created must be in one that exists, and so must be what is there; but whether somebody may do something in a
 * namespace is answered of every name (`authorization.k8s.io`). Source: kubernetes/kubernetes,
 * plugin/pkg/admission/namespace/lifecycle/admission.go, `Admit` and `accessReviewResources`.
 */
export function provesNamespace({ request, response }: Pick<AuditRecord, 'request' | 'response'>): boolean {
  const code = response?.code ?? 0;
  const isOwn = OWN_GROUPS.has(request?.apiGroup ?? '');
  return code >= 200 && code < 300 && isOwn && OF_OBJECTS.has(request?.verb ?? '');
}
