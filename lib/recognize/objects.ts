import type { AuditRequest } from '../audit/audit-event.ts';
import { builtInResource } from '../audit/resource-words.ts';
import { filledTextAt, type JsonObject, objectAt, present } from '../json.ts';
import { parseInstant } from '../time.ts';
import { givenCircumstances } from './events.ts';
import { type Form, form } from './form-collector.ts';
import { beforeEvent, NOTE_ON_AGES, NOTE_ON_EVENTS, resourceOfKind } from './kubernetes-events.ts';
import type { Circumstances } from './subject.ts';

/** The names of most objects, by DNS-1123. */
const NAME = '[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?';
const NAMESPACE = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
/** Matches the word by which kubectl says what it did, and the namespace after it. */
const DONE = `(?: (?:force )?([a-z-]{1,20}))?(?: from (${NAMESPACE}) namespace| (?:(?:-n|--namespace)[ =]|in (?:namespace )?)(${NAMESPACE}))?`;
const SLASHED = new RegExp(`^([a-z][a-z0-9.-]{0,252})/(${NAME})${DONE}$`);
const QUOTED = new RegExp(`^([a-z][a-z0-9.]{0,252}) "(${NAME})"${DONE}$`);
const SPACED = new RegExp(
  `^([a-z][a-z0-9.]{0,252}) (${NAME})(?: (?:(?:-n|--namespace)[ =]|(?:in|from) (?:the )?(?:namespace )?)(${NAMESPACE})(?: namespace)?)?$`,
);
/** Words before a `/` that belong to ARNs and are not types of objects. */
const OF_AWS = new Set(['assumed-role', 'federated-user', 'role', 'user']);

/**
 * For each word by which kubectl says what it did, the verb. `change` and `remove` stand for several verbs (see
 * short-questions.ts). An object that is `unchanged` was only read.
 */
const DONE_VERBS: ReadonlyMap<string, string> = new Map(
  [
    ['remove', 'deleted'],
    ['create', 'created exposed autoscaled'],
    ['patch', 'patched'],
    ['GET', 'unchanged'],
    [
      'change',
      'configured replaced edited scaled restarted paused resumed labeled unlabeled annotated serverside-applied cordoned uncordoned ' +
        'drained tainted untainted approved denied',
    ],
  ].flatMap(([verb = '', words = '']) => words.split(' ').map((word) => [word, verb] as const)),
);

/** A Kubernetes object as a text names it, and what was done to it. */
export type StatedObject = Pick<AuditRequest, 'apiGroup' | 'resource' | 'namespace' | 'subresource' | 'verb'> & {
  readonly name: string;
};

/** Matches a kind before a name: `Deployment/web`, `Deployment web`. */
const KIND = /^[A-Z][A-Za-z]{2,60}(?=[ /])/;

/**
 * Returns the object that a text names. It accepts what people, controllers and kubectl write: `pod/web-0`,
 * `Pod/web-0`, `pod web-0 -n shop`, `shop/web-0`, `deployment.apps/web scaled`, `pod "web-0" deleted`. Undefined for
 * any other text.
 */
export function objectIn(given: string): StatedObject | undefined {
  const text = given.replace(KIND, (kind) => (builtInResource(kind) === undefined ? kind : kind.toLowerCase()));
  const spaced = SPACED.exec(text);
  const [, before, name, done, from, option] = SLASHED.exec(text) ?? QUOTED.exec(text) ?? [];
  if (before !== undefined && name !== undefined && !OF_AWS.has(before))
    return { ...objectOf(before, name, from ?? option), ...deedOf(done) };
  const [, word = '', spacedName, namespace] = spaced ?? [];
  if (spacedName === undefined || builtInResource(word) === undefined) return undefined;
  if (namespace !== undefined && DONE_VERBS.has(spacedName)) return undefined; // In "pods deleted in shop", the second word is not a name.
  return objectOf(word, spacedName, namespace);
}

/** Returns the verb and the subresource for a word by which kubectl says what it did. Empty for any other word. */
function deedOf(done: string | undefined): Pick<AuditRequest, 'verb' | 'subresource'> {
  if (done === 'evicted') return { verb: 'create', subresource: 'eviction' };
  const verb = DONE_VERBS.get(done ?? '');
  return verb === undefined ? {} : { verb };
}

/**
 * Returns the object with this name. The word before it is a resource or, if no resource has that name, a namespace.
 * For a custom resource only the group is used: kubectl writes its singular, but requests have its plural.
 */
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

const FORBIDDEN = /(?:^|[\s(])([a-z][a-z0-9]{0,62}(?:\.[a-z0-9.-]{1,253})?) "([^"\s]{1,253})" is forbidden(?![\w"])/;
/**
 * Patterns for errors of the API server about an object. Source: k8s.io/apimachinery, pkg/api/errors/errors.go,
 * `NewNotFound`, `NewAlreadyExists`, `NewConflict`, `NewForbidden`, `NewInvalid`.
 */
const ERRORS: readonly (readonly [pattern: RegExp, stated?: { readonly code?: number; readonly verb?: string }])[] = [
  [/(?:^|[\s(])([a-z][a-z0-9]{0,62}(?:\.[a-z0-9.-]{1,253})?) "([^"\s]{1,253})" (?:not found|already exists)(?![\w"])/],
  [
    /Operation cannot be fulfilled on ([a-z][a-z0-9]{0,62}(?:\.[a-z0-9.-]{1,253})?) "([^"\s]{1,253})"/,
    { verb: 'modify' },
  ],
  [FORBIDDEN, { code: 403 }],
];

/**
 * Returns the object in `pods "web-0" is forbidden: …`, and the index at which the reason begins. Undefined if the line
 * names no object.
 */
export function forbiddenObject(line: string): { readonly request: AuditRequest; readonly end: number } | undefined {
  const match = FORBIDDEN.exec(line);
  const [, type = '', name = ''] = match ?? [];
  const request = match === null ? undefined : requestTo(type, name);
  return match === null || request === undefined ? undefined : { request, end: match.index + match[0].length };
}

/**
 * Returns the object in an error of the API server, which kubectl repeats: `Error from server (NotFound): pods "web-0"
 * not found`. The error states no user. If the object is gone or already exists, any request to it can be meant: the
 * refused one, or the one that deleted or created the object. If the object was changed (a conflict), only writes can
 * be meant.
 */
export function objectErrorForm(line: string): Form | undefined {
  for (const [pattern, { verb, code } = {}] of ERRORS) {
    const [, type, name] = pattern.exec(line) ?? [];
    const object = type === undefined || name === undefined ? undefined : requestTo(type, name);
    const request = object && { ...object, ...(verb !== undefined && { verb }) };
    if (request !== undefined) return formOf(givenCircumstances({ request, code }));
  }
  return undefined;
}

/** Matches the kind, the namespace and the name of the object in a denial by Kyverno (FACTS, "Findings"). */
const BLOCKED = new RegExp(`(?:^|\\s)resource ([A-Z][A-Za-z0-9]{1,62})/(${NAMESPACE})?/(${NAME}) was blocked due to`);
/** Matches the denial of any other webhook. Source: k8s.io/apiserver, pkg/admission/plugin/webhook/errors/statuserror.go, `ToStatusErr`. */
const DENIED = /admission webhook "[^"]{1,253}" denied the request/;
/** The response codes for the words in kubectl's errors. */
const CODES: Readonly<Record<string, number>> = { BadRequest: 400, Forbidden: 403 };
const WHEN_DOING = /error when (creat|patch|replac|delet)ing "/;
const DOING: Readonly<Record<string, string>> = { creat: 'create', patch: 'patch', replac: 'update', delet: 'delete' };

/** Returns the request that a policy of Kyverno blocked. Only its object is known. */
export function blockedForm(line: string): Form | undefined {
  const [, kind, namespace, name] = BLOCKED.exec(line) ?? [];
  if (kind === undefined || name === undefined) return undefined;
  const resource = resourceOfKind(kind);
  const request = { ...(resource !== undefined && { resource }), ...(namespace !== undefined && { namespace }), name };
  return form('refused-request', [{ by: 'request', circumstances: { request } }], [NOTE_ON_WEBHOOKS]);
}

/** Returns a request that an admission webhook denied. Only its response code and its verb are known. */
export function deniedForm(line: string): Form | undefined {
  if (!DENIED.test(line)) return undefined;
  const code = CODES[/Error from server \((\w{1,40})\)/.exec(line)?.[1] ?? ''];
  const verb = DOING[WHEN_DOING.exec(line)?.[1] ?? ''];
  if (code === undefined && verb === undefined) return undefined;
  return formOf(givenCircumstances({ ...(verb !== undefined && { request: { verb } }), code }));
}

const NOTE_ON_WEBHOOKS =
  'An admission webhook denied the request, so its response code is 400 or higher. Requests to this object that succeeded are listed too: ' +
  'a policy can also report a request without denying it.';

/**
 * Matches the lines of `kubectl drain` about a pod. `EVICTING` says that the pod is being evicted, `NOT_EVICTED` that a
 * disruption budget (429) or something else prevented it. Source: k8s.io/kubectl, pkg/drain/drain.go, `evictPods`.
 */
const EVICTING = new RegExp(`^\\s{0,8}evicting pod (${NAMESPACE})/(${NAME})\\s{0,8}$`);
const NOT_EVICTED = new RegExp(
  `(?:^|\\s)error when evicting pods[/ ]"(${NAME})" -n "(${NAMESPACE})"( \\(will retry after \\d{1,4}s\\))?: `,
);

/** Returns the eviction that a line of `kubectl drain` is about. The line states no user. */
export function evictionForm(line: string): Form | undefined {
  const [, namespace, name] = EVICTING.exec(line) ?? [];
  if (name !== undefined) return outputOf(evictionOf(name, namespace));
  const [, failed, of, retry] = NOT_EVICTED.exec(line) ?? [];
  const code = retry === undefined ? undefined : 429; // kubectl says that it retries only after a 429.
  return failed === undefined ? undefined : formOf(givenCircumstances({ request: evictionOf(failed, of), code }));
}

/** Matches the age or the time of an event, as kubectl prints it: `4m12s`, `5m (x3 over 10m)`, `2026-03-10T12:00:03Z`. */
const AGE = '(?:\\d{1,5}[smhdy]){1,3}|<\\w{1,20}>|\\d{4}-\\d\\d-\\d\\dT[\\d:.]{8,18}(?:Z|[+-]\\d\\d:\\d\\d)';
/** Matches a row of `kubectl get events`: namespace, age, type, reason, object, message. */
const EVENT_ROW = new RegExp(
  `^\\s{0,8}(?:(${NAMESPACE})\\s+)?(${AGE})(?: \\(x\\d{1,9} over \\S{1,20}\\))?\\s+(?:Normal|Warning)\\s+([A-Z]\\w{1,60})\\s+` +
    `([a-z][a-z0-9.]{0,252}/${NAME})(?:\\s|$)`,
);

/** Returns the object in a row of `kubectl get events`, with its time if the row has one instead of an age. The message is not read. */
export function eventRowForm(line: string): Form | undefined {
  const [, namespace, age = '', finding, what = ''] = EVENT_ROW.exec(line) ?? [];
  const object = objectIn(what);
  if (object === undefined) return undefined;
  const at = parseInstant(age);
  const since = at && beforeEvent(at);
  const request = { ...object, ...(namespace !== undefined && { namespace }) };
  const circumstances = givenCircumstances({ at, since, request, finding });
  return form(
    'kubernetes-event',
    [{ by: 'request', circumstances }],
    [at === undefined ? NOTE_ON_AGES : NOTE_ON_EVENTS],
  );
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

/** Matches, anywhere in a line, what kubectl did to an object: `pod "web-0" deleted in namespace shop`. */
const DONE_WITHIN = new RegExp(
  `(?:^|[\\s(:>])([a-z][a-z0-9]{0,62}(?:\\.[a-z0-9.-]{1,253})?)(?: "(${NAME})"|/(${NAME})) (?:force )?` +
    `(${[...DONE_VERBS.keys(), 'evicted'].join('|')})(?![\\w"-])(?: from (${NAMESPACE}) namespace| in namespace (${NAMESPACE}))?`,
  'g',
);
/** The maximum number of characters of a line that is searched for what kubectl did. */
const LONGEST_LINE = 16_384;
/** The maximum number of objects that are read from one line. */
const MOST_IN_LINE = 100;

/** Returns what kubectl did to which objects, from a line that can have other text. Anybody can have written the line. */
export function doneForms(line: string): readonly Form[] {
  const found = line.length > LONGEST_LINE ? [] : [...line.matchAll(DONE_WITHIN)].slice(0, MOST_IN_LINE);
  return found.flatMap(([, type = '', quoted, slashed, done, from, inside]) => {
    const request = requestTo(type, quoted ?? slashed ?? '');
    const namespace = from ?? inside;
    const stated = { ...deedOf(done), ...(namespace !== undefined && { namespace }) };
    return request === undefined ? [] : outputOf({ ...request, ...stated });
  });
}

/** Returns the object in the details of an API server's `Status`. Undefined if there is none. */
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

/**
 * Matches a line with the path of a request. A verb or an HTTP method and a host can come before it, the rest of a line
 * of an HTTP log after it.
 */
const REQUEST_LINE =
  /^(?:([A-Za-z]{3,16})\s+)?(?:https?:\/\/[^\s/?#]{1,260})?(\/[^\s"]{0,8192})(?:\s+HTTP\/[\d.]{1,4})?"?(?:\s+([1-5]\d\d)(?:\s.{0,200})?)?$/;
/** Matches paths of an API server: those of resources, and others that clients request. */
const OF_API_SERVER = /^\/(?:apis?|healthz|livez|readyz|version|openapi|openid|metrics|\.well-known)(?:[/?]|$)/;
const METHOD = /^(?:get|head|post|put|patch|delete|options)$/i;
const VERB = /^(?:list|watch|create|update|deletecollection)$/;

/**
 * Returns the request to a path of the API server: `GET /api/v1/pods?limit=500`,
 * `https://HOST/apis/apps/v1/deployments`. Undefined for any other text.
 */
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
