import type { AuditRequest } from './audit-event.ts';

/** The parts of a request that name its resource. */
type ResourceOfRequest = Pick<AuditRequest, 'resource' | 'apiGroup' | 'subresource'>;

/**
 * Returns a matcher for a resource as the rules of an audit policy name it. `pods` alone matches no subresource, and
 * `pods/exec` matches one. An asterisk stands for any subresource, or for any resource with one subresource. An
 * asterisk alone matches everything. An API group may follow as in kubectl: `deployments.apps`. Source: Kubernetes,
 * audit.k8s.io/v1, type GroupResources.
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
