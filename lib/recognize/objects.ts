import type { AuditRequest } from '../audit/audit-event.ts';
import { builtInResource } from '../audit/resource-words.ts';
import { filledTextAt, type JsonObject, objectAt, present } from '../json.ts';
import { givenCircumstances } from './events.ts';
import { type Form, form } from './gathering.ts';
import type { Circumstances } from './subject.ts';

/** DNS-1123, as most objects are named. */
const NAME = '[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?';
const NAMESPACE = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
/** Matches what kubectl reports that it did, and its option for the namespace. */
const DONE = `(?: (?:force )?[a-z-]{1,20})?(?: from (${NAMESPACE}) namespace| (?:(?:-n|--namespace)[ =]|in namespace )(${NAMESPACE}))?`;
const SLASHED = new RegExp(`^([a-z][a-z0-9.-]{0,252})/(${NAME})${DONE}$`);
const QUOTED = new RegExp(`^([a-z][a-z0-9.]{0,252}) "(${NAME})"${DONE}$`);
const SPACED = new RegExp(`^([a-z][a-z0-9.]{0,252}) (${NAME})(?: (?:-n|--namespace)[ =](${NAMESPACE}))?$`);
/** Words in this position that belong to ARNs, not to Kubernetes. */
const OF_AWS = new Set(['assumed-role', 'federated-user', 'role', 'user']);

/** An object of Kubernetes, as far as a text names it. */
export type StatedObject = Pick<AuditRequest, 'apiGroup' | 'resource' | 'namespace'> & { readonly name: string };

/**
 * Returns the object that a text names, as people and kubectl write it: `pod/web-0`, `pod web-0 -n shop`, `shop/web-0`,
 * `deployment.apps/web scaled`, `pod "web-0" deleted`. Undefined for any other text.
 */
export function objectIn(text: string): StatedObject | undefined {
  const spaced = SPACED.exec(text);
  const [, before, name, from, option] = SLASHED.exec(text) ?? QUOTED.exec(text) ?? [];
  if (before !== undefined && name !== undefined && !OF_AWS.has(before)) return objectOf(before, name, from ?? option);
  const [, word = '', spacedName, namespace] = spaced ?? [];
  if (spacedName === undefined || builtInResource(word) === undefined) return undefined;
  return objectOf(word, spacedName, namespace);
}

/** Returns the object of a resource, or else of a namespace. A custom resource is known by its group: kubectl writes its singular. */
function objectOf(before: string, name: string, namespace: string | undefined): StatedObject {
  const [resource, ...group] = (builtInResource(before) ?? '').split('.');
  const [, ...customGroup] = before.split('.');
  const isKnown = resource !== undefined && resource !== '';
  const apiGroup = (isKnown ? group : customGroup).join('.') || undefined;
  const isNamespace = !isKnown && apiGroup === undefined;
  return present<StatedObject>({
    apiGroup,
    resource: isKnown ? resource : undefined,
    namespace: isNamespace ? before : namespace,
    name,
  });
}

/**
 * Matches what the API server says of an object. Source: k8s.io/apimachinery, pkg/api/errors/errors.go, `NewNotFound`,
 * `NewAlreadyExists`, `NewConflict`, `NewForbidden`, `NewInvalid`.
 */
const ERRORS: readonly (readonly [pattern: RegExp, code?: number])[] = [
  [/(?:^|[\s(])([a-z][a-z0-9]{0,62}(?:\.[a-z0-9.-]{1,253})?) "([^"\s]{1,253})" (?:not found|already exists)(?![\w"])/],
  [/Operation cannot be fulfilled on ([a-z][a-z0-9]{0,62}(?:\.[a-z0-9.-]{1,253})?) "([^"\s]{1,253})"/],
  [/(?:^|[\s(])([a-z][a-z0-9]{0,62}(?:\.[a-z0-9.-]{1,253})?) "([^"\s]{1,253})" is forbidden(?![\w"])/, 403],
];

/**
 * Returns the object of an error of the API server, which kubectl repeats: `Error from server (NotFound): pods "web-0" not found`.
 * It states no user. What an error says of an object that is gone, exists or was changed leads to every request to that object: to the
 * one that was refused, and to those that deleted, created or changed it.
 */
export function objectErrorForm(line: string): Form | undefined {
  for (const [pattern, code] of ERRORS) {
    const [, type, name] = pattern.exec(line) ?? [];
    const request = type === undefined || name === undefined ? undefined : requestTo(type, name);
    if (request !== undefined) return formOf(givenCircumstances({ request, code }));
  }
  return undefined;
}

/**
 * Matches what kubectl drain says of a pod: that it evicts it, and that a disruption budget (429) or something else kept it from that.
 * Source: k8s.io/kubectl, pkg/drain/drain.go, `evictPods`.
 */
const EVICTING = new RegExp(`^\\s{0,8}evicting pod (${NAMESPACE})/(${NAME})\\s{0,8}$`);
const NOT_EVICTED = new RegExp(
  `(?:^|\\s)error when evicting pods[/ ]"(${NAME})" -n "(${NAMESPACE})"( \\(will retry after \\d{1,4}s\\))?: `,
);

/** Returns the eviction that a line of kubectl drain is about. It states no user. */
export function evictionForm(line: string): Form | undefined {
  const [, namespace, name] = EVICTING.exec(line) ?? [];
  if (name !== undefined) return outputOf(evictionOf(name, namespace));
  const [, failed, of, retry] = NOT_EVICTED.exec(line) ?? [];
  const code = retry === undefined ? undefined : 429; // kubectl tries again only after a 429.
  return failed === undefined ? undefined : formOf(givenCircumstances({ request: evictionOf(failed, of), code }));
}

/** Matches a row of `kubectl get events`: age, type, reason, object, message. The age does not say when that was. */
const EVENT_ROW = new RegExp(
  `^(?:\\S{1,63}\\s+)?\\S{1,40}\\s+(?:Normal|Warning)\\s+[A-Z]\\w{1,60}\\s+([a-z][a-z0-9.]{0,252}/${NAME})\\s`,
);

/** Returns the object of a row of `kubectl get events`. Its message is not read. */
export function eventRowForm(line: string): Form | undefined {
  const request = objectIn(EVENT_ROW.exec(line)?.[1] ?? '');
  return request && form('kubernetes-event', [{ by: 'request', circumstances: { request } }]);
}

function evictionOf(name: string, namespace: string | undefined): AuditRequest {
  return present<AuditRequest>({
    verb: 'create',
    uri: undefined,
    apiGroup: undefined,
    resource: 'pods',
    subresource: 'eviction',
    namespace,
    name,
  });
}

/** Matches what kubectl did to an object, within a line: `pod "web-0" deleted in namespace shop`. */
const DONE_WITHIN = new RegExp(
  `(?:^|[\\s(:])([a-z][a-z0-9]{0,62}(?:\\.[a-z0-9.-]{1,253})?) "(${NAME})" (?:force )?(?:deleted|evicted|created|configured)(?![\\w"-])` +
    `(?: from (${NAMESPACE}) namespace| in namespace (${NAMESPACE}))?`,
  'g',
);
/** The longest line that is read for them. */
const LONGEST_LINE = 16_384;
/** Limits the objects that are read of one line. */
const MOST_IN_LINE = 100;

/** Returns the objects that kubectl did something to, as a line says within other text. Anybody can have written it. */
export function doneForms(line: string): readonly Form[] {
  const found = line.length > LONGEST_LINE ? [] : [...line.matchAll(DONE_WITHIN)].slice(0, MOST_IN_LINE);
  return found.flatMap(([, type = '', name = '', from, inside]) => {
    const request = requestTo(type, name);
    const namespace = from ?? inside;
    return request === undefined ? [] : outputOf({ ...request, ...(namespace !== undefined && { namespace }) });
  });
}

/** Returns the object of an API server's `Status` by its details, if the sentence in it says less. */
export function statusForm(status: JsonObject): Form | undefined {
  const details = objectAt(status, 'details');
  const [kind, name] = [filledTextAt(details, 'kind'), filledTextAt(details, 'name')];
  if (kind === undefined || name === undefined) return undefined;
  const group = filledTextAt(details, 'group');
  const request = requestTo(group === undefined ? kind : `${kind}.${group}`, name);
  return request && formOf(givenCircumstances({ request, code: status.code === 403 ? 403 : undefined }));
}

function requestTo(type: string, name: string): AuditRequest | undefined {
  const known = builtInResource(type);
  if (known === undefined && !type.includes('.')) return undefined;
  const [resource, ...group] = (known ?? type).split('.');
  return present<AuditRequest>({
    verb: undefined,
    uri: undefined,
    apiGroup: group.join('.'),
    resource,
    subresource: undefined,
    namespace: undefined,
    name,
  });
}

function outputOf(request: AuditRequest): Form {
  return form('kubectl-output', [{ by: 'request', circumstances: { request } }]);
}

function formOf(circumstances: Circumstances): Form {
  return form('refused-request', [{ by: 'request', circumstances }]);
}

/** Matches a request by its path: with a method or verb before it, with a host, with what a log of HTTP has behind it. */
const REQUEST_LINE =
  /^(?:([A-Za-z]{3,16})\s+)?(?:https?:\/\/[^\s/?#]{1,260})?(\/[^\s"]{0,8192})(?:\s+HTTP\/[\d.]{1,4})?"?(?:\s+([1-5]\d\d)(?:\s.{0,200})?)?$/;
/** Paths of an API server: of resources, and the others that clients ask for. */
const OF_API_SERVER = /^\/(?:apis?|healthz|livez|readyz|version|openapi|openid|metrics|\.well-known)(?:[/?]|$)/;
const METHOD = /^(?:get|head|post|put|patch|delete|options)$/i;
const VERB = /^(?:list|watch|create|update|deletecollection)$/;

/** Returns the request of a path of the API server: `GET /api/v1/pods?limit=500`, `https://HOST/apis/apps/v1/deployments`. */
export function pathRequest(text: string): Circumstances | undefined {
  const [, word, uri, code] = REQUEST_LINE.exec(text.replace(/^"/, '')) ?? [];
  if (uri === undefined || (word !== undefined && !METHOD.test(word) && !VERB.test(word))) return undefined;
  if (word === undefined && !OF_API_SERVER.test(uri)) return undefined;
  const verb = word !== undefined && METHOD.test(word) ? word.toUpperCase() : word;
  return givenCircumstances({
    request: { ...(verb !== undefined && { verb }), uri },
    code: code === undefined ? undefined : Number(code),
  });
}
