import type { AuditRequest } from '../audit/audit-event.ts';
import { looksLikeAuditEvent } from '../audit/event.ts';
import { parseTrailCaller } from '../cloudtrail/caller.ts';
import { looksLikeTrailRecord } from '../cloudtrail/record.ts';
import { originOf } from '../envelopes/origin.ts';
import type { RejectReason } from '../envelopes/reject.ts';
import { type PieceReceiver, unwrap } from '../envelopes/unwrap.ts';
import { accessKeyId } from '../identity/access-key.ts';
import { assumedRoleRef } from '../identity/arn.ts';
import { parseUid } from '../identity/uid.ts';
import { filledTextAt, isJsonObject, type JsonObject, listAt, objectAt, parseJson, present, textAt } from '../json.ts';
import type { EpochMillis } from '../time.ts';
import { collectAlert } from './alerts.ts';
import {
  subjectOfPrincipal,
  subjectOfSessionArn,
  subjectOfTrailCaller,
  subjectOfUid,
  subjectOfUsername,
} from './callers.ts';
import { collectAuditEvent, collectRecord, collectTrailRecord, givenCircumstances, subjectOfUser } from './events.ts';
import { isChosenByCallers } from './field-names.ts';
import { areAlertFields, rowForm } from './fields.ts';
import type { Form, FormCollector } from './form-collector.ts';
import { readUid } from './forms.ts';
import { looksLikeGuardDuty, subjectsOfGuardDuty } from './guardduty.ts';
import { isChosenRow, type Row, rowOf } from './insights-columns.ts';
import {
  itemsOfList,
  looksLikeKubernetesEvent,
  looksLikeKubernetesObject,
  NOTE_ON_EVENTS,
  NOTE_ON_OBJECTS,
  subjectOfKubernetesEvent,
  subjectOfKubernetesObject,
} from './kubernetes-events.ts';
import { isOcsfFinding, looksLikeOcsf, subjectsOfOcsf } from './ocsf.ts';
import { looksLikeAsff, subjectsOfAsff } from './security-hub.ts';
import { eventOfSentinelRow, isIncidentAlone, NOTE_ON_INCIDENTS } from './sentinel-rows.ts';
import type { Circumstances, Subject } from './subject.ts';
import { tokenForm } from './tokens.ts';
import { statedTime } from './written-times.ts';

/** Decodes base64 and gzip of a CloudWatch Logs delivery, up to a limit. The adapter provides it (`inflatePayload`). */
export type Inflate = PieceReceiver['inflate'];

/** The maximum depth of envelopes within envelopes. Real texts have fewer. */
const MOST_LEVELS = 6;

/** Adds everything that is recognized in a JSON value, in any envelope and at any depth up to `MOST_LEVELS`. */
export function collectValue(value: unknown, to: FormCollector, inflate: Inflate, level = 0): void {
  if (level > MOST_LEVELS) return to.countUnrecognized();
  if (Array.isArray(value) && !isInsightsRow(value)) {
    for (const entry of value) collectValue(entry, to, inflate, level + 1);
    return;
  }
  if (Array.isArray(value)) return collectInsightsRow(value.filter(isJsonObject), to, inflate, level);
  if (isJsonObject(value)) collectObject(value, to, inflate, level);
  else collectEnvelope(value, to, inflate, level);
}

function collectObject(value: JsonObject, to: FormCollector, inflate: Inflate, level: number): void {
  if (Object.keys(value).length === 0) return;
  if ('@message' in value) return collectEnvelope(value, to, inflate, level);
  const row = eventOfSentinelRow(value);
  if (row !== undefined) return collectValue(row, to, inflate, level + 1);
  if (collectTableRow(value, to) || collectLabels(value, to)) return;
  const list = listOf(value);
  if (list !== undefined) return collectValue(list, to, inflate, level + 1);
  if (collectFinding(value, to) || collectIdentity(value, to)) return;
  if (looksLikeKubernetesObject(value)) return collectKubernetesObject(value, to);
  if (isOtherEnvelope(value)) return to.countUnrecognized();
  const inner = messageOf(value);
  if (inner !== undefined) return collectValue(inner, to, inflate, level + 1);
  if (!collectAlert(value, to)) collectEnvelope(value, to, inflate, level);
}

/**
 * Reads a row of a query with chosen columns. A row with only IDs of alerts becomes a note instead. Returns whether the
 * value is such a row.
 */
function collectTableRow(value: JsonObject, to: FormCollector): boolean {
  // A webhook of Splunk has the first row of the search in `result` (Splunk, "Use a webhook alert action").
  const row = isJsonObject(value.result) ? value.result : value;
  if (isIncidentAlone(value)) to.note(NOTE_ON_INCIDENTS);
  else if (isChosenRow(row)) collectChosenRow(row, to);
  else return collectRowOfFields(row, to);
  return true;
}

/** Reads a row of Splunk with other columns by the names of its fields. Its `_time` is that of the request. Returns whether it is one. */
function collectRowOfFields(row: JsonObject, to: FormCollector): boolean {
  if (!('_time' in row) || !areAlertFields(Object.keys(row))) return false;
  const cells = Object.entries(row).map(([name, value]) => [name, [value].flat().join('\n')] as const);
  const found = rowForm(cells);
  if (found !== undefined) to.add(found);
  return found !== undefined;
}

/** Reads each alert of an Alertmanager webhook by its labels. Source: Prometheus, "Alerting configuration", `<webhook_config>`. */
function collectLabels(value: JsonObject, to: FormCollector): boolean {
  const alerts = (listAt(value, 'alerts') ?? []).filter(isJsonObject);
  const labeled = alerts.flatMap((alert) => {
    const labels = objectAt(alert, 'labels');
    return labels === undefined ? [] : [{ ...labels, startsAt: alert.startsAt }];
  });
  for (const labels of labeled) {
    const texts = Object.entries(labels).flatMap(([name, text]) =>
      typeof text === 'string' ? [[name, text] as const] : [],
    );
    const found = rowForm(texts);
    if (found === undefined) to.countUnrecognized();
    else to.add(found);
  }
  return labeled.length > 0;
}

function isInsightsRow(list: readonly unknown[]): boolean {
  return list.length > 0 && list.every((entry) => isJsonObject(entry) && typeof entry.field === 'string');
}

/** Reads a row in the form of `GetQueryResults`: a list of `{field, value}`. */
function collectInsightsRow(row: readonly JsonObject[], to: FormCollector, inflate: Inflate, level: number): void {
  const named = Object.fromEntries(row.map(({ field, value }) => [String(field), value] as const));
  if (isChosenRow(named)) collectChosenRow(named, to);
  else collectEnvelope(row, to, inflate, level);
}

/**
 * Returns the list in a response or an event: `items` (kubectl), `Findings` (GetFindings of GuardDuty and Security
 * Hub), `findings` (EventBridge, reports), or the rows of `GetQueryResults`.
 */
function listOf(value: JsonObject): readonly unknown[] | undefined {
  const results = listAt(value, 'results');
  if (results?.some((row) => Array.isArray(row) && isInsightsRow(row))) return results;
  return (
    itemsOfList(value) ??
    listAt(value, 'Findings') ??
    listAt(value, 'findings') ??
    listAt(objectAt(value, 'detail'), 'findings')
  );
}

function collectFinding(value: JsonObject, to: FormCollector): boolean {
  const detail = objectAt(value, 'detail');
  if (detail !== undefined && looksLikeGuardDuty(detail)) to.addPart('guardduty-event', ...subjectsOfGuardDuty(detail));
  else if (looksLikeAsff(value)) to.addPart('securityhub-finding', ...subjectsOfAsff(value));
  else if (looksLikeOcsf(value))
    to.addPart(isOcsfFinding(value) ? 'ocsf-finding' : 'ocsf-activity', ...subjectsOfOcsf(value));
  else if (looksLikeGuardDuty(value)) to.addPart('guardduty-finding', ...subjectsOfGuardDuty(value));
  else if (looksLikeKubernetesEvent(value)) collectKubernetesEvent(value, to);
  else return false;
  return true;
}

/** Returns whether the value is an EventBridge event that has no API call, for example one of AWS Health. */
function isOtherEnvelope(value: JsonObject): boolean {
  const detail = objectAt(value, 'detail');
  return typeof value['detail-type'] === 'string' && detail !== undefined && !looksLikeTrailRecord(detail);
}

function collectKubernetesEvent(value: JsonObject, to: FormCollector): void {
  to.note(NOTE_ON_EVENTS);
  to.addPart('kubernetes-event', subjectOfKubernetesEvent(value));
}

function collectKubernetesObject(value: JsonObject, to: FormCollector): void {
  to.note(NOTE_ON_OBJECTS);
  to.addPart('kubernetes-object', subjectOfKubernetesObject(value));
}

/** Reads a value that names a caller but is not an event: a part of an event, the output of `whoami`, or an eks-whois record. */
function collectIdentity(value: JsonObject, to: FormCollector): boolean {
  const token = tokenIn(value);
  if (token !== undefined) to.add(token);
  else if ('schemaVersion' in value && isJsonObject(value.caller)) collectRecord(value, to);
  else if (looksLikeAuditEvent(value)) return false;
  else if (isUser(value)) to.addPart('audit-user', subjectOfUser(value, {}));
  else if (isTrailIdentity(value)) to.addPart('cloudtrail-identity', subjectOfTrailCaller(parseTrailCaller(value), {}));
  else if (isCallerIdentity(value)) to.addPart('caller-identity', subjectOfCallerIdentity(value));
  else return false;
  return true;
}

/** Returns the token in an ExecCredential (from `aws eks get-token`), or in the response to a TokenRequest. */
function tokenIn(value: JsonObject): Form | undefined {
  const isOfToken = value.kind === 'ExecCredential' || value.kind === 'TokenRequest';
  return isOfToken ? tokenForm(filledTextAt(objectAt(value, 'status'), 'token') ?? '') : undefined;
}

/** Returns whether the value is a UserInfo (authentication.k8s.io/v1), such as the `user` of an event. */
function isUser(value: JsonObject): boolean {
  return typeof value.username === 'string' && (typeof value.uid === 'string' || Array.isArray(value.groups));
}

function isTrailIdentity(value: JsonObject): boolean {
  return typeof value.principalId === 'string' && ('type' in value || 'arn' in value);
}

/** Returns whether the value is the response of GetCallerIdentity (STS API Reference). */
function isCallerIdentity(value: JsonObject): boolean {
  return typeof value.UserId === 'string' && typeof value.Arn === 'string';
}

function subjectOfCallerIdentity(value: JsonObject) {
  const [principal, arn] = [textAt(value, 'UserId'), textAt(value, 'Arn')];
  const subject = subjectOfPrincipal(principal, { arn }, {});
  if (subject?.by === 'caller' || arn === undefined) return subject;
  return { by: 'person', person: arn, circumstances: {} } as const;
}

/**
 * Returns the value inside a wrapper: a TokenReview, a SelfSubjectReview, a single field of an event, the `Message` of
 * SNS, the `body` of SQS, a log collector's document, or an alert of Wiz.
 */
function messageOf(value: JsonObject): unknown {
  const user = objectAt(objectAt(value, 'status'), 'userInfo') ?? objectAt(objectAt(value, 'status'), 'user');
  if (user !== undefined) return user;
  if (!looksLikeAuditEvent(value) && Object.keys(value).length === 1) {
    const only = objectAt(value, 'user') ?? objectAt(value, 'userIdentity') ?? objectAt(value, 'finding');
    if (only !== undefined) return only;
  }
  if (areAlertFields(Object.keys(value))) return undefined;
  const text = filledTextAt(value, 'Message') ?? filledTextAt(value, 'body');
  return text === undefined ? (carriedBy(value) ?? rawRecordsOf(value)) : objectOfText(text);
}

/**
 * The fields in which log collectors put what they collected: OpenSearch and Splunk (`_source`, `result`, `_raw`),
 * Fluent Bit (`log`), Vector and others (`message`).
 */
const CARRIERS = ['_source', 'result', '_raw', 'log', 'message'] as const;

/** Returns the JSON object that a log collector put into its document. Undefined if there is none. */
function carriedBy(value: JsonObject): JsonObject | undefined {
  if (!mayCarry(value)) return undefined;
  for (const name of CARRIERS) {
    const carried = objectAt(value, name) ?? objectOfText(textAt(value, name) ?? '');
    if (carried !== undefined) return carried;
  }
  return undefined;
}

/**
 * Fields of audit events, CloudTrail records and Kubernetes objects. A document with one of them is itself such an
 * event, or the rest of one.
 */
const NAMES_OF_ITSELF = [
  'kind',
  'auditID',
  'eventName',
  'user',
  'requestObject',
  'responseObject',
  'requestParameters',
  'responseElements',
] as const;

/**
 * Returns whether the document can be a log collector's, with an event inside. It is not if it looks like an event
 * itself. A document with a log group or a log stream is an envelope (CONTRACT, rule 9), which `unwrap` reads.
 */
function mayCarry(value: JsonObject): boolean {
  return (
    !NAMES_OF_ITSELF.some((name) => name in value) &&
    !Object.keys(value).some((name) => /log_?(?:group|stream)|^owner$/i.test(name))
  );
}

function objectOfText(text: string): JsonObject | undefined {
  const parsed = text.trimStart().startsWith('{') ? parseJson(text) : undefined;
  return parsed?.ok && isJsonObject(parsed.value) ? parsed.value : undefined;
}

/** Returns the events inside an alert of Wiz. Undefined if there are none. */
function rawRecordsOf(value: JsonObject): readonly JsonObject[] | undefined {
  const events = [...(listAt(value, 'triggeringEvents') ?? []), value.triggeringEvent, value].filter(isJsonObject);
  const carried = events
    .map((event) => objectAt(event, 'rawAuditLogRecord') ?? objectOfText(textAt(event, 'rawAuditLogRecord') ?? ''))
    .filter((record) => record !== undefined);
  return carried.length === 0 ? undefined : carried;
}

/**
 * Returns the audit events and CloudTrail records that an alert has in its fields, at any depth up to `MOST_LEVELS`. For example,
 * Panther has one in `alertContext`. Kubernetes objects, documents with a log group and parts of events are not searched: anybody
 * can have written the contents of their fields.
 */
function wrappedEvents(value: unknown, level = 0): readonly JsonObject[] {
  if (level > MOST_LEVELS) return [];
  if (Array.isArray(value)) return value.flatMap((each) => wrappedEvents(each, level + 1));
  const object = typeof value === 'string' ? objectOfText(value) : value;
  if (!isJsonObject(object)) return [];
  if (isWholeEvent(object)) return [object];
  const { user: _, ...others } = object;
  if (!mayCarry(others)) return [];
  const stated = [object.key, object.name, object.field, object.title].filter((each) => typeof each === 'string');
  return Object.entries(object).flatMap(([name, each]) =>
    /^(?:user|name|pod|namespace)$/.test(name) || isChosenByCallers(name === 'value' ? stated : [name])
      ? []
      : wrappedEvents(each, level + 1),
  );
}

/** Returns whether the value is an audit event or a CloudTrail record that states its caller. */
function isWholeEvent(value: JsonObject): boolean {
  const caller = looksLikeTrailRecord(value) ? objectAt(value, 'userIdentity') : objectAt(value, 'user');
  return caller !== undefined && ('auditID' in value || looksLikeTrailRecord(value));
}

/** Reads audit events and CloudTrail records, and opens their envelopes in the same way as in files (lib/envelopes). */
function collectEnvelope(value: unknown, to: FormCollector, inflate: Inflate, level: number): void {
  unwrap(
    value,
    () => '',
    {
      audit: (event, site) => collectAuditEvent(event, site, to),
      trail: (record) => collectTrailRecord(record, to),
      ignored: (what) => {
        if (what === 'other-origin') to.note(OTHER_ORIGIN);
      },
      reject(reason, _, piece) {
        const wrapped = reason === 'unrecognized' && piece === value ? wrappedEvents(value) : [];
        for (const event of wrapped) collectValue(event, to, inflate, level + 1);
        if (wrapped.length === 0) collectReject(reason, to);
      },
      inflate,
    },
    level,
  );
}

const OTHER_ORIGIN =
  'Skipped a part that looks like an event: its log group or log stream does not hold such events (contract, "Where text comes from").';

function collectReject(reason: RejectReason, to: FormCollector): void {
  const why = UNREAD.get(reason);
  if (why === undefined) to.countUnrecognized();
  else to.note(why);
}

const UNREAD: ReadonlyMap<RejectReason, string> = new Map([
  ['awslogs-data-unreadable', 'Skipped a subscription payload: its data cannot be decompressed.'],
  [
    'inflates-too-far',
    'Skipped a subscription payload: its data is too long. Put it in a file and run eks-whois attribute --audit FILE.',
  ],
  ['invalid-json', 'Skipped a message that is incomplete or not JSON.'],
  [
    'eventbridge-envelope-not-from-cloudtrail',
    'Skipped an EventBridge envelope: only one of AWS with the detail-type "AWS API Call via CloudTrail" counts, because anybody can write others.',
  ],
]);

/**
 * Reads a Logs Insights row with selected columns instead of `@message`: the caller, the time and the request, as far
 * as the columns have them.
 * Trust: none. The author of a query can compute values and name columns freely, and anybody can type such a text. So a
 * row proves no more than typed text. It is looked up like a `whois` question, and does not become a record. If only
 * the first source IP (index 0) is given, the client can have written it.
 */
function collectChosenRow(value: JsonObject, to: FormCollector): void {
  const row = rowOf(value);
  const origin = originOf({ group: row.log, stream: row.stream }, []);
  if (!origin.mayBeAudit) return to.note(OTHER_GROUP);
  to.note(row.ips.length === 1 ? `${TYPED} ${ONE_ADDRESS}` : TYPED);
  const at = timeOf(row);
  if (at === undefined && (row.received ?? row.time) !== undefined)
    to.note('Ignored a time in a row that cannot be read.');
  const key = accessKeyId(row.accessKeyId);
  if (row.accessKeyId !== undefined && key === undefined)
    to.note('Ignored a value in a row that is not an access key ID.');
  const circumstances = circumstancesOfRow(row, at, origin.site.cluster);
  const read = readUid(row.uid ?? '');
  for (const note of read?.notes ?? []) to.note(note);
  to.addPart('insights-row', subjectOfRow({ ...row, uid: read?.uid ?? row.uid }, key, circumstances));
}

const TYPED =
  'Selected columns only say what to look up: a query computed them, or somebody typed them. Only @message holds the event itself.';
const ONE_ADDRESS = 'If the event has several source IPs, the client can have written the first one.';
const OTHER_GROUP =
  'Skipped a row: its log group or log stream does not hold audit events (contract, "Where text comes from").';

/**
 * Returns the time of a row. `@timestamp` is in UTC but has no time zone. `toMillis` of it is a number. Source:
 * CloudWatch Logs API Reference, "GetQueryResults".
 */
function timeOf({ received, time }: Row): EpochMillis | undefined {
  return instantOf(received) ?? instantOf(time);
}

function instantOf(text = ''): EpochMillis | undefined {
  return statedTime(text.slice(0, 64));
}

function circumstancesOfRow(row: Row, at: EpochMillis | undefined, cluster: string | undefined): Circumstances {
  const { verb, uri, apiGroup, resource, subresource, namespace, name, code, ips } = row;
  const request = present<AuditRequest>({ verb, uri, apiGroup, resource, subresource, namespace, name });
  return givenCircumstances({
    at,
    cluster,
    auditId: row.auditId,
    request: Object.keys(request).length === 0 ? undefined : request,
    code: /^\d{3}$/.test(code ?? '') ? Number(code) : undefined,
    sourceIps: ips.length === 0 ? undefined : ips,
    userAgent: row.userAgent,
    impersonated: row.impersonated,
  });
}

/** Returns the subject of a row: by uid and username if it has them, else by session or access key, else by anything that it has. */
function subjectOfRow(row: Row, key: string | undefined, circumstances: Circumstances): Subject | undefined {
  const { uid, username, sessionName, arn, auditId } = row;
  if (uid !== undefined && username !== undefined)
    return subjectOfUser({ uid, username, extra: { accessKeyId: key, sessionName, arn } }, circumstances);
  const identity = parseUid(uid);
  const session = sessionName ?? assumedRoleRef(arn)?.sessionName;
  const principal = identity?.kind === 'role' && session !== undefined ? `${identity.roleId}:${session}` : undefined;
  const stated = arn ?? username ?? '';
  const signer = subjectOfPrincipal(principal, { accessKeyId: key, arn: stated }, circumstances);
  const bySession = signer ?? subjectOfSessionArn(stated, circumstances);
  if (bySession !== undefined) return bySession;
  if (username !== undefined) return subjectOfUsername(username, circumstances);
  const byUid = uid === undefined ? undefined : subjectOfUid(uid, circumstances);
  if (byUid !== undefined) return byUid;
  return auditId === undefined ? undefined : { by: 'audit-id', auditId, circumstances };
}
