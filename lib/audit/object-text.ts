import type { AuditRequest } from './audit-event.ts';
import { isDryRunOf } from './created-object.ts';

/** The object of a request. Its resource can contain the subresource. */
type RequestObject = Partial<Pick<AuditRequest, 'verb' | 'resource' | 'subresource' | 'namespace' | 'name' | 'uri'>>;

/**
 * Returns what a request is about, in words: `pods/exec shop/web-0`, `pods in namespace shop`, or its path if it has no resource. Empty
 * if it states none of them. A dry run is marked. The caller chose the names and the path, so show it escaped.
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
