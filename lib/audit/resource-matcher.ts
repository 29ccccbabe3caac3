import type { AuditRequest } from './audit-event.ts';

/** The parts of a request that name its resource. */
type ResourceOfRequest = Pick<AuditRequest, 'resource' | 'apiGroup' | 'subresource'>;

/**
 * As an audit policy's rules name resources: `pods` alone, `pods/exec`, with an asterisk for any subresource of one or for
 * that subresource of any; the asterisk alone for every resource and subresource. With an API group as kubectl writes it,
 * `deployments.apps`. Source: Kubernetes, audit.k8s.io/v1, type GroupResources.
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
