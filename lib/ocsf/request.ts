import type { AuditRecord } from '../attribution/record.ts';
import type { AuditRequest } from '../audit/audit-event.ts';
import { present } from '../json.ts';
import { forwardedFor } from './endpoint.ts';
import type { Api, HttpRequest, Resource, Url } from './event.ts';

/** The name of the API group `""` in Kubernetes' documentation. */
const CORE_GROUP = 'core';
const API_VERSION = /^\/(?:api|apis\/[^/]+)\/(v[0-9a-z]+)(?:[/?]|$)/;

export function apiOf({ auditId, request, response }: AuditRecord): Api {
  const group = request?.apiGroup;
  return present<Api>({
    operation: request?.verb ?? 'unknown',
    group: group === undefined ? undefined : { name: group === '' ? CORE_GROUP : group },
    version: apiVersion(request),
    service: { name: 'kube-apiserver' },
    request: { uid: auditId },
    response: response !== undefined && Number.isSafeInteger(response.code) ? { code: response.code } : undefined,
  });
}

/**
 * Returns the HTTP request without its method. The audit log has only the verb. An upgrade to a websocket is a GET for
 * every verb.
 */
export function httpRequestOf({ request, source }: AuditRecord): HttpRequest | undefined {
  const fields = present<HttpRequest>({
    url: request?.uri === undefined ? undefined : urlOf(request.uri),
    user_agent: source?.userAgent,
    x_forwarded_for: forwardedFor(source),
  });
  return Object.keys(fields).length === 0 ? undefined : fields;
}

function urlOf(uri: string): Url {
  const [path, query] = splitUri(uri);
  return present<Url>({ path, query_string: query, url_string: uri });
}

/** Returns the resource of the request. For a list, it has no name, because it is the collection under the path. */
export function resourcesOf(request: AuditRequest | undefined): readonly Resource[] | undefined {
  if (request?.resource === undefined) return undefined;
  const { name, namespace, resource, subresource, uri } = request;
  const uid = uri === undefined ? undefined : splitUri(uri)[0];
  if (name === undefined && uid === undefined) return undefined; // The schema requires one of them.
  const type = subresource === undefined ? resource : `${resource}/${subresource}`;
  return [present<Resource>({ name, namespace, type, uid, version: apiVersion(request) })];
}

/** Returns what the request does, in words. */
export function doing(request: AuditRequest | undefined): string {
  const { verb = 'unknown', resource, subresource, namespace, name, uri } = request ?? {};
  if (resource === undefined) return uri === undefined ? verb : `${verb} ${splitUri(uri)[0]}`;
  const type = subresource === undefined ? resource : `${resource}/${subresource}`;
  const where = namespace === undefined ? '' : ` in ${namespace}`;
  return `${verb} ${type}${name === undefined ? '' : ` ${name}`}${where}`;
}

function apiVersion(request: AuditRequest | undefined): string | undefined {
  return request?.uri === undefined ? undefined : API_VERSION.exec(request.uri)?.[1];
}

function splitUri(uri: string): [path: string, query: string | undefined] {
  const mark = uri.indexOf('?');
  return mark < 0 ? [uri, undefined] : [uri.slice(0, mark), uri.slice(mark + 1)];
}
