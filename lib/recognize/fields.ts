import type { AuditRequest } from '../audit/audit-event.ts';
import { builtInResource } from '../audit/resource-words.ts';
import { accessKeyId } from '../identity/access-key.ts';
import { assumedRoleRef } from '../identity/arn.ts';
import { filledTextAt, type JsonObject, present } from '../json.ts';
import type { EpochMillis } from '../time.ts';
import { falcoLineTime } from './alerts.ts';
import { subjectOfPrincipal, subjectOfUsername } from './callers.ts';
import { givenCircumstances, subjectOfUser } from './events.ts';
import { type Form, form } from './form-collector.ts';
import { distinctForm, isUuid, readUid } from './forms.ts';
import type { Circumstances, Subject } from './subject.ts';
import { HTTP_DATE, httpDate, statedTime, writtenTime } from './written-times.ts';

/** The maximum number of characters of a value. Longer values are ignored. */
const LONGEST = 2_048;

/** The names of each field in log lines, in lower case and without `_`, `-`, `.`, Datadog's `@` and Splunk's `{}`. */
const NAMES = {
  uid: ['uid', 'useruid'],
  username: ['username', 'user', 'userusername', 'usrname', 'usrid', 'actor', 'actorname', 'principal'],
  arn: ['arn', 'userarn', 'userextraarn'],
  accessKeyId: ['accesskeyid', 'userextraaccesskeyid'],
  sessionName: ['sessionname', 'session', 'userextrasessionname'],
  principalId: ['principalid', 'userid', 'assumedroleid'],
  auditId: ['auditid'],
  eventId: ['eventid'],
  time: ['time', 'ts', 'timestamp', 'requestreceivedtimestamp', 'eventtime', 'lastseen', 'eventlastseen'],
  /** The time of the event for which Splunk wrote an alert. */
  original: ['origtime', 'kibanaalertoriginaltime'],
  first: ['firstseen', 'eventfirstseen'],
  /** The time at which the alert or the document was written. */
  written: ['@timestamp', 'startsat', 'startedat'],
  /** The time at which an alert of Alertmanager ended. */
  ended: ['endsat', 'endedat'],
  userAgent: ['useragent', 'httpuseragent', 'useragentoriginal'],
  sourceIp: ['src', 'srcip', 'sourceipaddress', 'sourceip', 'sourceips', 'clientip', 'networkclientip', 'ip'],
  cluster: ['cluster', 'clustername', 'kubeclustername', 'kubernetesclustername', 'orchestratorclustername'],
  verb: ['verb', 'httpmethod'],
  uri: ['uri', 'requesturi', 'httpurldetailspath'],
  code: ['resp', 'code', 'status', 'statuscode', 'responsecode', 'responsestatuscode', 'httpstatuscode'],
  resource: ['resource', 'objectrefresource', 'targetresource'],
  subresource: ['subresource', 'objectrefsubresource', 'targetsubresource'],
  /** A verb, or a subresource in a line of Falco: `exec`. */
  action: ['action'],
  namespace: ['ns', 'namespace', 'objectnamespace', 'objectrefnamespace', 'targetnamespace'],
  name: ['name', 'object', 'objectname', 'resourcename', 'objectrefname', 'targetname'],
  pod: ['pod'],
  deployment: ['deployment'],
  statefulset: ['statefulset'],
  daemonset: ['daemonset'],
  replicaset: ['replicaset'],
  cronjob: ['cronjob'],
  /** The label `job` is that of the scrape. */
  job: ['jobname'],
  horizontalpodautoscaler: ['horizontalpodautoscaler'],
  persistentvolumeclaim: ['persistentvolumeclaim'],
  alert: ['alert', 'alertname'],
  severity: ['severity'],
  command: ['command', 'cmd'],
} as const;
type Field = keyof typeof NAMES;

const FIELD_OF: ReadonlyMap<string, Field> = new Map(
  Object.entries(NAMES).flatMap(([field, names]) => names.map((name) => [name, field as Field] as const)),
);

/**
 * Fields of alerts about system calls in a container, in the form of `NAMES`. The user in such an alert is the container's, such as
 * `root`, and never a user of Kubernetes. Source: Falco, "Supported Fields for Conditions and Outputs" (`container.id`, `evt.type`,
 * `proc.*`, `user.loginuid`).
 */
const OF_SYSTEM_CALLS = ['containerid', 'evttype', 'procname', 'procexepath', 'proccmdline', 'userloginuid'];

const OF_USER: readonly Field[] = ['username', 'uid'];
/** The fields that say what was done, and to what. A name that users choose can contain one, if it is not quoted. */
const OF_REQUEST: readonly Field[] = ['verb', 'uri', 'resource', 'subresource', 'action', 'namespace', 'name', 'pod'];

/** Returns the first value of each known field of a line. */
export function fieldsOf(line: string): ReadonlyMap<Field, string> {
  return firstValues([...pairsOf(line)]);
}

/** Returns the first value of each known field. If a part of the request has two values, neither counts. */
function firstValues(pairs: readonly Pair[]): ReadonlyMap<Field, string> {
  const fields = new Map<Field, string>();
  const ignored = new Set<Field>();
  for (const { name, value } of pairs) {
    const plain = plainName(name);
    const field = value === '' ? undefined : FIELD_OF.get(plain);
    const first = field && fields.get(field);
    if (field !== undefined && first === undefined) fields.set(field, value);
    for (const each of ignoredBy(plain, field, first !== undefined && first !== value)) ignored.add(each);
  }
  for (const field of ignored) fields.delete(field);
  return fields;
}

/**
 * Returns the name as `NAMES` has it. Elastic's integrations put an audit event's fields below `kubernetes.audit` or `aws.eks.audit`,
 * Falco's plugin below `ka`.
 */
function plainName(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[_.{}-]/g, '')
    .replace(/^@(?!timestamp$)/, '')
    .replace(/^(?:kubernetesaudit|awseksaudit|ka(?=user|target|verb$|uri$|response|sourceips$|auditid$))/, '');
}

/** Returns the fields of the line that do not count because of one of its fields. */
function ignoredBy(plain: string, field: Field | undefined, isOtherValue: boolean): readonly Field[] {
  if (OF_SYSTEM_CALLS.includes(plain)) return OF_USER;
  return isOtherValue && field !== undefined && OF_REQUEST.includes(field) ? OF_REQUEST : [];
}

interface Pair {
  readonly name: string;
  readonly value: string;
}

const NAME = /@?[A-Za-z][\w.-]{0,40}(?:\{\})?(?=\s{0,4}[=:])/y;
const QUOTED_NAME = /"(@?[A-Za-z][\w.-]{0,40}(?:\{\})?)"(?=\s{0,4}[=:])/y;
const SEPARATOR = /\s{0,4}[=:]\s{0,4}(?:\[\s{0,8}(?="))?/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"/sy;
const BARE = /[^\s"',;{}[\]]+/y;
const WORD = /\S+/y;

/**
 * Yields `name="value"`, `name=value` and `"name": "value"` from lines of logrus (the authenticator) and klog (the API server),
 * and from single lines of an event. It reads from the beginning and skips each quoted text and path as a whole: the caller may
 * have written something in it that looks like a field. Linear in the length of the line.
 */
function* pairsOf(line: string): Generator<Pair> {
  for (let at = 0; at < line.length; ) {
    const named = matchAt(QUOTED_NAME, line, at) ?? matchAt(NAME, line, at);
    if (named === undefined) {
      at = afterOther(line, at);
      continue;
    }
    const begin = afterSeparator(line, at + named[0].length);
    const read = valueAt(line, begin);
    if (read === undefined) return; // a quoted text that does not end: what follows is a part of it
    if (read.value !== undefined) yield { name: named[1] ?? named[0], value: read.value };
    at = Math.max(read.end, at + 1);
  }
}

function afterSeparator(line: string, at: number): number {
  return at + (matchAt(SEPARATOR, line, at)?.[0].length ?? 0);
}

/** Returns the end of the text at this place that is not a field. */
function afterOther(line: string, at: number): number {
  const other = line[at] === '"' ? matchAt(QUOTED, line, at) : line[at] === '/' ? matchAt(WORD, line, at) : undefined;
  if (line[at] === '"' && other === undefined) return line.length;
  return at + (other?.[0].length ?? 1);
}

/** Returns the value that begins here, if any, and where the rest begins. Undefined if the value has no end. */
function valueAt(line: string, at: number): { readonly value?: string; readonly end: number } | undefined {
  if (line[at] === '"') {
    const quoted = matchAt(QUOTED, line, at);
    if (quoted === undefined) return undefined;
    const [whole, text = ''] = quoted;
    const end = at + whole.length;
    return text.length > LONGEST ? { end } : { value: text.replaceAll(/\\(["\\/])/g, '$1'), end };
  }
  const bare = matchAt(line[at] === '/' ? WORD : BARE, line, at)?.[0] ?? '';
  const end = at + bare.length;
  // Falco writes its fields within parentheses.
  const value = bare.includes('(') ? bare : bare.replace(/\){1,9}$/, '');
  return value === '' || bare.length > LONGEST ? { end } : { value, end };
}

function matchAt(pattern: RegExp, line: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(line) ?? undefined;
}

/** Returns the caller and the request that the fields of a line state. */
export function fieldsForm(line: string, date?: string): Form | undefined {
  return formOfFields([...pairsOf(line)], { line, date });
}

/** Returns the caller and the request that the fields of a row or of a JSON document state. */
export function rowForm(cells: Iterable<readonly [name: string, value: string]>): Form | undefined {
  const pairs = [...cells].map(([name, value]) => ({ name, value }));
  return formOfFields(
    pairs.filter(({ value }) => value.length <= LONGEST),
    { line: '' },
  );
}

/** Where fields stand: the whole line, which is empty for a row, and the date of the whole text. */
interface FieldsSite {
  readonly line: string;
  readonly date?: string | undefined;
}

/** Returns what the fields name: by uid and username, else by principal, access key, username, ARN or ID. */
function formOfFields(pairs: readonly Pair[], site: FieldsSite): Form | undefined {
  const fields = firstValues(pairs);
  const circumstances = ofLogin(circumstancesOf(fields, pairs, site), site.line);
  const read = readUid(fields.get('uid') ?? '');
  const uid = read?.uid ?? fields.get('uid');
  const subject = userOf(fields, uid, circumstances) ?? subjectOfSigner(fields, circumstances);
  if (subject !== undefined) return form('log-line', [subject], subject.by === 'caller' ? read?.notes : []);
  const single = ofSingle(fields, circumstances);
  return single !== undefined && statesSeveral(pairs) ? { ...single, notes: [...single.notes, SEVERAL] } : single;
}

const OF_CALLER: readonly Field[] = ['username', 'uid', 'arn', 'accessKeyId', 'principalId'];

/** Returns whether these are the names of fields that state a caller and what was requested. Splunk's `_raw` has the whole event. */
export function areAlertFields(names: readonly string[]): boolean {
  if (names.includes('_raw')) return false;
  const fields = new Set(names.map((name) => FIELD_OF.get(plainName(name))));
  const hasOneOf = (each: readonly Field[]) => each.some((field) => fields.has(field));
  return hasOneOf(OF_CALLER) && hasOneOf(['verb', 'uri', 'resource', 'action']);
}

/** Matches the authenticator's line for credentials that it accepted. Source: aws-iam-authenticator, pkg/server/server.go. */
const LOGIN = /\bmsg="access granted"/;

/** Marks a login. It is written while its request waits, so the request was received just before. */
function ofLogin(circumstances: Circumstances, line: string): Circumstances {
  if (circumstances.at === undefined || !LOGIN.test(line)) return circumstances;
  return { ...circumstances, isLogin: true, isWrittenAtOnce: true };
}

const SEVERAL =
  'A line has several alerts. Only what it states of the first caller was looked up, without a request. To ask about each alert, put each on a line of its own.';

/** The fields of which an alert has one. Two of them that have two values each are those of two alerts. */
const ONCE: readonly Field[] = ['username', 'arn', 'verb', 'resource', 'name', 'time'];

function statesSeveral(pairs: readonly Pair[]): boolean {
  const values = new Map<Field, Set<string>>();
  for (const { name, value } of pairs) {
    const field = FIELD_OF.get(plainName(name));
    if (field !== undefined && ONCE.includes(field)) values.set(field, (values.get(field) ?? new Set()).add(value));
  }
  return [...values.values()].filter(({ size }) => size > 1).length > 1;
}

/** The maximum number of lines of a block, and the minimum number of lines with exactly one field that make it a block. */
const MOST_IN_BLOCK = 60;
const LEAST_IN_BLOCK = 3;

/**
 * Returns what several lines name together, as chats and tickets have them: `User: arn:…`, `Verb: delete`, `Resource: secrets`. Undefined
 * if a field has two values in different lines, or if few lines have a single field: then each line is about something else.
 */
export function blockForm(lines: readonly string[], date?: string): Form | undefined {
  if (lines.length > MOST_IN_BLOCK) return undefined;
  const plain = withValuesBelow(lines).map(plainField);
  const fields = plain.map((line) => [...fieldsOf(line)]);
  const isOnce = new Set(fields.flat().map(([field]) => field)).size === new Set(fields.flat().map(String)).size;
  const isBlock = fields.filter((each) => each.length === 1).length >= LEAST_IN_BLOCK && isOnce;
  return isBlock ? fieldsForm(plain.join('\n'), date) : undefined;
}

/** Matches a line that is the name of a field alone, with a mark that no plain word has: `user.name`, `@timestamp`. */
const NAME_ALONE = /^\s{0,8}((?=[\w-]{0,40}[@.])@?[A-Za-z][\w.-]{0,60})\s{0,8}$/;

/** Returns the name of the field if the line has nothing else. Undefined for any other line. */
function fieldAlone(line: string): string | undefined {
  const name = NAME_ALONE.exec(line)?.[1];
  return name !== undefined && FIELD_OF.has(plainName(name)) ? name : undefined;
}

/** Returns whether the lines are a document with each value below its name. */
export function areNamesAndValues(lines: readonly string[]): boolean {
  return (
    lines.length <= MOST_IN_BLOCK && lines.filter((line) => fieldAlone(line) !== undefined).length >= LEAST_IN_BLOCK
  );
}

/** Returns the lines with each value behind the name that stands alone above it, as Kibana shows a document. */
function withValuesBelow(lines: readonly string[]): readonly string[] {
  const names = lines.map(fieldAlone);
  return lines.flatMap((line, at) => {
    if (names[at - 1] !== undefined && names[at] === undefined) return [];
    const value = names[at + 1] === undefined ? lines[at + 1]?.trim() : undefined;
    return [names[at] !== undefined && value ? `${names[at]}: ${JSON.stringify(value)}` : line];
  });
}

/** Matches the labels of Datadog. A line can have both. */
const SEEN = /\b(First|Last) (?=seen:\s)/gi;
/** Matches the label of a field of several words: `Last seen: …`. */
const LABEL = /^\s{0,8}([A-Za-z]{1,20}(?: [A-Za-z]{1,20}){1,2})(?=\s{0,4}:\s)/;

/** Matches a line above other lines, which is no field: `Labels:`. */
const TITLE = /^\s{0,8}(?:labels|annotations|firing|resolved|details|fields|tags):\s{0,8}$/i;

/** Returns the line of a block as `label: value`, without the marks of a chat, and with a label of one word. */
function plainField(line: string): string {
  return line
    .replaceAll(/[*`]/g, '')
    .replaceAll(SEEN, '$1')
    .replaceAll(HTTP_DATE, (date) => httpDate(date))
    .replace(/^(\S{1,60})\t(?=\S)/, '$1: ')
    .replace(TITLE, '')
    .replace(LABEL, (label) => label.replaceAll(' ', ''));
}

/** Returns the user of the line. In the authenticator's `access granted` the ARN is the role's, in "STS response" the session's. */
function userOf(fields: ReadonlyMap<Field, string>, uid: string | undefined, circumstances: Circumstances) {
  const username = fields.get('username');
  if (username === undefined || uid === undefined) return undefined;
  const arn = fields.get('arn');
  const extra: JsonObject = {
    accessKeyId: fields.get('accessKeyId'),
    sessionName: fields.get('sessionName'),
    arn: assumedRoleRef(arn) === undefined ? undefined : arn,
  };
  return subjectOfUser({ uid, username, extra }, circumstances);
}

function subjectOfSigner(fields: ReadonlyMap<Field, string>, circumstances: Circumstances): Subject | undefined {
  const [id, session, arn] = [fields.get('principalId'), fields.get('sessionName'), fields.get('arn')];
  const principal = id !== undefined && /^AROA[A-Z0-9]+$/.test(id) && session !== undefined ? `${id}:${session}` : id;
  const key = accessKeyId(fields.get('accessKeyId'));
  // In the default form a username is the ARN of the session.
  return subjectOfPrincipal(principal, { accessKeyId: key, arn: arn ?? fields.get('username') }, circumstances);
}

/** Returns the form of a line in which only one field is meaningful. */
function ofSingle(fields: ReadonlyMap<Field, string>, circumstances: Circumstances): Form | undefined {
  for (const field of ['accessKeyId', 'uid', 'principalId', 'arn'] as const) {
    const value = fields.get(field);
    const isOfObject = field === 'uid' && isUuid(value ?? ''); // The uid of an object of Kubernetes is no audit ID.
    const found = value === undefined || isOfObject ? undefined : distinctForm(value, circumstances);
    if (found !== undefined) return found;
  }
  const username = fields.get('username');
  if (username !== undefined) return form('username', [subjectOfUsername(username, circumstances)]);
  const [auditId, eventId] = [fields.get('auditId'), fields.get('eventId')];
  if (auditId !== undefined) return form('audit-id', [{ by: 'audit-id', auditId, circumstances }]);
  if (eventId !== undefined && isUuid(eventId))
    return form('event-id', [{ by: 'event-id', eventId: eventId.toLowerCase(), circumstances }]);
  return requestForm(fields, circumstances);
}

/** The labels of Prometheus for an object, the surest first: the pod can be that of the exporter. Source: FACTS, "What log collectors write". */
const OBJECT_LABELS: readonly Field[] = [
  ...(['deployment', 'statefulset', 'daemonset', 'replicaset', 'cronjob', 'job'] as const),
  ...(['horizontalpodautoscaler', 'persistentvolumeclaim', 'pod'] as const),
];

/** Returns the object of an alert of Alertmanager, by its labels: `alertname="…", namespace="shop", deployment="web"`. */
function labeledObject(fields: ReadonlyMap<Field, string>): AuditRequest | undefined {
  const label = OBJECT_LABELS.find((each) => fields.has(each));
  if (label === undefined || !(fields.has('alert') || fields.has('severity'))) return undefined;
  const [resource, name] = [builtInResource(label)?.split('.')[0], fields.get(label)];
  return present<AuditRequest>({ ...NO_REQUEST, resource, name, namespace: fields.get('namespace') });
}

const NO_REQUEST = { verb: undefined, uri: undefined, apiGroup: undefined, subresource: undefined };

/** Returns the form of a line that states a request and no caller. */
function requestForm(fields: ReadonlyMap<Field, string>, circumstances: Circumstances): Form | undefined {
  const labeled = circumstances.request === undefined ? labeledObject(fields) : undefined;
  if (labeled !== undefined)
    return form('log-line', [{ by: 'request', circumstances: { ...circumstances, request: labeled } }]);
  const { verb, resource, uri } = circumstances.request ?? {};
  const isRequest = verb !== undefined && (resource ?? uri) !== undefined;
  return isRequest ? form('log-line', [{ by: 'request', circumstances }]) : undefined;
}

/** Verbs of requests to resources. Source: Kubernetes, "Authorization", "Determine the request verb". */
const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];

/**
 * Returns the request of a line: `user=… verb=delete resource=secrets ns=shop name=db`, or of Falco `user=… pod=web-0 resource=pods
 * ns=shop action=exec command=sh`. The namespace and the name count only beside a resource: they can be those of the tool itself.
 */
function requestOf(fields: ReadonlyMap<Field, string>): AuditRequest {
  const action = fields.get('action')?.toLowerCase() ?? '';
  return present<AuditRequest>({
    verb: fields.get('verb') ?? (VERBS.includes(action) ? action : undefined),
    uri: fields.get('uri'),
    apiGroup: undefined,
    ...objectOf(
      fields,
      CONNECTIONS.includes(action) ? action : fields.has('pod') && fields.has('command') ? 'exec' : undefined,
    ),
  });
}

const CONNECTIONS = ['exec', 'attach', 'portforward'];

function objectOf(fields: ReadonlyMap<Field, string>, ofAction: string | undefined) {
  const [before, after] = typedName(fields.get('name'));
  const [type = '', part] = (fields.get('resource') ?? before ?? '').split('/', 2);
  if (type === '') return { resource: undefined, subresource: undefined, namespace: undefined, name: undefined };
  const resource = (builtInResource(type) ?? type).split('.')[0];
  return {
    resource,
    subresource: part ?? fields.get('subresource') ?? ofAction,
    namespace: fields.get('namespace'),
    name: after ?? (resource === 'pods' ? fields.get('pod') : undefined),
  };
}

/** Returns the type and the name of `pods/web-0`. Any other text is a name alone. */
function typedName(text: string | undefined): readonly [type: string | undefined, name: string | undefined] {
  const [, type = '', name] = /^([a-z.]{1,100})\/([^/]+)$/.exec(text ?? '') ?? [];
  return builtInResource(type) === undefined ? [undefined, text] : [type, name];
}

/** Matches a field by its name in an audit event, as a row of a log has it. */
const OF_EVENT = /^(?:kubernetes\.audit\.)?objectRef\.resource$/;

/** Returns the time of the request; if only the beginning of the line has a time, that at which the line was written. */
function timeOf(fields: ReadonlyMap<Field, string>, pairs: readonly Pair[], site: FieldsSite): Circumstances {
  const falco = falcoLineTime(site.line, site.date);
  if (falco !== undefined) return falco;
  const at = timeIn(fields.get('original') ?? fields.get('time'), site);
  if (at === undefined) return writtenLater(fields, pairs, site);
  const first = statedTime(fields.get('first') ?? '');
  return givenCircumstances({ at, since: first !== undefined && first < at ? first : undefined });
}

/** Returns the time at which the line was written. The row of an audit event is written just after the request. */
function writtenLater(fields: ReadonlyMap<Field, string>, pairs: readonly Pair[], site: FieldsSite): Circumstances {
  // When an unknown tool first saw it may be when it first saw the alert.
  const at =
    timeIn(fields.get('written') ?? fields.get('first') ?? fields.get('ended'), site) ??
    writtenTime(site.line, site.date).at;
  if (at === undefined) return {};
  return { at, isWrittenLater: true, ...(pairs.some(({ name }) => OF_EVENT.test(name)) && { isLogged: true }) };
}

/** Returns the time of a field. In the line `time: 2026-03-10 12:00:03` the value ends at the space. */
function timeIn(value: string | undefined, { line }: FieldsSite): EpochMillis | undefined {
  if (value === undefined) return undefined;
  return statedTime(value) ?? writtenTime(line === '' ? value : line.slice(line.indexOf(value))).at;
}

function circumstancesOf(fields: ReadonlyMap<Field, string>, pairs: readonly Pair[], site: FieldsSite): Circumstances {
  const [ip, code, command] = [fields.get('sourceIp'), fields.get('code'), fields.get('command')];
  const request = requestOf(fields);
  return givenCircumstances({
    ...timeOf(fields, pairs, site),
    cluster: fields.get('cluster'),
    action: command === undefined || request.subresource === undefined ? undefined : { command },
    auditId: filledTextAt(Object.fromEntries(fields), 'auditId'),
    request: Object.keys(request).length === 0 ? undefined : request,
    code: code !== undefined && /^\d{3}$/.test(code) ? Number(code) : undefined,
    sourceIps: ip === undefined ? undefined : [ip.replace(/^\[?([^\]]*?)\]?:\d{1,5}$/, '$1')],
    userAgent: fields.get('userAgent'),
  });
}
