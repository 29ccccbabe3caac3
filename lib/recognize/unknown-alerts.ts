import type { AuditRequest } from '../audit/audit-event.ts';
import { builtInResource } from '../audit/resource-words.ts';
import { clusterOfLogGroup } from '../envelopes/log-group.ts';
import { clusterRef } from '../identity/cluster.ts';
import { isJsonObject, type JsonObject, parseJson, present } from '../json.ts';
import { epochMillis } from '../time.ts';
import { isOfPods, subjectOfStartedProcess } from './alerts.ts';
import { subjectOfPrincipal, subjectOfUsername } from './callers.ts';
import { givenCircumstances } from './events.ts';
import {
  ELSEWHERE,
  type Field,
  fieldAt,
  isChosenByCallers,
  nameWithinFunction,
  plainName,
  plainWord,
} from './field-names.ts';
import { type Form, form } from './form-collector.ts';
import { distinctForm, isUuid } from './forms.ts';
import { statesRequest } from './loose-words.ts';
import { anyVerb, type Circumstances, type Subject } from './subject.ts';
import { HTTP_DATE, httpDate, statedTime } from './written-times.ts';

/**
 * For each field (see field-names.ts), the part of an alert that it states. Some fields are ambiguous: `time` can also
 * be when the alert was written.
 */
const PART_OF_FIELD = {
  auditId: 'auditId',
  verb: 'verb',
  action: 'verb',
  uri: 'uri',
  resource: 'resource',
  subresource: 'subresource',
  name: 'name',
  namespace: 'namespace',
  pod: 'pod',
  cluster: 'cluster',
  sourceIp: 'ip',
  username: 'user',
  principalId: 'user',
  userAgent: 'userAgent',
  code: 'code',
  first: 'first',
  last: 'last',
  requested: 'time',
  original: 'time',
  time: 'written',
  written: 'written',
} as const satisfies Partial<Record<Field, string>>;

/** Further names of fields, which count only in JSON alerts. */
const OTHER_NAMES = {
  command: 'command cmd cmdline commandline processcommandline processcmdline proccmdline processcmd',
  parent: 'parentprocess parentprocessname processparentname procpname parentname',
  finding: 'rulename policyname alertname controlname eventtypecode detailtype',
  title: 'title',
} as const;

/** A part of an alert: one detail of its request or caller. */
type Part = (typeof PART_OF_FIELD)[keyof typeof PART_OF_FIELD] | keyof typeof OTHER_NAMES;

const PART_OF: ReadonlyMap<string, Part> = new Map(
  Object.entries(OTHER_NAMES).flatMap(([part, names]) => names.split(' ').map((name) => [name, part as Part] as const)),
);

/** Matches the field in which Wiz has the rule that forwarded the alert. That rule says nothing about the request. */
const FORWARDING = /^trigger$/;
const OF_USER = /^(?:user|usr|actor|caller|principal|identity)/;
/** Matches names of fields with what the caller wrote. IDs in such fields do not identify the caller. */
const BODY = /^(?:requestobject|responseobject|requestparameters|responseelements)$/;
const IDS_OF_CALLER: readonly (Field | undefined)[] = ['accessKeyId', 'uid', 'arn', 'role', 'principalId', 'username'];
const OF_CLIENT: readonly (Part | undefined)[] = ['userAgent', 'uri', 'command', 'parent', 'name', 'pod', 'namespace'];
/** Types of objects whose names mean something else in other tools. */
const OF_OTHERS = new Set(
  'role roles event events service services limits quota node nodes namespace namespaces'.split(' '),
);
const NO_VALUE = /^(?:|-|n\/a|<na>|null|none|unknown|root)$/i;
const OBJECT_NAME = /^[a-z0-9](?:[a-z0-9.:-]{0,251}[a-z0-9])?$/;
const ADDRESS = /^(?:(?:\d{1,3}\.){3}\d{1,3}|(?=.*:.*:)[0-9a-f:.]{3,45})$/i;
const VERB = /^(?:get|list|watch|create|update|patch|delete|deletecollection|GET|POST|PUT|PATCH|DELETE)$/;
const CALLER = /^(?:arn:|A[KS]IA|AROA|AIDA|aws-iam-authenticator:)/;

/** The maximum number of values that are read. `MOST_LEVELS` is the maximum depth. */
const MOST_VALUES = 2_000;
const MOST_LEVELS = 12;
const LONGEST = 2_048;

/** Collects the values of each part of an alert with the names of their fields, and IDs of callers from any field. */
class StatedParts {
  readonly #values = new Map<Part, Map<string, string>>();
  /** The IDs of callers. `isOfUser` says whether the ID was in a field about a user. */
  readonly callers = new Map<string, { readonly subject: Subject; readonly isOfUser: boolean }>();
  left = MOST_VALUES;

  add(part: Part, value: string, field: string): void {
    const values = this.#values.get(part) ?? new Map<string, string>();
    this.#values.set(part, values.set(value, values.get(value) ?? field));
  }

  all(part: Part): readonly string[] {
    return [...(this.#values.get(part)?.keys() ?? [])];
  }

  /** Returns the value of a part. Undefined if it has none or several. */
  only(part: Part): string | undefined {
    const [value, ...others] = this.all(part);
    return others.length === 0 ? value : undefined;
  }

  /** Returns a sentence that names the fields with several values. None of these values counts. */
  note(): string | undefined {
    const several = [...this.#values].filter(([part, { size }]) => size > 1 && !NOT_SAID.includes(part));
    const fields = new Set(several.flatMap(([, values]) => [...values.values()]));
    return fields.size === 0
      ? undefined
      : `Not used, because they have several values: ${[...fields].slice(0, 10).join(', ')}.`;
  }
}

/** Parts for which several values are no problem: they are a time range, alternatives, or details that are not used. */
const NOT_SAID: readonly Part[] = ['verb', 'first', 'last', 'time', 'written', 'finding', 'title', 'user', 'parent'];

/**
 * Returns what an alert of an unknown tool states, by the names of its fields at any depth, including JSON inside
 * texts. A part with several values does not count. A UUID counts only in a field for audit IDs, because any other can
 * be the ID of the alert. Undefined if the alert states neither a caller nor a request.
 * Trust: none. Anybody can have written the text.
 */
export function unknownAlertForm(value: unknown): Form | undefined {
  const parts = new StatedParts();
  readValue(value, [], parts);
  const circumstances = circumstancesOf(parts);
  const isOfProcess = parts.only('pod') !== undefined && parts.all('command').length > 0;
  const process = isOfProcess ? subjectOfUnknownProcess(parts, circumstances) : undefined;
  const subjects = process === undefined ? subjectsOf(parts, circumstances) : [process];
  const note = parts.note();
  return subjects.length === 0
    ? undefined
    : { ...form('unknown-alert', subjects, note === undefined ? [NAMES_READ] : [NAMES_READ, note]), reading: 'each' };
}

const NAMES_READ =
  'eks-whois has no rules of its own for alerts of this form. Only fields with well-known names were read.';

function readValue(value: unknown, path: readonly string[], to: StatedParts): void {
  if (path.length > MOST_LEVELS || to.left <= 0) return;
  if (Array.isArray(value)) for (const each of value) readValue(each, path, to);
  else if (isJsonObject(value)) readObject(value, path, to);
  else if (typeof value === 'string' || typeof value === 'number') readText(String(value).trim(), path, to);
}

function readObject(value: JsonObject, path: readonly string[], to: StatedParts): void {
  const type = typeOf(value, path.at(-1));
  const inside = type === undefined ? path : [...path.slice(0, -1), type];
  const name = [value.key, value.name, value.field].find((each) => typeof each === 'string');
  if (typeof name === 'string' && 'value' in value) return readValue(value.value, [...path, ...wordsOf(name)], to);
  const isNamed = typeof value.resource === 'string'; // Then `name` is the name of the resource.
  const isOther = typeof value.resourceType === 'string' && resourceOf(value.resourceType) === undefined;
  for (const [key, each] of Object.entries(value))
    if (!(isOther && plainWord(key) === 'resourcename'))
      readValue(each, [...inside, ...wordsOf(fieldOf(key, { isNamed, isOfLog: isOfAuditLog(value) }))], to);
}

/** Returns the name by which a field is looked up. */
function fieldOf(key: string, { isNamed, isOfLog }: { readonly isNamed: boolean; readonly isOfLog: boolean }): string {
  if (key === 'name' && isNamed) return 'resourceName';
  return (isOfLog ? OF_AUDIT_LOG.get(key) : undefined) ?? key;
}

/** The fields of an audit event that have another name in a Wiz event: from Wiz's name to that of the audit event. */
const OF_AUDIT_LOG: ReadonlyMap<string, string> = new Map([
  ['externalId', 'auditID'],
  ['path', 'requestURI'],
]);

/** Returns whether the value is an event that Wiz took from an audit log (FACTS, "Alerts of other tools"). */
function isOfAuditLog({ cloudPlatform, cloudProvider, path }: JsonObject): boolean {
  const isOfCluster = [cloudPlatform, cloudProvider].some((each) => each === 'EKS' || each === 'Kubernetes');
  return isOfCluster || (typeof path === 'string' && /^\/apis?\//.test(path));
}

/**
 * Splits the name of a field into words: `@usr.id` into `usr` and `id`. Azure has the fields of a resource below
 * `properties`, which means nothing.
 */
function wordsOf(key: string): readonly string[] {
  return nameWithinFunction(key)
    .split('.')
    .map(plainWord)
    .filter((word) => word !== 'properties');
}

/**
 * Returns which part of a request or a caller a JSON object describes, by its type. For example, Microsoft's `account`
 * describes the caller, and `Pod` the pod. Undefined if the type is not known. In the field `resource`, an object of an
 * unknown type is treated as an `image`, and so is not read.
 */
function typeOf(value: JsonObject, name: string | undefined): string | undefined {
  const types = [value.nativeType, value.Type, value.type, value.kind, value.entityType]
    .filter((type) => typeof type === 'string')
    .map(plainName);
  const known = types.map((type) => TYPES.get(type) ?? (resourceOf(type) === undefined ? undefined : 'resource'));
  return known.find((type) => type !== undefined) ?? (types.length > 0 && name === 'resource' ? 'image' : undefined);
}

const TYPES: ReadonlyMap<string, string> = new Map([
  ['ip', 'ip'],
  ['ipaddress', 'ip'],
  ['account', 'caller'],
  ['user', 'caller'],
  ['iamuser', 'caller'],
  ['pod', 'pod'],
  ['namespace', 'namespace'],
  ['cluster', 'cluster'],
  ['host', 'host'],
  ['container', 'container'],
]);

/** Returns the resource for a tool's word: `ROLE_BINDING`, `RoleBinding`. Undefined for any other word. */
function resourceOf(word: string): string | undefined {
  if (word.length < 3 || OF_OTHERS.has(word.toLowerCase())) return undefined;
  return (builtInResource(word) ?? builtInResource(word.replaceAll(/[_-]/g, '')))?.split('.')[0];
}

function readText(text: string, path: readonly string[], to: StatedParts): void {
  to.left -= 1;
  const part = partOf(path);
  const isWritten = OF_CLIENT.includes(part) || isChosenByCallers(path);
  const inner = !isWritten && /^[{[]/.test(text) ? parseJson(text) : undefined;
  if (inner?.ok) return readValue(inner.value, [...path], to);
  if (text.length > LONGEST || NO_VALUE.test(text) || isOfOpenedText(path, part)) return;
  const value = part && (READERS[part] ?? String)(text);
  if (part !== undefined && value !== undefined) to.add(part, value, path.slice(-2).join('.'));
  if (isWritten) return;
  const isOfUser = isOfCaller(path);
  for (const word of text.split(/[\s"'`,;()<>]+/)) readWord(word, isOfUser, to);
}

/** Returns whether the field is in a body, or in JSON that a caller wrote into a field and a tool has opened. */
function isOfOpenedText(path: readonly string[], part: Part | undefined): boolean {
  if (path.some((word) => BODY.test(word))) return true;
  return isChosenByCallers(path.slice(0, -1)) && part !== 'userAgent' && part !== 'uri' && part !== 'command';
}

/** Returns whether the field is about the caller. */
function isOfCaller(path: readonly string[]): boolean {
  const isOfUser = path.some((word) => OF_USER.test(word)) && !path.some((word) => ELSEWHERE.test(word));
  return isOfUser || IDS_OF_CALLER.includes(fieldAt(path));
}

/** Returns the part that a field states. Its name together with those of the objects around it comes first, then its name alone. */
function partOf(path: readonly string[]): Part | undefined {
  const names = [3, 2, 1].map((count) => path.slice(-count).join(''));
  const part = names.map((name) => PART_OF.get(name)).find((each) => each !== undefined);
  if (part === 'finding' && path.some((word) => FORWARDING.test(word))) return undefined;
  const field = part === undefined ? fieldAt(path) : undefined;
  return field !== undefined && field in PART_OF_FIELD ? PART_OF_FIELD[field as keyof typeof PART_OF_FIELD] : part;
}

/** Matches a time without a zone. It is read as UTC. */
const WITHOUT_ZONE = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?$/;
const asTime = (text: string) =>
  statedTime(text.replace(HTTP_DATE, (date) => httpDate(date)).replace(WITHOUT_ZONE, '$&Z'))?.toString();
const asName = (text: string) => (OBJECT_NAME.test(text) && !isUuid(text) ? text : undefined);
const matching = (pattern: RegExp) => (text: string) => (pattern.test(text) ? text : undefined);

/** For some parts, how to read their value from a text. Undefined means that the text cannot be such a value. */
const READERS: Partial<Readonly<Record<Part, (text: string) => string | undefined>>> = {
  ip: matching(ADDRESS),
  verb: matching(VERB),
  code: matching(/^[1-5]\d\d$/),
  resource: resourceOf,
  subresource: matching(/^[a-z]{1,40}$/),
  name: asName,
  pod: asName,
  namespace: asName,
  cluster: (text) =>
    clusterRef(text)?.name ??
    clusterOfLogGroup(text) ??
    (/^[\w-]{1,100}$/.test(text) && !isUuid(text) ? text : undefined),
  auditId: (text) => (isUuid(text) ? text : undefined),
  user: (text) => (/^(?=.*\p{L})\S+$/u.test(text) && !isUuid(text) && !CALLER.test(text) ? text : undefined),
  first: asTime,
  last: asTime,
  time: asTime,
  written: asTime,
};

/** Reads a word as the ID of a caller or the ARN of a cluster. */
function readWord(word: string, isOfUser: boolean, to: StatedParts): void {
  const [subject] = (CALLER.test(word) && distinctForm(word)?.subjects) || [];
  const key = JSON.stringify(subject);
  if (subject !== undefined)
    to.callers.set(key, { subject, isOfUser: isOfUser || to.callers.get(key)?.isOfUser === true });
  const cluster = clusterRef(word)?.name;
  if (cluster !== undefined) to.add('cluster', cluster, 'ARN');
}

function circumstancesOf(parts: StatedParts): Circumstances {
  const [code, ip] = [parts.only('code'), parts.only('ip')];
  const request = requestOf(parts);
  return givenCircumstances({
    ...timesOf(parts),
    cluster: parts.only('cluster'),
    auditId: parts.only('auditId'),
    request: Object.keys(request).length === 0 ? undefined : request,
    code: code === undefined ? undefined : Number(code),
    sourceIps: ip === undefined ? undefined : [ip],
    userAgent: parts.only('userAgent'),
    finding: parts.only('finding') ?? parts.only('title'),
  });
}

/** Returns the request in the alert. Its object counts only if the alert names exactly one. */
function requestOf(parts: StatedParts): AuditRequest {
  const [type, pod] = [parts.only('resource'), parts.only('pod')];
  const isOfPod = parts.all('resource').length === 0 && parts.all('name').length === 0 && pod !== undefined;
  const isIntoPod = parts.all('resource').length === 0 && isOfPods(parts.only('subresource'));
  const [resource, part] = (isOfPod || isIntoPod ? 'pods' : (type ?? '')).split('/', 2);
  const isOfSeveral = parts.all('resource').length > 1;
  return present<AuditRequest>({
    verb: anyVerb(parts.all('verb')),
    uri: parts.only('uri'),
    apiGroup: undefined,
    resource: resource || undefined,
    subresource: part ?? (resource ? parts.only('subresource') : undefined),
    namespace: parts.only('namespace'),
    name: isOfPod ? pod : isOfSeveral ? undefined : parts.only('name'),
  });
}

/**
 * Returns the time range of the requests, from the first to the last. If the alert only states other times, it was
 * written at the latest of these.
 */
function timesOf(parts: StatedParts): Circumstances {
  const [firsts, lasts, times, written] = (['first', 'last', 'time', 'written'] as const).map((part) =>
    parts.all(part).map(Number),
  );
  const ends = lasts?.length ? lasts : (times ?? []);
  const all = ends.length > 0 ? ends : [...(firsts ?? []), ...(written ?? [])];
  if (all.length === 0) return {};
  const at = epochMillis(Math.max(...all));
  if (ends.length === 0) return { at, isWrittenLater: true };
  const since = epochMillis(Math.min(...ends, ...(firsts ?? [])));
  return since < at ? { since, at } : { at };
}

function subjectOfUnknownProcess(
  parts: StatedParts,
  { at, since, isWrittenLater, cluster, finding }: Circumstances,
): Subject | undefined {
  const words = { name: parts.only('pod'), namespace: parts.only('namespace'), command: parts.only('command') };
  const known = givenCircumstances({ at, since, isWrittenLater, cluster, finding });
  return subjectOfStartedProcess({ ...words, parent: parts.all('parent').join(' ') || undefined }, known);
}

/**
 * Returns the subjects. A single caller is looked up together with the request, and several callers each alone. If
 * there is no caller, the subject is the request.
 */
function subjectsOf(parts: StatedParts, circumstances: Circumstances): readonly Subject[] {
  const all = [...parts.callers.values()];
  const ofUser = all.filter(({ isOfUser }) => isOfUser);
  const user = parts.only('user');
  // An ID in any other field can be in a text that the caller chose.
  const stated = (ofUser.length > 0 || user !== undefined ? ofUser : all).map(({ subject }) => subject);
  const sessions = stated.filter(({ by }) => by !== 'role');
  const callers = sessions.length > 0 ? sessions : stated;
  const one = callers.length > 0 ? singleCallerOf(callers, circumstances) : user && subjectOfName(user, circumstances);
  if (one) return [withName({ ...one, circumstances: withoutWritten(circumstances) })];
  const { at, since, isWrittenLater, cluster, finding } = circumstances;
  const known = withoutWritten(givenCircumstances({ at, since, isWrittenLater, cluster, finding }));
  const others = callers.map((each) => ({ ...each, circumstances: known }));
  const { auditId } = circumstances;
  if (auditId !== undefined) return [{ by: 'audit-id', auditId, circumstances }, ...others];
  return statesRequest(circumstances) ? [{ by: 'request', circumstances }, ...others] : others;
}

/**
 * Returns the circumstances for a caller. If the alert states no request, the time at which it was written is dropped:
 * another person can have the session at that time.
 */
function withoutWritten({ at, isWrittenLater, ...circumstances }: Circumstances): Circumstances {
  const { request, auditId, code } = circumstances;
  const isOfCaller = isWrittenLater === true && (request ?? auditId ?? code) === undefined;
  return isOfCaller ? circumstances : givenCircumstances({ at, isWrittenLater, ...circumstances });
}

/**
 * Returns the one caller that all of the IDs belong to: one ID, or an access key together with an ARN or a principal
 * ID. Undefined if they can belong to several callers.
 */
function singleCallerOf(callers: readonly Subject[], circumstances: Circumstances): Subject | undefined {
  const [only, ...others] = callers;
  if (others.length === 0) return only;
  const keys = callers.flatMap((each) => (each.by === 'caller' ? (each.question.accessKeyId ?? []) : []));
  const principals = callers.flatMap((each) => (each.by === 'caller' ? (each.question.principal ?? []) : []));
  const arns = callers.flatMap((each) =>
    each.by === 'session' ? each.arn : each.by === 'person' && each.person.startsWith('arn:') ? each.person : [],
  );
  const isOfOne = [keys, principals, arns].every((each) => each.length <= 1);
  const isAll = keys.length + principals.length + arns.length === callers.length;
  return isOfOne && isAll
    ? subjectOfPrincipal(principals[0], { accessKeyId: keys[0], arn: arns[0] }, circumstances)
    : undefined;
}

/** Returns the subject for a name. A name with `:` or `#` is a username of a cluster, any other name a person. */
function subjectOfName(name: string, circumstances: Circumstances): Subject {
  return /[:#]/.test(name) ? subjectOfUsername(name, circumstances) : { by: 'person', person: name, circumstances };
}

/** Adds the name of a person or a role as a condition, so that requests by others do not match. */
function withName(subject: Subject): Subject {
  const name = subject.by === 'person' ? subject.person : subject.by === 'role' ? subject.role : undefined;
  if (name === undefined || subject.circumstances.request === undefined) return subject;
  return { ...subject, circumstances: { ...subject.circumstances, names: [name] } };
}
