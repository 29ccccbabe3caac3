import type { AuditRequest } from '../audit/audit-event.ts';
import { accessKeyId } from '../identity/access-key.ts';
import { assumedRoleRef } from '../identity/arn.ts';
import { filledTextAt, type JsonObject, present } from '../json.ts';
import { parseInstant } from '../time.ts';
import { falcoLineTime } from './alerts.ts';
import { subjectOfPrincipal, subjectOfUsername } from './callers.ts';
import { givenCircumstances, subjectOfUser } from './events.ts';
import { distinctForm, isUuid, readUid } from './forms.ts';
import { type Form, form } from './gathering.ts';
import type { Circumstances, Subject } from './subject.ts';

/** The most characters of a value. Longer values are ignored. */
const LONGEST = 2_048;

/** The names of each field in log lines, in lower case and without `_`, `-` and `.`. */
const NAMES = {
  uid: ['uid', 'useruid'],
  username: ['username', 'user'],
  arn: ['arn'],
  accessKeyId: ['accesskeyid'],
  sessionName: ['sessionname', 'session'],
  principalId: ['principalid', 'userid', 'assumedroleid'],
  auditId: ['auditid'],
  eventId: ['eventid'],
  time: ['time', 'ts', 'timestamp', 'requestreceivedtimestamp', 'eventtime'],
  userAgent: ['useragent'],
  sourceIp: ['srcip', 'sourceipaddress'],
  verb: ['verb'],
  uri: ['uri', 'requesturi'],
  code: ['resp', 'code'],
  // Only in lines of Falco:
  resource: ['resource'],
  subresource: ['action'],
  namespace: ['ns'],
  pod: ['pod'],
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

/** Returns the first value of each known field of a line. */
export function fieldsOf(line: string): ReadonlyMap<Field, string> {
  const fields = new Map<Field, string>();
  let isOfSystemCall = false;
  for (const { name, value } of pairsOf(line)) {
    const plain = name.toLowerCase().replaceAll(/[_.-]/g, '');
    const field = FIELD_OF.get(plain);
    isOfSystemCall ||= OF_SYSTEM_CALLS.includes(plain);
    if (field !== undefined && value !== '' && !fields.has(field)) fields.set(field, value);
  }
  if (isOfSystemCall) for (const field of ['username', 'uid'] as const) fields.delete(field);
  return fields;
}

interface Pair {
  readonly name: string;
  readonly value: string;
}

const NAME = /[A-Za-z][\w.-]{0,40}(?=\s{0,4}[=:])/y;
const QUOTED_NAME = /"([A-Za-z][\w.-]{0,40})"(?=\s{0,4}[=:])/y;
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
  return bare === '' || bare.length > LONGEST ? { end: at + bare.length } : { value: bare, end: at + bare.length };
}

function matchAt(pattern: RegExp, line: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(line) ?? undefined;
}

/** Returns what a line with such fields names: by uid and username, else by principal, access key, username, ARN or ID. */
export function fieldsForm(line: string, date?: string): Form | undefined {
  const fields = fieldsOf(line);
  const circumstances = circumstancesOf(fields, line, date);
  const read = readUid(fields.get('uid') ?? '');
  const uid = read?.uid ?? fields.get('uid');
  const subject = userOf(fields, uid, circumstances) ?? subjectOfSigner(fields, circumstances);
  if (subject !== undefined) return form('log-line', [subject], subject.by === 'caller' ? read?.notes : []);
  return ofSingle(fields, circumstances);
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
    const found = value === undefined ? undefined : distinctForm(value, circumstances);
    if (found !== undefined) return found;
  }
  const username = fields.get('username');
  if (username !== undefined) return form('username', [subjectOfUsername(username, circumstances)]);
  const [auditId, eventId] = [fields.get('auditId'), fields.get('eventId')];
  if (auditId !== undefined) return form('audit-id', [{ by: 'audit-id', auditId, circumstances }]);
  if (eventId !== undefined && isUuid(eventId))
    return form('event-id', [{ by: 'event-id', eventId: eventId.toLowerCase(), circumstances }]);
  return undefined;
}

/** Returns the object of a line of Falco about a request: `(user=… pod=web-0 resource=pods ns=shop action=exec command=sh)`. */
function objectOfFalco(fields: ReadonlyMap<Field, string>): AuditRequest {
  const [resource, action] = [fields.get('resource'), fields.get('subresource') ?? ''];
  if (resource === undefined) return {};
  return present<AuditRequest>({
    verb: undefined,
    uri: undefined,
    apiGroup: undefined,
    resource,
    subresource: ['exec', 'attach', 'portforward'].includes(action) ? action : undefined,
    namespace: fields.get('namespace'),
    name: resource === 'pods' ? fields.get('pod') : undefined,
  });
}

function circumstancesOf(fields: ReadonlyMap<Field, string>, line: string, date?: string): Circumstances {
  const [time, ip, code, verb, uri] = [
    fields.get('time'),
    fields.get('sourceIp'),
    fields.get('code'),
    fields.get('verb'),
    fields.get('uri'),
  ];
  const falco = falcoLineTime(line, date);
  const request: AuditRequest = {
    ...(falco !== undefined && objectOfFalco(fields)),
    ...(verb !== undefined && { verb }),
    ...(uri !== undefined && { uri }),
  };
  return givenCircumstances({
    at: falco?.at ?? (time === undefined ? undefined : parseInstant(time)),
    clock: falco?.clock,
    auditId: filledTextAt(Object.fromEntries(fields), 'auditId'),
    request: Object.keys(request).length === 0 ? undefined : request,
    code: code !== undefined && /^\d{3}$/.test(code) ? Number(code) : undefined,
    sourceIps: ip === undefined ? undefined : [ip.replace(/^\[?([^\]]*?)\]?:\d{1,5}$/, '$1')],
    userAgent: fields.get('userAgent'),
  });
}
