import type { AuditRequest } from '../audit/audit-event.ts';
import { type Denial, denialIn } from '../cloudtrail/denial.ts';
import { parseJson, present } from '../json.ts';
import { subjectOfUsername } from './callers.ts';
import { givenCircumstances } from './events.ts';
import { type Form, form } from './form-collector.ts';
import { distinctForm } from './forms.ts';
import { forbiddenObject } from './objects.ts';

const USER = 'User "';

/** Matches the username and what the user may not do. A username can have escaped quotes, as Go's `%q` writes them. */
const REFUSED =
  /User "((?:[^"\\]|\\.){1,2048})" cannot (\S{1,64}) (?:resource "([^"]{0,256})" in API group "([^"]{0,256})"|path "([^"]{0,2048})")(?: in the namespace "([^"]{0,256})"| (at the cluster scope))?/y;

/** Matches the text before `User` if it has the name of an object: `pods "web-0" is forbidden: `. */
const NAMED = /"([^"]{1,253})" is forbidden: $/;

/**
 * Match refusals that come after authorization and name the caller. `ESCALATION` refuses to grant permissions that the
 * caller does not have. Only writes of roles and bindings are refused in this way. `NODE_RESTRICTION` refuses a node,
 * whose username begins with `system:node:`. Sources: kubernetes, pkg/registry/rbac/validation/rule.go,
 * `ConfirmNoEscalation`; plugin/pkg/admission/noderestriction/admission.go.
 */
const ESCALATION =
  /user "((?:[^"\\]|\\.){1,2048})"(?: \(groups=\[(?:[^"\]]|"(?:[^"\\]|\\.){0,2048}"){0,500}\]\))? is attempting to grant RBAC permissions not currently held/y;
const NODE_RESTRICTION = /node "([a-z0-9][a-z0-9.-]{0,252})" (?:is not allowed|can ?not|can only) /y;

/**
 * Returns the caller of a refused request to an object that the line names: `roles.rbac.authorization.k8s.io "ops" is
 * forbidden: user "…" …`.
 */
function refusedObjectForm(line: string): Form | undefined {
  const forbidden = forbiddenObject(line);
  if (forbidden === undefined) return undefined;
  const { request, end } = forbidden;
  const from = line.startsWith(': ', end) ? end + 2 : line.length;
  ESCALATION.lastIndex = from;
  const [, user] = ESCALATION.exec(line) ?? [];
  if (user !== undefined) {
    const circumstances = givenCircumstances({ request: { ...request, verb: 'write' }, code: 403 });
    return form('refused-request', [subjectOfUsername(unquoted(user), circumstances)]);
  }
  NODE_RESTRICTION.lastIndex = from;
  const [, node] = NODE_RESTRICTION.exec(line) ?? [];
  if (node === undefined) return undefined;
  const circumstances = givenCircumstances({ request, code: 403 });
  return form('refused-request', [subjectOfUsername(`system:node:${node}`, circumstances)]);
}

/**
 * Returns the caller in the API server's message about a refused request. kubectl repeats this message: `Error from
 * server (Forbidden): pods is forbidden: User "…" cannot list resource "pods" in API group "" in the namespace "…"`.
 * Source: k8s.io/apiserver pkg/endpoints/handlers/responsewriters/errors.go, `forbiddenMessage`.
 */
export function refusalForm(line: string): Form | undefined {
  return unauthorizedUserForm(line) ?? refusedObjectForm(line);
}

function unauthorizedUserForm(line: string): Form | undefined {
  for (let at = line.indexOf(USER); at >= 0; at = line.indexOf(USER, at + USER.length)) {
    REFUSED.lastIndex = at;
    const match = REFUSED.exec(line);
    if (match === null) continue;
    const [, quoted = '', ...parts] = match;
    const name = NAMED.exec(line.slice(Math.max(0, at - 300), at))?.[1];
    const isClusterWide = parts[5] === undefined ? undefined : true;
    const circumstances = givenCircumstances({ request: requestOf(parts, name), isClusterWide, code: 403 });
    return form('refused-request', [subjectOfUsername(unquoted(quoted), circumstances)]);
  }
  return undefined;
}

/**
 * Matches kubectl's error for a request whose credentials the API server did not accept. Sources: k8s.io/kubectl,
 * pkg/cmd/util/helpers.go; k8s.io/apimachinery, pkg/api/errors/errors.go, `NewUnauthorized` and
 * `NewGenericServerResponse`.
 */
const UNAUTHORIZED =
  /^(?:[\d\s:.,TZ/+[\]()-]{1,64}|[^"]{0,200}[\]:]\s{1,4})?Unauthorized$|You must be logged in to the server|Error from server \(Unauthorized\)|the server has asked for the client to provide credentials/;

/** Returns a request whose credentials were not accepted. Only its response code is known, and the audit log has no user for it. */
export function unauthorizedForm(line: string): Form | undefined {
  if (!UNAUTHORIZED.test(line)) return undefined;
  return form('refused-request', [{ by: 'request', circumstances: { code: 401 } }], [NO_USER]);
}

const NO_USER =
  'The API server did not accept the credentials (401), so the audit log has no user for the request. The authenticator log of the cluster, ' +
  'if it is enabled, can have the ARN.';

/**
 * Returns the caller in AWS's message about a denied call: `An error occurred (AccessDenied) when calling the
 * AssumeRole operation: User: arn:… is not authorized to perform: sts:AssumeRole on resource: arn:…`. The call is not a
 * request to a cluster, and the ARN of the resource is not the caller's.
 */
export function awsRefusalForm(line: string): Form | undefined {
  const denial = denialIn(line);
  if (denial === undefined) return undefined;
  const found = distinctForm(denial.user)?.subjects ?? [];
  const subjects = found.map((subject) => ({ ...subject, circumstances: { ...subject.circumstances, denial } }));
  return subjects.length === 0 ? undefined : form('aws-error', subjects, [noteOn(denial)]);
}

function noteOn({ action }: Denial): string {
  return (
    `AWS refused ${action}. Such a call is in CloudTrail, not in the audit log. Its record there has the access key, the source IP and the time. ` +
    'If it is not listed below, paste it to find out who made the call.'
  );
}

function requestOf(
  [verb, resource, apiGroup, path, namespace]: readonly (string | undefined)[],
  name: string | undefined,
): AuditRequest {
  const [type, subresource] = (resource ?? '').split('/', 2);
  return present<AuditRequest>({
    verb,
    uri: path || undefined,
    apiGroup,
    resource: type || undefined,
    subresource: subresource || undefined,
    namespace: namespace || undefined,
    name,
  });
}

function unquoted(text: string): string {
  const parsed = parseJson(`"${text}"`);
  return parsed.ok && typeof parsed.value === 'string' ? parsed.value : text;
}
