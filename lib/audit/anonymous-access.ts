import type { AuditEvent } from './audit-event.ts';

/** The parts of an event, or of its record, that show what an anonymous caller achieved. */
export interface AnsweredRequest extends Pick<AuditEvent, 'responseCode' | 'authorization'> {
  readonly caller: Pick<AuditEvent['caller'], 'kind'>;
  readonly request?: AuditEvent['request'] | undefined;
  readonly impersonated?: object | undefined;
}

/** Methods and verbs that change nothing. */
const ASKING: readonly string[] = ['get', 'head', 'options'];

/** Paths of health checks of the API server, including those of a single check. */
const HEALTH = /^\/(?:healthz|livez|readyz)(?:\/[\w.-]+)*\/?$/;
/** Paths of the version, API discovery and the public keys of service account tokens. They contain no resources. */
const PUBLIC = [
  /^\/version\/?$/,
  /^\/api(?:\/[\w.-]+)?\/?$/,
  /^\/apis(?:\/[\w.-]+){0,2}\/?$/,
  /^\/openapi(?:\/[\w.-]+)*\/?$/,
  /^\/swagger[\w.-]*(?:\/[\w.-]+)*\/?$/,
  /^\/\.well-known\/openid-configuration\/?$/,
  /^\/openid\/v1\/jwks\/?$/,
];

/**
 * Returns whether an anonymous caller succeeded at anything but health checks, version and discovery. Without a
 * response code, an allowed request counts as successful. Missing or unusual fields count against the caller.
 */
export function isAnonymousAccess(event: AnsweredRequest): boolean {
  return event.caller.kind === 'anonymous' && succeeded(event) && !asksOnlyFor([HEALTH, ...PUBLIC], event);
}

/**
 * Returns whether the request succeeded. A request that was proxied to a pod, service or node took effect there,
 * whatever its response code is. The API server passes on the code of that target.
 */
function succeeded({ responseCode: code, authorization, request }: AnsweredRequest): boolean {
  const isAllowed = authorization?.decision === 'allow';
  if (code === undefined || request?.subresource === 'proxy') return isAllowed;
  return code >= 100 && code < 400;
}

/** Returns whether the event is an allowed health check by an anonymous caller, and nothing more. */
export function isAllowedProbe(event: AuditEvent): boolean {
  const { caller, at, responseCode = 0, authorization } = event;
  return (
    caller.kind === 'anonymous' &&
    at !== undefined &&
    responseCode >= 200 &&
    responseCode < 400 &&
    authorization?.decision === 'allow' &&
    asksOnlyFor([HEALTH], event)
  );
}

/**
 * Returns whether an anonymous request was refused as unauthenticated or forbidden. Other servers behind a proxied
 * request can respond with the same codes, so those do not count.
 */
export function isAnonymousRefused({ caller, responseCode, authorization, impersonated }: AnsweredRequest): boolean {
  const isRefusal = responseCode === 401 || responseCode === 403;
  return caller.kind === 'anonymous' && impersonated === undefined && isRefusal && authorization?.decision !== 'allow';
}

function asksOnlyFor(paths: readonly RegExp[], { request, impersonated }: AnsweredRequest): boolean {
  const { verb = '', uri = '', resource } = request ?? {};
  const [path = ''] = uri.split('?', 1);
  const isPlain = !path.split('/').includes('..');
  return (
    impersonated === undefined &&
    resource === undefined &&
    ASKING.includes(verb) &&
    isPlain &&
    paths.some((each) => each.test(path))
  );
}
