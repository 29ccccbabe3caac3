import type { AuditRequest } from './audit-event.ts';
import { isDryRunOf } from './created-object.ts';

/** The object of a request. Its resource can contain the subresource. */
type RequestObject = Partial<Pick<AuditRequest, 'verb' | 'resource' | 'subresource' | 'namespace' | 'name' | 'uri'>>;

/**
 * Returns in words what a request is about. Without a resource, it is the path. Empty if the request states neither.
 * The caller chose names and path, so escape it before display.
 * @example `pods/exec shop/web-0`, `pods in namespace shop`
 */
export function objectText(request: RequestObject): string {
  return [wordsOf(request), dryRunText(request)].filter(Boolean).join(' ');
}

/** Returns `(dry run)` for a dry run, which changed nothing. Undefined for any other request. */
export function dryRunText(request: RequestObject): string | undefined {
  return isDryRunOf(request) ? '(dry run)' : undefined;
}

/** Returns the namespace of the object. Undefined for a namespace itself: its requests state its name in both fields. */
export function namespaceOf({ resource = '', namespace, name }: RequestObject): string | undefined {
  return namespace === name && /^namespaces(?:\/|$)/.test(resource) ? undefined : namespace;
}

function wordsOf(request: RequestObject): string {
  const { resource, subresource, name, uri } = request;
  const namespace = namespaceOf(request);
  const object = [namespace, name].filter(Boolean).join('/');
  if (!resource) return uri || object;
  const type = subresource ? `${resource}/${subresource}` : resource;
  if (name) return `${type} ${object}`;
  return namespace ? `${type} in namespace ${namespace}` : type;
}
