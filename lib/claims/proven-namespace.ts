import type { AuditRecord } from '../attribution/record.ts';

/** Verbs that succeed only if the object exists. A list in a namespace that does not exist succeeds, and is empty. */
const OF_OBJECTS: ReadonlySet<string> = new Set(['get', 'create', 'update', 'patch', 'delete']);

/**
 * The API groups with namespaced objects that the API server itself serves and stores. Objects of all other groups can
 * be served by another server (APIService). Such a server decides its responses alone, for example for metrics of any
 * name. Custom resources look the same in an audit event, so they do not count either. Source: kubernetes/kubernetes,
 * pkg/controlplane/instance.go, `StorageProviders`.
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
 * Returns whether the request succeeded and proves that its namespace exists. Clients can write any name, but then get
 * 403 or 404. Creating or reaching an object needs the namespace. Access reviews (`authorization.k8s.io`) do not count,
 * because they succeed for any name. Source: kubernetes/kubernetes,
 * plugin/pkg/admission/namespace/lifecycle/admission.go, `Admit` and `accessReviewResources`.
 */
export function provesNamespace({ request, response }: Pick<AuditRecord, 'request' | 'response'>): boolean {
  const code = response?.code ?? 0;
  const isOwn = OWN_GROUPS.has(request?.apiGroup ?? '');
  return code >= 200 && code < 300 && isOwn && OF_OBJECTS.has(request?.verb ?? '');
}
