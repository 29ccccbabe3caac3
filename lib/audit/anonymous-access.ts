import type { AuditEvent } from './audit-event.ts';

/** What tells what an anonymous caller got, of an event or of its record. */
export interface AnsweredRequest extends Pick<AuditEvent, 'responseCode' | 'authorization'> {
  readonly caller: Pick<AuditEvent['caller'], 'kind'>;
  readonly request?: AuditEvent['request'] | undefined;
  readonly impersonated?: object | undefined;
}

/** Requests that only ask. */
const ASKING: readonly string[] = ['get', 'head', 'options'];

/** Whether the API server is well. Any check of it may be named. */
const HEALTH = /^\/(?:healthz|livez|readyz)(?:\/[\w.-]+)*\/?$/;
/** The version, what APIs there are, and the public keys of service account tokens: what no resource is in. */
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
 * Whether an anonymous caller succeeded at anything but health, version and discovery. Where the event does not say how it was
 * answered, it counts that it was allowed. What it does not say, or says otherwise than an API server does, counts against it.
 */
export function isAnonymousAccess(asked: AnsweredRequest): boolean {
  return asked.caller.kind === 'anonymous' && succeeded(asked) && !asksOnlyFor([HEALTH, ...PUBLIC], asked);
}

/** What is passed on to a pod, a service or a node is done there, whatever it answers: the API server repeats its code. */
function succeeded({ responseCode: code, authorization, request }: AnsweredRequest): boolean {
  const isAllowed = authorization?.decision === 'allow';
  if (code === undefined || request?.subresource === 'proxy') return isAllowed;
  return code >= 100 && code < 400;
}

/** Whether it shows an anonymous caller that asked how the API server is, was allowed to, and nothing more. */
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

/** Whether an anonymous request was refused: not authenticated, or not allowed. Another server behind a proxy may answer so too. */
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
