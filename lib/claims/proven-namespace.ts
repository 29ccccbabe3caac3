import type { AuditRecord } from '../attribution/record.ts';

/** What succeeds only where the object is there. A list of a namespace that does not exist succeeds, and is empty. */
const OF_OBJECTS: ReadonlySet<string> = new Set(['get', 'create', 'update', 'patch', 'delete']);

/**
 * Whether the request can only have succeeded in a namespace that exists: clients may write any name, and be answered 403 or 404.
 * Whether somebody may do something in a namespace is answered of every name. Source: kubernetes/kubernetes,
 * plugin/pkg/admission/namespace/lifecycle/admission.go, `accessReviewResources`.
 */
export function provesNamespace({ request, response }: Pick<AuditRecord, 'request' | 'response'>): boolean {
  const code = response?.code ?? 0;
  const isReview = request?.apiGroup === 'authorization.k8s.io';
  return code >= 200 && code < 300 && !isReview && OF_OBJECTS.has(request?.verb ?? '');
}
