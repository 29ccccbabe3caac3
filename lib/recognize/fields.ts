import type { AuditRequest } from '../audit/audit-event.ts';
import { builtInResource } from '../audit/resource-words.ts';
import { accessKeyId } from '../identity/access-key.ts';
import { assumedRoleRef, roleRef } from '../identity/arn.ts';
import { clusterRef } from '../identity/cluster.ts';
import { filledTextAt, type JsonObject, present } from '../json.ts';
import type { EpochMillis } from '../time.ts';
import { falcoLineTime } from './alerts.ts';
import { subjectOfPrincipal, subjectOfUsername } from './callers.ts';
import { givenCircumstances, subjectOfUser } from './events.ts';
import { type Field, fieldNamed, fieldOfLabel, plainName } from './field-names.ts';
import { type FindingPhrases, phrasesIn } from './finding-phrases.ts';
import { type Form, form, isTimed } from './form-collector.ts';
import { distinctForm, isUuid, readUid } from './forms.ts';
import { layoutOf, type Pair } from './layouts.ts';
import { deedOfWord } from './short-questions.ts';
import { anyVerb, type Circumstances, type Subject } from './subject.ts';
import { timePhraseIn } from './time-phrases.ts';
import { HTTP_DATE, httpDate, statedTime, writtenTime } from './written-times.ts';

/** The maximum number of characters of a value. Longer values are ignored. */
const LONGEST = 2_048;

/**
 * Fields of alerts about system calls in a container, in the form of `plainName`. The user in such an alert is the
 * container's, for example `root`, never a Kubernetes user. Source: Falco, "Supported Fields for Conditions and
 * Outputs" (`container.id`, `evt.type`, `proc.*`, `user.loginuid`).
 */
const OF_SYSTEM_CALLS = ['containerid', 'evttype', 'procname', 'procexepath', 'proccmdline', 'userloginuid'];

const OF_USER: readonly Field[] = ['username', 'uid'];
/** The fields that say what was done to which object. A name that a caller chose can look like one of them, if it is not quoted. */
const OF_REQUEST: readonly Field[] = ['verb', 'uri', 'resource', 'subresource', 'action', 'namespace', 'name', 'pod'];

/** Returns the first value of each known field in a line. */
export function fieldsOf(line: string): ReadonlyMap<Field, string> {
  return firstValues([...pairsOf(line)]);
}

/**
 * Returns the first value of each known field. If a field about the request has two different values, no such field
 * counts, because one of the values may be forged.
 */
function firstValues(pairs: readonly Pair[]): ReadonlyMap<Field, string> {
  const fields = new Map<Field, string>();
  const ignored = new Set<Field>();
  for (const { name, value, field: known = fieldNamed(name) } of pairs) {
    const field = value === '' ? undefined : known;
    const first = field && fields.get(field);
    if (field !== undefined && first === undefined) fields.set(field, value);
    for (const each of ignoredBy(plainName(name), field, first !== undefined && first !== value)) ignored.add(each);
  }
  for (const field of ignored) fields.delete(field);
  return fields;
}

/** Returns the fields that must not be used because the line has this field. */
function ignoredBy(plain: string, field: Field | undefined, isOtherValue: boolean): readonly Field[] {
  if (OF_SYSTEM_CALLS.includes(plain)) return OF_USER;
  return isOtherValue && field !== undefined && OF_REQUEST.includes(field) ? OF_REQUEST : [];
}

const NAME = /@?[A-Za-z][\w.-]{0,40}(?:\{\})?(?=\s{0,4}[=:])/y;
const QUOTED_NAME = /"(@?[A-Za-z][\w.-]{0,40}(?:\{\})?)"(?=\s{0,4}[=:])/y;
const SEPARATOR = /\s{0,4}[=:]\s{0,4}(?:\[\s{0,8}(?="))?/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"/sy;
const BARE = /[^\s"',;{}[\]]+/y;
const WORD = /\S+/y;

/**
 * Yields `name="value"`, `name=value` and `"name": "value"` from a line of logrus (the authenticator) or klog (the API
 * server), or from one line of an event. It reads from the beginning, and skips each quoted text and each path as a
 * whole, because a caller can have put something into them that looks like a field. It takes time linear in the line's
 * length.
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
    if (read === undefined) return; // The quoted text does not end, so the rest is a part of it.
    if (read.value !== undefined) yield { name: named[1] ?? named[0], value: read.value };
    at = Math.max(read.end, at + 1);
  }
}

function afterSeparator(line: string, at: number): number {
  return at + (matchAt(SEPARATOR, line, at)?.[0].length ?? 0);
}

/** Returns where something that is not a field ends: a quoted text, a path, or a single character. */
function afterOther(line: string, at: number): number {
  const other = line[at] === '"' ? matchAt(QUOTED, line, at) : line[at] === '/' ? matchAt(WORD, line, at) : undefined;
  if (line[at] === '"' && other === undefined) return line.length;
  return at + (other?.[0].length ?? 1);
}

/** Returns the value that begins at `at`, if there is one, and the position after it. Undefined if the value does not end. */
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
  // Falco puts its fields in parentheses, so the last value can have a `)` after it.
  const value = bare.includes('(') ? bare : bare.replace(/\){1,9}$/, '');
  return value === '' || bare.length > LONGEST ? { end } : { value, end };
}

function matchAt(pattern: RegExp, line: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(line) ?? undefined;
}

/** Returns the form of a line with fields: the caller and the request that they state. */
export function fieldsForm(line: string, date?: string): Form | undefined {
  return formOfFields(withLabels([...pairsOf(line.replace(HEADER, ''))]), { line, date });
}

/** Matches the header of CEF (ArcSight) or LEEF (QRadar). The fields come after it. */
const HEADER =
  /\b(?:CEF:\d(?:\.\d)?\|(?:[^|]{0,512}\|){6}|LEEF:\d(?:\.\d)?\|(?:[^|]{0,512}\|){4}(?:(?:x?[0-9a-fA-F]{1,4}|[^\w\s])\|)?)/;

/** Renames the fields of CEF whose names are stated in other fields: `cs1Label=namespace cs1=shop` becomes `namespace=shop`. */
function withLabels(pairs: readonly Pair[]): readonly Pair[] {
  const labels = new Map(
    pairs.flatMap(({ name, value }) => (/^c\w{1,20}Label$/.test(name) ? [[name.slice(0, -5), value] as const] : [])),
  );
  return labels.size === 0 ? pairs : pairs.map(({ name, value }) => ({ name: labels.get(name) ?? name, value }));
}

/** Returns the form of a row or a JSON document with fields: the caller and the request that they state. */
export function rowForm(cells: Iterable<readonly [name: string, value: string]>): Form | undefined {
  const pairs = [...cells].map(([name, value]) => ({ name, value }));
  return labeledForm(
    pairs.filter(({ value }) => value.length <= LONGEST),
    { line: '' },
  );
}

/** Where the fields come from. `line` is the whole line, and empty for a row. `date` is the date that the whole text states. */
interface FieldsSite {
  readonly line: string;
  readonly date?: string | undefined;
  readonly phrases?: FindingPhrases;
  /** Whether each value is complete. In the line `time: 2026-03-10 12:00:03`, the value that was read ends at the space. */
  readonly hasWholeValues?: boolean;
}

/** Returns the form that the fields give: by uid and username, else by principal, access key, username, ARN or ID. */
function formOfFields(pairs: readonly Pair[], site: FieldsSite): Form | undefined {
  const fields = firstValues(pairs);
  const circumstances = withLogin(circumstancesOf(fields, pairs, site), site.line);
  const read = readUid(fields.get('uid') ?? '');
  const uid = read?.uid ?? fields.get('uid');
  const subject = userOf(fields, uid, circumstances) ?? subjectOfSigner(fields, circumstances);
  if (subject !== undefined) return form('log-line', [subject], subject.by === 'caller' ? read?.notes : []);
  const single = singleFieldForm(fields, circumstances);
  return single !== undefined && statesSeveral(pairs) ? { ...single, notes: [...single.notes, SEVERAL] } : single;
}

const OF_CALLER: readonly Field[] = ['username', 'uid', 'arn', 'accessKeyId', 'principalId'];

/**
 * Returns whether these names are of fields that state a caller and a request. If `_raw` of Splunk is among them, it
 * has the whole event, so the other fields are not used.
 */
export function areAlertFields(names: readonly string[]): boolean {
  if (names.includes('_raw')) return false;
  const fields = new Set(names.map(fieldOfLabel));
  const hasOneOf = (each: readonly Field[]) => each.some((field) => fields.has(field));
  return hasOneOf(OF_CALLER) && hasOneOf(['verb', 'uri', 'resource', 'action']);
}

/** Matches the authenticator's line for credentials that it accepted. Source: aws-iam-authenticator, pkg/server/server.go. */
const LOGIN = /\bmsg="access granted"/;

/** Marks the circumstances of a login. Its line is written while the request still waits, so the request is from just before. */
function withLogin(circumstances: Circumstances, line: string): Circumstances {
  if (circumstances.at === undefined || !LOGIN.test(line)) return circumstances;
  return { ...circumstances, isLogin: true, isWrittenAtOnce: true };
}

const SEVERAL =
  'A line has several alerts. Only what it states of the first caller was looked up, without a request. To ask about each alert, put each on a line of its own.';

/** Fields that an alert has only once. If two of them have several values, the text has several alerts. */
const ONCE: readonly Field[] = ['username', 'arn', 'verb', 'resource', 'name', 'time'];

function statesSeveral(pairs: readonly Pair[]): boolean {
  const values = new Map<Field, Set<string>>();
  for (const { name, value, field = fieldNamed(name) } of pairs) {
    if (field !== undefined && ONCE.includes(field)) values.set(field, (values.get(field) ?? new Set()).add(value));
  }
  return [...values.values()].filter(({ size }) => size > 1).length > 1;
}

/** The maximum number of lines in a block. Lines are a block only if they have `LEAST_IN_BLOCK` known fields. */
const MOST_IN_BLOCK = 60;
const LEAST_IN_BLOCK = 3;

/**
 * Returns the form that several lines give together, as in chats, mails and tickets, in any layout (see layouts.ts):
 * `User: arn:…`, `Verb: delete`, `Resource: secrets`. Undefined if a field has two values, or if there are few fields.
 * Then each line can be about something else.
 */
export function blockForm(lines: readonly string[], date?: string): Form | undefined {
  if (lines.length > MOST_IN_BLOCK) return undefined;
  const { pairs: labeled, others } = layoutOf(lines);
  const pairs = [
    ...labeled,
    ...others.flatMap((line) => [...pairsOf(line)].filter(({ name }) => fieldNamed(name) !== undefined)),
  ];
  const fields = pairs.map((pair) => [fieldOfLabel(pair.name), readValue(pair)] as const);
  const stated = fields.filter(([field, value]) => value !== undefined && field !== 'written');
  const isOnce = new Set(stated.map(([field]) => field)).size === new Set(stated.map(String)).size;
  if (labeled.length < LEAST_IN_BLOCK || !isOnce) return undefined;
  const phrases = phrasesIn(lines);
  // In a finding of GuardDuty, `Name` is that of the cluster, and `Resource name` that of the object.
  const own = phrases.finding === undefined ? pairs : pairs.filter(({ name }) => plainName(name) !== 'name');
  return labeledForm(own, { line: lines.join('\n'), date, phrases });
}

/** Returns whether the lines are a document in which each value is below its name. */
export function areNamesAndValues(lines: readonly string[]): boolean {
  return lines.length <= MOST_IN_BLOCK && layoutOf(lines).below >= LEAST_IN_BLOCK;
}

/** Returns the form that fields with complete values give. A value that its field cannot have is ignored, and a note says so. */
function labeledForm(given: readonly Pair[], site: FieldsSite): Form | undefined {
  const read = given.map((pair) => ({ ...pair, field: fieldOfLabel(pair.name), read: readValue(pair) }));
  const pairs = read.flatMap(({ name, field, read: value }) =>
    value === undefined || field === undefined ? [] : [{ name, field, value }],
  );
  const unread = read.filter(
    ({ field, value, read: known }) =>
      field !== undefined && !NOT_SAID.includes(field) && known === undefined && value !== '' && !NO_VALUE.test(value),
  );
  const found = formOfFields(pairs, { ...site, hasWholeValues: true });
  const times =
    found?.subjects.some(isTimed) === false
      ? read.filter(({ field, value }) => field !== undefined && TIMES.includes(field) && value !== '')
      : [];
  const words = [...unread, ...times].map(({ name, value }) => `${name} (${value.slice(0, 80)})`);
  return found && words.length > 0
    ? { ...found, notes: [...found.notes, `Fields whose values were not used: ${words.join(', ')}.`] }
    : found;
}

const TIMES: readonly Field[] = ['time', 'requested', 'original', 'last'];
/**
 * Fields whose names have another meaning in many alerts, such as the alert's status or name. No note says that their
 * values were ignored.
 */
const NOT_SAID: readonly Field[] = ['code', 'name', 'action', 'principalId'];

const NO_VALUE = /^(?:-|n\/a|<na>|null|none|unknown)$/i;

/** Returns the value of a field. Undefined if the field cannot have this value. */
function readValue({ name, value }: Pair): string | undefined {
  const field = fieldOfLabel(name);
  if (value === '' || NO_VALUE.test(value)) return undefined;
  return field === undefined ? undefined : (READERS[field] ?? String)(value);
}

const OBJECT_NAME = /^(?:[a-z.]{1,100}\/)?[a-z0-9](?:[a-z0-9.:-]{0,251}[a-z0-9])?$/;
const CALLER = /^(?:arn:|A[KS]IA|AROA|AIDA|aws-iam-authenticator:)/;
const asName = (text: string) => (OBJECT_NAME.test(text) ? text : undefined);

/** For some fields, how to read their value from what people and tools write. */
const READERS: Partial<Readonly<Record<Field, (text: string) => string | undefined>>> = {
  username: (text) => {
    const words = text.split(/[\s,;()<>]+/).filter((word) => word !== '');
    const [caller, ...others] = words.filter((word) => CALLER.test(word));
    return words.length === 1 ? words[0] : others.length === 0 ? caller : undefined;
  },
  verb: verbsOf,
  action: verbOf,
  code: (text) => /(?<![\d.])[1-5]\d\d(?![\d.])/.exec(text)?.[0],
  resource: (text) => {
    const [, type = '', name] = /^([A-Za-z]{2,60}) (\S{1,253})$/.exec(text) ?? [];
    if (builtInResource(type) !== undefined) return `${type}/${name}`;
    if (text === 'EKSCluster') return undefined; // GuardDuty's type of a whole cluster.
    return /^[A-Za-z][\w./-]{0,252}$/.test(text) ? text : undefined;
  },
  name: asName,
  namespace: asName,
  pod: asName,
  cluster: (text) => clusterRef(text)?.name ?? (/^[\w.-]{1,100}$/.test(text) ? text : undefined),
  sourceIp: (text) =>
    /(?<![\w.:])(?:(?:\d{1,3}\.){3}\d{1,3}|(?=[0-9a-f.]{0,4}:.*:)[0-9a-f:.]{3,45})(?![\w.])/i.exec(text)?.[0],
};

/** Returns the verb, or several verbs in one text. `values(verb)` of Splunk has one verb in each line. */
function verbsOf(text: string): string | undefined {
  const words = text.split(/[\s,]+/, MOST_VERBS).map(verbOf);
  const known = words.filter((word) => word !== undefined);
  return known.length < words.length ? undefined : anyVerb([...new Set(known)]);
}

const MOST_VERBS = 10;

/** Returns the verb for a word such as `DELETE`, `deleted` or `exec`. Undefined for any other word. */
function verbOf(text: string): string | undefined {
  const word = text.toLowerCase();
  if (VERBS.includes(word) || CONNECTIONS.includes(word) || /^[A-Z]{3,7}$/.test(text))
    return VERBS.includes(word) ? word : text;
  const deed = /^\w{1,30}$/.test(text) ? deedOfWord(text) : undefined;
  return deed?.subresource ?? deed?.verb;
}

/**
 * Returns the subject for the uid and username of a line. The ARN is used only if it is a session's: in the
 * authenticator's "access granted" it is a role's, in "STS response" a session's.
 */
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
  const [id, session, arn] = [fields.get('principalId'), fields.get('sessionName'), arnOf(fields)];
  const principal = id !== undefined && /^AROA[A-Z0-9]+$/.test(id) && session !== undefined ? `${id}:${session}` : id;
  const key = accessKeyId(fields.get('accessKeyId'));
  // By default, the username is the ARN of the session.
  return subjectOfPrincipal(principal, { accessKeyId: key, arn: arn ?? fields.get('username') }, circumstances);
}

/** Returns the ARN of the caller. If the fields state a role and a session name, returns the ARN of that session. */
function arnOf(fields: ReadonlyMap<Field, string>): string | undefined {
  const [arn = fields.get('role'), session] = [fields.get('arn'), fields.get('sessionName')];
  const { partition, accountId, roleName } = roleRef(arn) ?? {};
  const isOfSession = partition !== undefined && session !== undefined && /^[\w+=,.@-]{2,64}$/.test(session);
  return isOfSession ? `arn:${partition}:sts::${accountId}:assumed-role/${roleName}/${session}` : arn;
}

/** Returns the form of a line without a whole identity: by the first field that names a caller, else by an ID, else by the request. */
function singleFieldForm(fields: ReadonlyMap<Field, string>, circumstances: Circumstances): Form | undefined {
  const ofCaller = singleCallerForm(fields, circumstances);
  if (ofCaller !== undefined) return ofCaller;
  const [auditId, eventId] = [fields.get('auditId'), fields.get('eventId')];
  if (auditId !== undefined) return form('audit-id', [{ by: 'audit-id', auditId, circumstances }]);
  if (eventId !== undefined && isUuid(eventId))
    return form('event-id', [{ by: 'event-id', eventId: eventId.toLowerCase(), circumstances }]);
  return requestForm(fields, givenCircumstances({ ...circumstances, names: namesOf(fields) }));
}

function singleCallerForm(fields: ReadonlyMap<Field, string>, circumstances: Circumstances): Form | undefined {
  for (const field of ['accessKeyId', 'uid', 'principalId', 'arn'] as const) {
    const value = field === 'arn' ? arnOf(fields) : fields.get(field);
    const isOfObject = field === 'uid' && isUuid(value ?? ''); // A UUID in this field is the uid of a Kubernetes object, not an audit ID.
    const found = value === undefined || isOfObject ? undefined : distinctForm(value, circumstances);
    if (found !== undefined) return found;
  }
  const username = fields.get('username');
  return username === undefined ? undefined : form('username', [subjectOfUsername(username, circumstances)]);
}

/** Returns the session name as a list of names. Only requests with one of these names match. */
function namesOf(fields: ReadonlyMap<Field, string>): readonly string[] | undefined {
  const session = fields.get('sessionName');
  return session === undefined ? undefined : [session];
}

/**
 * Labels of Prometheus that can name the alert's object, the most reliable first. The pod comes last: it can be the
 * exporter's. Source: FACTS, "What log collectors write".
 */
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

/** Returns the form of a line that states a request but no caller. */
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
 * Returns the request of a line: `user=… verb=delete resource=secrets ns=shop name=db`, or of Falco `user=… pod=web-0
 * resource=pods ns=shop action=exec command=sh`. Namespace and name count only together with a resource. Alone, they
 * can be those of the tool that wrote the line.
 */
function requestOf(fields: ReadonlyMap<Field, string>): AuditRequest {
  const action =
    [fields.get('action'), fields.get('verb')].find((each) => CONNECTIONS.includes(each ?? '')) ??
    fields.get('action')?.toLowerCase() ??
    '';
  return present<AuditRequest>({
    verb: CONNECTIONS.includes(fields.get('verb') ?? '')
      ? undefined
      : (fields.get('verb') ?? (VERBS.includes(action) ? action : undefined)),
    uri: fields.get('uri'),
    apiGroup: undefined,
    ...objectOf(
      fields,
      CONNECTIONS.includes(action) ? action : fields.has('pod') && fields.has('command') ? 'exec' : undefined,
    ),
  });
}

const CONNECTIONS = ['exec', 'attach', 'portforward'];
/** The subresources that can follow the type of an object. Any other word after the type is a name: `secrets/db`. */
const SUBRESOURCES = [
  ...CONNECTIONS,
  ...'log status scale token eviction binding proxy approval ephemeralcontainers finalize resize'.split(' '),
];

function objectOf(fields: ReadonlyMap<Field, string>, ofAction: string | undefined) {
  const [before, after] = typedName(fields.get('name'));
  const [type = '', behind] = (fields.get('resource') ?? before ?? '').split('/', 2);
  const isPart = behind === undefined || SUBRESOURCES.includes(behind) || after !== undefined;
  const part = isPart ? behind : undefined;
  if (type === '') return { resource: undefined, subresource: undefined, namespace: undefined, name: undefined };
  const resource = (builtInResource(type) ?? type).split('.')[0];
  return {
    resource,
    subresource: part ?? fields.get('subresource') ?? ofAction,
    namespace: fields.get('namespace'),
    name: after ?? (isPart ? undefined : behind) ?? (resource === 'pods' ? fields.get('pod') : undefined),
  };
}

/** Splits `pods/web-0` into type and name. In any other text, the whole text is the name. */
function typedName(text: string | undefined): readonly [type: string | undefined, name: string | undefined] {
  const [, type = '', name] = /^([a-z.]{1,100})\/([^/]+)$/.exec(text ?? '') ?? [];
  return builtInResource(type) === undefined ? [undefined, text] : [type, name];
}

/** Matches the path of a field in an audit event, as a row of a log has it. */
const OF_EVENT = /^(?:kubernetes\.audit\.)?objectRef\.resource$/;

/** Returns the time of the request. If no field states it, returns the time at which the line or the alert was written. */
function timeOf(fields: ReadonlyMap<Field, string>, pairs: readonly Pair[], site: FieldsSite): Circumstances {
  const falco = falcoLineTime(site.line, site.date);
  if (falco !== undefined) return falco;
  const [ended, begun] = [timeIn(fields.get('last'), site), timeIn(fields.get('first'), site)];
  const stated = fields.get('original') ?? fields.get('requested') ?? fields.get('time');
  const at = ended ?? timeIn(stated, site);
  if (at !== undefined) return givenCircumstances({ at, since: begun !== undefined && begun < at ? begun : undefined });
  return phraseIn(stated, site) ?? writtenLater(fields, pairs, site);
}

/** Reads a time in everyday words: `14:00 UTC`, `2026-03-10 14:00`. Undefined if there is none. */
function phraseIn(stated: string | undefined, { hasWholeValues, date }: FieldsSite): Circumstances | undefined {
  if (hasWholeValues !== true || stated === undefined || DATE_IN_WORDS.test(stated)) return undefined;
  const hasDate = date === undefined || /\d{4}-\d\d-\d\d/.test(stated);
  const circumstances = timePhraseIn(hasDate ? stated : `${stated} on ${date}`)?.circumstances ?? {};
  return Object.keys(circumstances).length === 0 ? undefined : circumstances;
}

/** Returns the time at which the line was written. If the row is an audit event, that is just after the request. */
function writtenLater(fields: ReadonlyMap<Field, string>, pairs: readonly Pair[], site: FieldsSite): Circumstances {
  // A tool that is not known can write the time of the alert into `first`.
  const at =
    timeIn(fields.get('written') ?? fields.get('first') ?? fields.get('ended'), site) ??
    writtenTime(site.line, site.date).at;
  if (at === undefined) return {};
  return { at, isWrittenLater: true, ...(pairs.some(({ name }) => OF_EVENT.test(name)) && { isLogged: true }) };
}

/** Matches a date that is not read, such as Kibana's. It has no time zone, and can be in the local time of a browser. */
const DATE_IN_WORDS = /[A-Z][a-z]{2,8}\.? \d{1,2},? \d{4}|\d{1,2}\.? [A-Z][a-z]{2,8},? \d{4}/;
/** Matches a time of day with seconds, or a number since 1970 with at least ten digits. */
const HAS_SECONDS = /\d:\d\d:\d\d|^\d{10,19}(?:\.\d{1,9})?$/;

/** Returns the time of a field. Undefined if the complete value has no seconds, or has a date that is not read. */
function timeIn(
  value: string | undefined,
  { line, hasWholeValues = line === '' }: FieldsSite,
): EpochMillis | undefined {
  if (value === undefined) return undefined;
  const dated = value.replaceAll(HTTP_DATE, (date) => httpDate(date));
  if (hasWholeValues && (DATE_IN_WORDS.test(dated) || !HAS_SECONDS.test(dated))) return undefined;
  return statedTime(dated) ?? writtenTime(hasWholeValues ? dated : line.slice(line.indexOf(value))).at;
}

function circumstancesOf(fields: ReadonlyMap<Field, string>, pairs: readonly Pair[], site: FieldsSite): Circumstances {
  const [ip, code, command] = [fields.get('sourceIp'), fields.get('code'), fields.get('command')];
  const { finding, cluster } = site.phrases ?? {};
  const request = withObject(requestOf(fields), site.phrases);
  return givenCircumstances({
    ...timeOf(fields, pairs, site),
    ...statedCluster(fields.get('cluster') ?? cluster),
    finding,
    count: finding === undefined ? undefined : countIn(fields.get('count')),
    action: command === undefined || request.subresource === undefined ? undefined : { command },
    auditId: filledTextAt(Object.fromEntries(fields), 'auditId'),
    request: Object.keys(request).length === 0 ? undefined : request,
    code: code !== undefined && /^\d{3}$/.test(code) ? Number(code) : undefined,
    sourceIps: ip === undefined ? undefined : [ip.replace(/^\[?([^\]]*?)\]?:\d{1,5}$/, '$1')],
    userAgent: fields.get('userAgent'),
  });
}

/** Returns the cluster of a field, which has its name or its ARN. */
function statedCluster(text: string | undefined): Pick<Circumstances, 'cluster' | 'clusterArn'> {
  const { name } = clusterRef(text) ?? {};
  return name === undefined ? { cluster: text } : { cluster: name, clusterArn: text };
}

/** Adds the object that the text states in words, if no field states a path or a type of object. */
function withObject(request: AuditRequest, { object }: FindingPhrases = {}): AuditRequest {
  return (request.uri ?? request.resource) === undefined ? { ...object, ...request } : request;
}

function countIn(text: string | undefined): number | undefined {
  const count = Number(text);
  return Number.isInteger(count) && count > 0 ? count : undefined;
}
