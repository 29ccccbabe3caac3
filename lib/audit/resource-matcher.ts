import type { AuditRequest } from './audit-event.ts';

/** The parts of a request that name its resource. */
type ResourceOfRequest = Pick<AuditRequest, 'resource' | 'apiGroup' | 'subresource'>;

/**
 * Returns a matcher for a resource as an audit policy's rules name it: `pods` alone, `pods/exec`, or with an asterisk for
 * any subresource of one resource, or for one subresource of any resource. The asterisk alone is every resource and
 * subresource. An API group may follow as in kubectl: `deployments.apps`. Source: Kubernetes, audit.k8s.io/v1, type
 * GroupResources.
 */
export function resourceMatcher(value: string): (request: ResourceOfRequest) => boolean {
  if (value === '*') return (request) => request.resource !== undefined;
  const [kind = '', subresource] = value.split('/');
  const [resource = '', ...group] = kind.split('.');
  return (request) =>
    request.resource !== undefined &&
    (resource === '*' || request.resource === resource) &&
    (group.length === 0 || request.apiGroup === group.join('.')) &&
    (subresource === '*' ? request.subresource !== undefined : request.subresource === subresource);
}
