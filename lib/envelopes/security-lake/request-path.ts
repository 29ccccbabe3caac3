/** The resource in a request URI of the API server. */
export interface RequestedResource {
  readonly resource: string;
  readonly subresource?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

/** Subresources of a namespace itself. In a path, they have the position of the namespace's resources. */
const OF_NAMESPACES: ReadonlySet<string> = new Set(['status', 'finalize']);

/**
 * Returns the resource in a path, as the API server parses it. Undefined for a path without a resource (`/healthz`).
 * Source: k8s.io/apiserver, pkg/endpoints/request/requestinfo.go, NewRequestInfo.
 */
export function requestedResource(uri: string): RequestedResource | undefined {
  const parts = (uri.split('?')[0] ?? '').split('/').filter((part) => part !== '');
  const below = parts[0] === 'api' ? parts.slice(2) : parts[0] === 'apis' ? parts.slice(3) : [];
  const segments = below[0] === 'watch' || below[0] === 'proxy' ? below.slice(1) : below;
  const [first, second, third] = segments;
  if (first === undefined) return undefined;
  const isWithin = first === 'namespaces' && second !== undefined && third !== undefined && !OF_NAMESPACES.has(third);
  const [resource = '', name, subresource] = (isWithin ? segments.slice(2) : segments).map(decode);
  return {
    resource,
    subresource, // what follows it, as after `proxy`, is for another server
    namespace: isWithin || first === 'namespaces' ? decode(second) : undefined,
    name,
  };
}

function decode<T extends string | undefined>(part: T): T | string {
  try {
    return part === undefined ? part : decodeURIComponent(part);
  } catch {
    return part; // It looks like an escape but is not one.
  }
}
