import { accessKeyId } from '../identity/access-key.ts';
import { assumedRoleRef } from '../identity/arn.ts';
import { filledTextAt, type JsonObject } from '../json.ts';
import { parseInstant } from '../time.ts';
import { subjectOfPrincipal, subjectOfUsername } from './callers.ts';
import { subjectOfUser, told } from './events.ts';
import { distinctForm, isUuid, readUid } from './forms.ts';
import { type Form, form } from './gathering.ts';
import type { Circumstances, Subject } from './subject.ts';

/**
 * `name="value"`, `name=value` and `"name": "value"`: logrus' lines (the authenticator), klog's (the API server), single
 * lines out of an event. Every part is bounded, so that a hostile line costs its length.
 */
const FIELD =
  /"?([A-Za-z][\w.-]{0,40})"?\s{0,4}[=:]\s{0,4}(?:\[?\s{0,8}"((?:[^"\\]|\\.){0,2048})"|([^\s"',;{}[\]]{1,2048}))/g;

/** What lines call what is read here, without case, `_`, `-` and `.`. */
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
} as const;
type Field = keyof typeof NAMES;

const FIELD_OF: ReadonlyMap<string, Field> = new Map(
  Object.entries(NAMES).flatMap(([field, names]) => names.map((name) => [name, field as Field] as const)),
);

/** The first value of each field that is known. */
export function fieldsOf(line: string): ReadonlyMap<Field, string> {
  const fields = new Map<Field, string>();
  for (const [, name = '', quoted, bare] of line.matchAll(FIELD)) {
    const field = FIELD_OF.get(name.toLowerCase().replaceAll(/[_.-]/g, ''));
    const value = quoted?.replaceAll(/\\(["\\/])/g, '$1') ?? bare ?? '';
    if (field !== undefined && value !== '' && !fields.has(field)) fields.set(field, value);
  }
  return fields;
}

/** Whom a line with such fields names: by uid and username, else by a principal, a key, a username, an ARN, or an id. */
export function fieldsForm(line: string): Form | undefined {
  const fields = fieldsOf(line);
  const circumstances = circumstancesOf(fields);
  const read = readUid(fields.get('uid') ?? '');
  const uid = read?.uid ?? fields.get('uid');
  const subject = userOf(fields, uid, circumstances) ?? subjectOfSigner(fields, circumstances);
  if (subject !== undefined) return form('log-line', [subject], subject.by === 'caller' ? read?.notes : []);
  return ofSingle(fields, circumstances);
}

/** The authenticator's `access granted` has the role's ARN, "STS response" the session's. */
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
  return subjectOfPrincipal(principal, { accessKeyId: key, arn }, circumstances);
}

/** One field that says something by itself. */
function ofSingle(fields: ReadonlyMap<Field, string>, circumstances: Circumstances): Form | undefined {
  for (const field of ['accessKeyId', 'uid', 'principalId', 'arn'] as const) {
    const value = fields.get(field);
    const found = value === undefined ? undefined : distinctForm(value, circumstances);
    if (found !== undefined) return found;
  }
  const username = fields.get('username');
  if (username !== undefined) return form('username', [subjectOfUsername(username, circumstances)]);
  const [auditId, eventId] = [fields.get('auditId'), fields.get('eventId')];
  if (auditId !== undefined) return form('audit-id', [{ by: 'audit-id', auditId, told: circumstances }]);
  if (eventId !== undefined && isUuid(eventId))
    return form('event-id', [{ by: 'event-id', eventId: eventId.toLowerCase(), told: circumstances }]);
  return undefined;
}

function circumstancesOf(fields: ReadonlyMap<Field, string>): Circumstances {
  const [time, ip, code, verb, uri] = [
    fields.get('time'),
    fields.get('sourceIp'),
    fields.get('code'),
    fields.get('verb'),
    fields.get('uri'),
  ];
  const request = { ...(verb !== undefined && { verb }), ...(uri !== undefined && { uri }) };
  return told({
    at: time === undefined ? undefined : parseInstant(time),
    auditId: filledTextAt(Object.fromEntries(fields), 'auditId'),
    request: Object.keys(request).length === 0 ? undefined : request,
    code: code !== undefined && /^\d{3}$/.test(code) ? Number(code) : undefined,
    sourceIps: ip === undefined ? undefined : [ip.replace(/^\[?([^\]]*?)\]?:\d{1,5}$/, '$1')],
    userAgent: fields.get('userAgent'),
  });
}
