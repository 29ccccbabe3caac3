import { filledTextAt, isJsonObject, type JsonObject, listAt, objectAt, textAt } from '../json.ts';
import { quoted } from '../shell.ts';
import { epochMillis, formatInstant, parseInstant, SECOND } from '../time.ts';
import { maskedWords } from './secrets.ts';

/**
 * What a request did, beyond its verb and its object (CONTRACT, 10.5). No other part of the request and response bodies
 * is read, except `created` of an audit event.
 * Trust: the caller chose all of it, except `endedAt`, `credentialId`, and the `expiresAt` of a response.
 */
export interface RequestAction {
  /** The command of exec, quoted for a shell, with its secrets masked. */
  readonly command?: string | undefined;
  /** The container of exec or attach. */
  readonly container?: string | undefined;
  /** The time at which the connection of exec or attach ended. Absent if it was refused, and in earlier stages. */
  readonly endedAt?: string | undefined;
  /** The ports of port-forward, if its URI states them. */
  readonly ports?: readonly number[] | undefined;
  /** The audiences of an issued token. */
  readonly audiences?: readonly string[] | undefined;
  /** The time at which an issued token expires. */
  readonly expiresAt?: string | undefined;
  /**
   * The ID of the token that the request issued, `JTI=<uuid>`. Requests that are made with the token have it as their
   * `credentialId`.
   */
  readonly credentialId?: string | undefined;
  /** The object to which an issued token is bound, for example `Pod/web-0`. */
  readonly boundTo?: string | undefined;
  /** The role that a binding gives, for example `ClusterRole/cluster-admin`. */
  readonly role?: string | undefined;
  /**
   * The subjects to which a binding gives the role: `User/alice`, `Group/system:masters`, `ServiceAccount/shop:web`.
   */
  readonly subjects?: readonly string[] | undefined;
  /** The number of subjects beyond the limit. */
  readonly subjectsLeftOut?: number | undefined;
}

/** The maximum number of entries of each list. */
export const MOST_LISTED = { ports: 16, audiences: 8, subjects: 16 } as const;

/**
 * Returns what the event says about its action. Undefined if it says nothing.
 * @param credentialId the ID of the issued token, as the event's annotations state it.
 */
export function requestActionOf(event: JsonObject, credentialId?: string): RequestAction | undefined {
  const object = objectAt(event, 'objectRef');
  const resource = textAt(object, 'resource');
  const subresource = filledTextAt(object, 'subresource');
  switch (subresource === undefined ? resource : `${resource}/${subresource}`) {
    case 'pods/exec':
    case 'pods/attach':
      return orNothing({ ...actionOfUri(textAt(event, 'requestURI')), endedAt: endOf(event) });
    case 'pods/portforward':
    case 'nodes/proxy':
      return actionOfUri(textAt(event, 'requestURI'));
    case 'serviceaccounts/token':
      return textAt(event, 'verb') === 'create' ? tokenAction(event, credentialId) : undefined;
    case 'rolebindings':
    case 'clusterrolebindings':
      return bindingAction(event);
    default:
      return undefined;
  }
}

/** Returns the URI with the secrets of its command masked. Any other URI stays as it is. */
export function maskedUri(uri: string): string;
export function maskedUri(uri: string | undefined): string | undefined;
export function maskedUri(uri: string | undefined): string | undefined {
  const begin = uri?.indexOf('?') ?? -1;
  if (uri === undefined || begin < 0 || !/[?&](?:c|%[46]3)/i.test(uri)) return uri;
  const pairs = pairsOf(uri.slice(begin + 1));
  const words = wordsOf(pairs);
  const masked = maskedWords(words);
  let at = 0;
  const written = pairs.map(({ key, text }) => {
    if (!isCommand(key)) return text;
    const [word, after = ''] = [words[at], masked[at]];
    at += 1;
    return word === after ? text : `${key}=${encodeURIComponent(after)}`;
  });
  return `${uri.slice(0, begin)}?${written.join('&')}`;
}

interface QueryPair {
  readonly key: string;
  readonly value: string;
  /** The text as it was written. */
  readonly text: string;
}

function pairsOf(query: string): readonly QueryPair[] {
  return query.split('&').map((text) => {
    const end = text.indexOf('=');
    const key = end < 0 ? text : text.slice(0, end);
    return { key: decode(key), value: end < 0 ? '' : decode(text.slice(end + 1)), text };
  });
}

/** Decodes the text as far as possible. A text with a broken escape stays readable. */
function decode(text: string): string {
  return text.replaceAll('+', ' ').replace(/(?:%[0-9A-Fa-f]{2})+/g, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes;
    }
  });
}

/**
 * Returns whether the parameter is a word of a command. The command is that of an exec, or of the kubelet's `/run`
 * behind a node's proxy.
 */
function isCommand(key: string): boolean {
  return key === 'command' || key === 'cmd';
}

function wordsOf(pairs: readonly QueryPair[]): readonly string[] {
  return pairs.flatMap(({ key, value }) => (isCommand(key) ? [value] : []));
}

function actionOfUri(uri = ''): RequestAction | undefined {
  const begin = uri.indexOf('?');
  if (begin < 0) return undefined;
  const pairs = pairsOf(uri.slice(begin + 1));
  const words = maskedWords(wordsOf(pairs));
  const valuesOf = (name: string) => pairs.flatMap(({ key, value }) => (key === name ? value.split(',') : []));
  const ports = valuesOf('ports').map(Number).filter(isPort);
  return orNothing({
    command: words.map(quotedWord).join(' ') || undefined,
    container: valuesOf('container')[0] || undefined,
    ports: ports.length === 0 ? undefined : ports.slice(0, MOST_LISTED.ports),
  });
}

/** The stages that end a request (Kubernetes, audit.k8s.io/v1, "Stage"). */
const LAST_STAGES: readonly (string | undefined)[] = ['ResponseComplete', 'Panic'];

/**
 * Returns the time at which the connection ended, which is that of the last stage. Undefined if the request was
 * refused.
 */
function endOf(event: JsonObject): string | undefined {
  const code = objectAt(event, 'responseStatus')?.code;
  const isRefused = typeof code === 'number' && code >= 400;
  return isRefused || !LAST_STAGES.includes(textAt(event, 'stage')) ? undefined : filledTextAt(event, 'stageTimestamp');
}

/** Quotes a word for a shell. A masked word needs no quotes, because nobody can run it. */
function quotedWord(word: string): string {
  return /^[\w@%+=:,./*-]+$/.test(word) ? word : quoted(word);
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port < 65_536;
}

/**
 * Returns for what a token was issued, and when it expires. This comes from `spec` of the response or of the request,
 * whichever the log has.
 */
function tokenAction(event: JsonObject, credentialId: string | undefined): RequestAction | undefined {
  const [request, response] = [objectAt(event, 'requestObject'), objectAt(event, 'responseObject')];
  const spec = objectAt(request, 'spec') ?? objectAt(response, 'spec');
  const audiences = (listAt(spec, 'audiences') ?? []).filter((each) => typeof each === 'string');
  return orNothing({
    audiences: audiences.length === 0 ? undefined : audiences.slice(0, MOST_LISTED.audiences),
    expiresAt: filledTextAt(objectAt(response, 'status'), 'expirationTimestamp') ?? expiryOf(event, spec),
    credentialId: wasRefused(event) ? undefined : credentialId,
    boundTo: kindAndName(objectAt(spec, 'boundObjectRef')),
  });
}

/** Returns whether the response says that no token was issued. */
function wasRefused(event: JsonObject): boolean {
  const code = objectAt(event, 'responseStatus')?.code;
  return typeof code === 'number' && code >= 300;
}

/** Returns when a token of the requested duration expires. The API server may issue it for another duration. */
function expiryOf(event: JsonObject, spec: JsonObject | undefined): string | undefined {
  const at = parseInstant(filledTextAt(event, 'requestReceivedTimestamp') ?? '');
  const seconds = spec?.expirationSeconds;
  if (at === undefined || typeof seconds !== 'number' || !(seconds > 0 && seconds < 1e10)) return undefined;
  return formatInstant(epochMillis(Math.floor((at + seconds * SECOND) / SECOND) * SECOND));
}

/**
 * Returns what a binding gives, from the response or else from the request. The request of a patch may have only a part
 * of it.
 */
function bindingAction(event: JsonObject): RequestAction | undefined {
  const bodies = [objectAt(event, 'responseObject'), objectAt(event, 'requestObject')];
  const body = bodies.find((each) => objectAt(each, 'roleRef') !== undefined || listAt(each, 'subjects') !== undefined);
  const subjects = (listAt(body, 'subjects') ?? []).flatMap(subjectText);
  const left = subjects.length - MOST_LISTED.subjects;
  return orNothing({
    role: kindAndName(objectAt(body, 'roleRef')),
    subjects: subjects.length === 0 ? undefined : subjects.slice(0, MOST_LISTED.subjects),
    subjectsLeftOut: left > 0 ? left : undefined,
  });
}

/**
 * Returns a subject of a binding in words: `User/alice`, `ServiceAccount/shop:web`. The list is empty if the value is
 * no subject.
 */
export function subjectText(subject: unknown): readonly string[] {
  if (!isJsonObject(subject)) return [];
  const namespace = filledTextAt(subject, 'namespace');
  const [kind, name] = [filledTextAt(subject, 'kind'), filledTextAt(subject, 'name')];
  if (kind === undefined || name === undefined) return [];
  return [`${kind}/${kind === 'ServiceAccount' && namespace !== undefined ? `${namespace}:` : ''}${name}`];
}

function kindAndName(object: JsonObject | undefined): string | undefined {
  const [kind, name] = [filledTextAt(object, 'kind'), filledTextAt(object, 'name')];
  return kind === undefined || name === undefined ? undefined : `${kind}/${name}`;
}

function orNothing(action: RequestAction): RequestAction | undefined {
  return Object.values(action).some((value) => value !== undefined) ? action : undefined;
}

/**
 * Returns the action in words. Empty if there is none. Escape it before display.
 * @example `sh -c id in container web`, `ports 8080, 9090`, `ClusterRole/cluster-admin to User/alice`
 */
export function actionText(action: RequestAction | undefined): string {
  if (action === undefined) return '';
  const { command, container, ports, audiences, expiresAt, boundTo, role, subjects, subjectsLeftOut } = action;
  const to = subjects && [...subjects, ...(subjectsLeftOut === undefined ? [] : [`${subjectsLeftOut} others`])];
  const parts: readonly (readonly [words: string, value: string | undefined])[] = [
    ['', command],
    ['in container ', container],
    [ports?.length === 1 ? 'port ' : 'ports ', ports?.join(', ')],
    ['for ', audiences?.join(', ')],
    ['until ', expiresAt],
    ['bound to ', boundTo],
    ['', role],
    ['to ', to?.join(', ')],
  ];
  return parts.flatMap(([words, value]) => (value === undefined ? [] : [`${words}${value}`])).join(' ');
}
