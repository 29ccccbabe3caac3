import type { AuditRequest } from './audit-event.ts';

/** The object of a request. Its resource can contain the subresource. */
type RequestObject = Partial<Pick<AuditRequest, 'resource' | 'subresource' | 'namespace' | 'name' | 'uri'>>;

/**
 * Returns what a request is about, in words: `pods/exec shop/web-0`, `pods in namespace shop`, or its path if it has no resource. Empty
 * if it states none of them. The caller chose the names and the path, so show it escaped.
 */
export function objectText({ resource, subresource, namespace, name, uri }: RequestObject): string {
  const object = [namespace, name].filter(Boolean).join('/');
  if (!resource) return uri || object;
  const type = subresource ? `${resource}/${subresource}` : resource;
  if (name) return `${type} ${object}`;
  return namespace ? `${type} in namespace ${namespace}` : type;
}
