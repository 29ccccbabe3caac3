import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/** What the route that API Gateway matched is asked with. */
export function methodOf({ routeKey }: { routeKey?: string }): 'GET' | 'POST' {
  return routeKey?.startsWith('POST ') === true ? 'POST' : 'GET';
}

/**
 * The path of the route that API Gateway matched, `/whois` of `GET /whois`. `rawPath` has before it the mapping key of a
 * custom domain (API Gateway Developer Guide, "Mapping API stages to a custom domain name for HTTP APIs"); it counts only
 * where the event names no such route.
 */
export function pathOf({ routeKey, rawPath }: Pick<APIGatewayProxyEventV2, 'rawPath'> & { routeKey?: string }): string {
  return /^[A-Z]+ (\/.*)$/.exec(routeKey ?? '')?.[1] ?? rawPath;
}
