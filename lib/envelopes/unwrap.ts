import { looksLikeAuditEvent } from '../audit/event.ts';
import { type EventSite, NOWHERE } from '../audit/event-site.ts';
import { looksLikeDigestFile } from '../cloudtrail/digest-file.ts';
import { isGrantEvent } from '../cloudtrail/evidence-events.ts';
import { looksLikeTrailRecord } from '../cloudtrail/record.ts';
import { accountIn } from '../identity/cluster.ts';
import { filledTextAt, isJsonObject, type JsonObject, listAt, objectAt, parseJson, textAt } from '../json.ts';
import { epochMillis, formatInstant } from '../time.ts';
import { type CarriedMessage, collectedContent, isMixedWithOthers } from './collectors.ts';
import type { CountedGroup } from './counted-group.ts';
import { accountOfLogGroup, isAuditStream, isOtherStreamText } from './log-group.ts';
import { type Origin, originOf, originOfCopied, type StatedOrigin, UNSTATED_ORIGIN, unreadOrigin } from './origin.ts';
import { type RejectReason, sampleOfValue } from './reject.ts';
import { type LakeEvent, lakeEvent } from './security-lake/event.ts';
import { LONGEST_MESSAGE, MOST_EVENTS, messageFlaw, structureFlaw } from './structure.ts';
import { systemFieldsIn } from './system-fields.ts';
import { looksLikeTrailRow, rowsOfAnswer, trailRecordOfRow } from './trail-rows.ts';

/**
 * Returns the place of a piece in its source, in words: `line 3, logEvents[2]`. It is a function, because few places
 * are ever shown.
 */
export type Place = () => string;

/** Receives the pieces of an envelope. Exactly one of these methods is called for each piece. */
export interface PieceReceiver {
  audit(event: JsonObject, site: EventSite, place: Place): void;
  /**
   * @param account the account of the record. Present if EventBridge delivered it, or if the log group belongs to
   *   another account.
   */
  trail(record: JsonObject, place: Place, account?: string): void;
  /** @param name the log that a piece of `other-origin` comes from, if it has a name. */
  ignored(what: IgnoredPiece, name?: string): void;
  reject(reason: RejectReason, place: Place, sample: unknown): void;
  /** Decodes the base64 and gzip of a subscription's payload, up to a limit. Returns the reason if it cannot. */
  inflate(data: string): InflatedPayload | { readonly ok: false; readonly reason: RejectReason };
  /** Log groups that the operator vouches for, besides AWS's own. */
  readonly countedGroups?: readonly CountedGroup[];
  /** The Region whose subscriptions deliver here. A payload states its account, but not its Region (FACTS). */
  readonly region?: string | undefined;
  /** The account that handed the payloads over. Absent if they are from the service's own account. */
  readonly handedOverBy?: string | undefined;
}

/** The content of a payload: its bytes, and their UTF-8 text. */
export interface InflatedPayload {
  readonly ok: true;
  readonly text: string;
  readonly bytes: Uint8Array;
}

/**
 * Pieces that are left out although nothing is wrong with them. `other-origin` looks like an audit event or a
 * CloudTrail record, but comes from another kind of log. `continued-message` belongs to the message
 * before it in an export. `other-product` is an event of Security Lake from neither CloudTrail nor EKS. `trail-digest`
 * is one of CloudTrail's digest files. `out-of-range` is outside the time range of a backfill.
 */
export type IgnoredPiece =
  | 'other-log-stream'
  | 'control-message'
  | 'other-origin'
  | 'continued-message'
  | 'other-product'
  | 'trail-digest'
  | 'out-of-range';

/** Pieces that are left out, including evidence of another kind than was asked for. */
export type LeftOut = IgnoredPiece | 'audit-event' | 'cloudtrail-record';

/** Limits the nesting of envelopes. AWS never uses as many. */
const MOST_LEVELS = 6;

/**
 * Recognizes a JSON value by its shape, in any envelope that the CONTRACT lists. Passes its audit events and CloudTrail
 * records to `to`. It never throws.
 */
export function unwrap(value: unknown, place: Place, to: PieceReceiver, level = 0): void {
  if (level > MOST_LEVELS) return to.reject('nested-too-deep', place, value);
  if (Array.isArray(value)) return unwrapList(value, place, to, level);
  if (typeof value === 'string') return unwrapText(value, place, to);
  if (!isJsonObject(value)) return to.reject('unrecognized', place, value);
  if ('@message' in value) return unwrapInsightsRow(value, place, to); // also if there are other columns
  const items = listAt(value, 'items');
  if (items !== undefined && !('auditID' in value)) return eachOf(items, 'items', place, to, level);
  if (value.kind === 'EventList' && value.items === null) return; // Go writes an empty list as null
  if (!unwrapEvidence(value, place, to, level)) unwrapEnvelope(value, place, to, level);
}

/** Unwraps an audit event or a CloudTrail record as it is. Returns whether it is one. */
function unwrapEvidence(value: JsonObject, place: Place, to: PieceReceiver, level: number): boolean {
  const isAudit = looksLikeAuditEvent(value);
  if (!isAudit && (!looksLikeTrailRecord(value) || looksLikeTrailRow(value))) return false;
  if (isMixedWithOthers(value)) unwrapCollected(value, place, to, level);
  else if (isAudit) to.audit(value, NOWHERE, place);
  else to.trail(value, place);
  return true;
}

/** Unwraps a log message without an envelope, as `--query 'events[].message'` and `jq .message` write it. */
function unwrapText(text: string, place: Place, to: PieceReceiver): void {
  if (text.trimStart().startsWith('{') || isOtherStreamText(text)) return readMessage(text, UNSTATED_ORIGIN, place, to);
  to.reject('unrecognized', place, text);
}

function unwrapEnvelope(value: JsonObject, place: Place, to: PieceReceiver, level: number): void {
  if (looksLikeTrailRow(value)) return unwrapTrailRow(value, place, to);
  const whole = firstList(value, 'Records', 'Events');
  if (whole !== undefined) return eachOf(whole.list, whole.key, place, to, level);
  if (typeof value.CloudTrailEvent === 'string') return unwrapLookedUp(value.CloudTrailEvent, place, to);
  if (isJsonObject(value.awslogs)) return unwrapPayload(value.awslogs, place, to, level);
  if (typeof value.messageType === 'string') return unwrapSubscription(value, place, to);
  if (looksLikeDigestFile(value)) return to.ignored('trail-digest');
  if (isJsonObject(value.detail)) return unwrapEventBridge(value, value.detail, place, to);
  const answered = firstList(value, 'events', 'results');
  if (answered !== undefined) return eachOf(answered.list, answered.key, place, to, level);
  if ('@ptr' in value) return unwrapInsightsRow(value, place, to);
  const rows = rowsOfAnswer(value);
  if (rows !== undefined) return eachOf(rows, 'rows', place, to, level);
  const event = lakeEvent(value);
  if (event !== undefined) return unwrapOcsf(event, UNSTATED_ORIGIN, place, to);
  unwrapCollected(value, place, to, level);
}

/** Unwraps a row of a table of the trail. */
function unwrapTrailRow(row: JsonObject, place: Place, to: PieceReceiver): void {
  const record = trailRecordOfRow(row);
  if (record === undefined) return to.reject('trail-row-unreadable', place, row);
  to.trail(record, place);
}

/** Unwraps an event in OCSF, as Security Lake and a transformer of CloudWatch Logs write it. */
function unwrapOcsf(event: LakeEvent, from: Origin, place: Place, to: PieceReceiver): void {
  if (event.kind === 'other') return to.ignored('other-product');
  if (!(event.kind === 'audit' ? from.mayBeAudit : from.mayBeTrail)) return to.ignored('other-origin', from.name);
  if (event.kind === 'audit') return to.audit(event.event, from.site, place);
  if (event.lacksIssued) to.reject('security-lake-grant-without-response', place, event.record);
  to.trail(event.record, place);
}

/** Unwraps a document of a log collector. The API's entries of a log group are one of its forms. */
function unwrapCollected(value: JsonObject, place: Place, to: PieceReceiver, level: number): void {
  const content = collectedContent(value);
  if (content === undefined) return to.reject('unrecognized', place, value);
  if ('list' in content) return eachOf(content.list, content.key, place, to, level);
  unwrapCarried(content, entryOf(value), place, to);
}

function entryOf({ eventId, timestamp }: JsonObject) {
  return { id: typeof eventId === 'string' ? eventId : undefined, timestamp };
}

function unwrapCarried(
  { message, stated }: CarriedMessage,
  entry: Pick<LogEntryNames, 'id' | 'timestamp'>,
  place: Place,
  to: PieceReceiver,
): void {
  const from = originOf(stated, to.countedGroups ?? []);
  const at = entryPlace(place, { ...entry, stream: stated.stream });
  if (typeof message === 'string') readMessage(message, from, at, to);
  else dispatchMessage(message, from, at, to);
}

function firstList(value: JsonObject, ...keys: readonly string[]) {
  const lists = keys.map((key) => ({ key, list: listAt(value, key) }));
  return lists.find((each): each is { key: string; list: readonly unknown[] } => each.list !== undefined);
}

function unwrapList(list: readonly unknown[], place: Place, to: PieceReceiver, level: number): void {
  if (list.length > 0 && list.every(isInsightsField)) return unwrapInsightsFields(list, place, to);
  eachOf(list, '', place, to, level);
}

function eachOf(list: readonly unknown[], key: string, place: Place, to: PieceReceiver, level: number): void {
  for (const [index, entry] of list.entries()) {
    unwrap(entry, () => `${place()}, ${key}[${index}]`, to, level + 1);
  }
}

/** Unwraps `CloudTrailEvent` of a LookupEvents response, whose JSON text is the whole record (FACTS). */
function unwrapLookedUp(text: string, place: Place, to: PieceReceiver): void {
  const parsed = parseJson(text);
  if (!parsed.ok) return to.reject('invalid-json', place, text);
  if (!looksLikeTrailRecord(parsed.value)) return to.reject('unrecognized', place, parsed.value);
  to.trail(parsed.value, place);
}

function unwrapPayload(awslogs: JsonObject, place: Place, to: PieceReceiver, level: number): void {
  const data = textAt(awslogs, 'data');
  if (data === undefined) return to.reject('awslogs-data-unreadable', place, awslogs);
  const inflated = to.inflate(data);
  // There is no sample of the payload, because it may contain bodies once it is decoded.
  if (!inflated.ok) return to.reject(inflated.reason, place, `${data.length} characters of base64`);
  const within: Place = () => `${place()}, awslogs.data`;
  const parsed = parseJson(inflated.text);
  if (!parsed.ok) return to.reject('invalid-json', place, inflated.text);
  unwrap(parsed.value, within, to, level + 1);
}

/**
 * Unwraps a delivery that another account handed over. Its log group must belong to that account (CONTRACT, "Where text
 * comes from"). It must also be within the limits of CloudWatch Logs. Returns why the whole delivery is refused, or
 * undefined.
 */
export function unwrapHandedOver(
  { account, region, data }: HandedOver,
  place: Place,
  to: PieceReceiver,
): Refusal | undefined {
  const inflated = to.inflate(data);
  if (!inflated.ok) return { reason: inflated.reason, sample: `${data.length} characters of base64` };
  const flaw = structureFlaw(inflated.bytes);
  const length = `${inflated.bytes.length} bytes`;
  if (flaw !== undefined) return { reason: flaw, sample: length };
  const parsed = parseJson(inflated.text);
  if (!parsed.ok || !isJsonObject(parsed.value)) return { reason: 'invalid-json', sample: length };
  const payload = parsed.value;
  const refused = payload.messageType === 'CONTROL_MESSAGE' ? undefined : refusal(payload, account);
  if (refused === undefined) unwrapSubscription(payload, place, to, { region, handedOverBy: account });
  return refused;
}

/** A delivery that another account handed over. */
export interface HandedOver {
  /** The account that AWS states. */
  readonly account: string;
  /** The Region of its log groups, as that account states it. */
  readonly region: string | undefined;
  /** The payload, as `awslogs.data` has it. */
  readonly data: string;
}

/** The reason why a whole delivery is refused. */
export interface Refusal {
  readonly reason: RejectReason;
  /** A description of the delivery without its content, by which people recognize it. It has at most a kilobyte. */
  readonly sample: string;
}

function refusal(payload: JsonObject, account: string): Refusal | undefined {
  const events = listAt(payload, 'logEvents');
  const { messageType, owner, logGroup } = payload;
  if (messageType !== 'DATA_MESSAGE' || events === undefined) {
    return { reason: 'unrecognized', sample: sampleOfValue({ messageType }) };
  }
  const named = accountOfLogGroup(textAt(payload, 'logGroup') ?? '') ?? account;
  const sample = sampleOfValue({ owner, logGroup });
  if (owner !== account || named !== account) return { reason: 'owner-is-another-account', sample };
  if (events.length > MOST_EVENTS) return { reason: 'too-many-events', sample };
  return events.some(isTooLong) ? { reason: 'too-long', sample } : undefined;
}

function isTooLong(event: unknown): boolean {
  const message = isJsonObject(event) ? textAt(event, 'message') : undefined;
  return message !== undefined && message.length > LONGEST_MESSAGE;
}

/** Unwraps the payload of a subscription (CloudWatch Logs User Guide, "Subscription filters with Lambda"). */
function unwrapSubscription(
  payload: JsonObject,
  place: Place,
  to: PieceReceiver,
  stated: Pick<StatedOrigin, 'region' | 'handedOverBy'> = to,
): void {
  if (payload.messageType === 'CONTROL_MESSAGE') return to.ignored('control-message');
  const events = listAt(payload, 'logEvents');
  if (events === undefined) return to.reject('unrecognized', place, payload);
  const from = originOf(
    { ...statedByPayload(payload), region: stated.region, handedOverBy: stated.handedOverBy },
    to.countedGroups ?? [],
  );
  for (const [index, event] of events.entries()) {
    unwrapLogEvent(event, from, () => `${place()}, logEvents[${index}]`, to);
  }
}

function statedByPayload(payload: JsonObject): StatedOrigin {
  return {
    group: filledTextAt(payload, 'logGroup'),
    stream: filledTextAt(payload, 'logStream'),
    owner: filledTextAt(payload, 'owner'),
  };
}

function unwrapLogEvent(event: unknown, delivered: Origin, place: Place, to: PieceReceiver): void {
  const entry = isJsonObject(event) ? event : undefined;
  const message = textAt(entry, 'message');
  const { stream } = delivered;
  const system = systemFieldsIn(objectAt(entry, 'extractedFields'));
  const from = system === undefined ? delivered : originOfCopied(delivered, system);
  const at = entryPlace(place, { stream, id: textAt(entry, 'id'), timestamp: entry?.timestamp });
  if (message === undefined) to.reject('unrecognized', at, event);
  else readMessage(message, from, at, to);
}

interface LogEntryNames {
  readonly stream: string | undefined;
  readonly id: string | undefined;
  /** The time of the log event, in epoch milliseconds if it is valid. */
  readonly timestamp: unknown;
}

/** The longest stream name, slightly longer than CloudWatch Logs allows. A file can contain longer ones. */
const LONGEST_STREAM = 512;
const LONGEST_ID = 64;
/** The latest time of a Date, in milliseconds. */
const LATEST = 8.64e15;

/**
 * Returns the place of an entry by its stream, ID and time. These find the entry in its log group. Its index only has a
 * meaning within one delivery.
 */
function entryPlace(place: Place, { stream, id, timestamp }: LogEntryNames): Place {
  return () => {
    const isTime = typeof timestamp === 'number' && Math.abs(timestamp) <= LATEST;
    return [
      place(),
      ...(stream ? [`stream ${stream.slice(0, LONGEST_STREAM)}`] : []),
      ...(id ? [`event id ${id.slice(0, LONGEST_ID)}`] : []),
      ...(isTime ? [formatInstant(epochMillis(timestamp))] : []),
    ].join(', ');
  };
}

/** Where an element was in a document that was read piece by piece, because it is too long or damaged. */
export interface ElementOrigin {
  /** The key of the element's array. Empty if the whole document is the list. */
  readonly key: string;
  readonly index: number;
  /** The document's other strings before the array. */
  readonly header: ReadonlyMap<string, string>;
}

/** Unwraps one element of an envelope in the same way as from a complete envelope. */
export function unwrapElement(
  element: unknown,
  { key, index, header }: ElementOrigin,
  place: Place,
  to: PieceReceiver,
): void {
  const at: Place = () => `${place()}, ${key}[${index}]`;
  if (key !== 'logEvents') return unwrap(element, at, to, 1);
  unwrapLogEvent(element, originOfElements(Object.fromEntries(header), to.countedGroups ?? []), at, to);
}

/** Returns the origin of elements. AWS writes log group and stream before the array. Names after it come too late. */
function originOfElements(header: JsonObject, counted: readonly CountedGroup[]): Origin {
  const stated = statedByPayload(header);
  return stated.group === undefined || stated.stream === undefined ? unreadOrigin(counted) : originOf(stated, counted);
}

/**
 * Unwraps an envelope of EventBridge. Anybody can put events on a bus, but only AWS can use a source that begins with
 * `aws.`. So only such an envelope counts, and a grant only with the source `aws.sts` (CONTRACT, rule 3; FACTS).
 * Sources that begin with `aws.partner/` belong to other companies, which can write anything. Source: EventBridge User
 * Guide, "Receiving events from a SaaS partner". EventBridge states the account of an envelope, and CloudTrail that of
 * the
 * record. Both must be equal.
 */
function unwrapEventBridge(envelope: JsonObject, detail: JsonObject, place: Place, to: PieceReceiver): void {
  const source = textAt(envelope, 'source') ?? '';
  const isGrant = isGrantEvent(textAt(detail, 'eventName') ?? '');
  const byAws = isGrant ? source === 'aws.sts' : source.startsWith('aws.') && !source.startsWith('aws.partner/');
  if (!byAws || textAt(envelope, 'detail-type') !== 'AWS API Call via CloudTrail') {
    return to.reject('eventbridge-envelope-not-from-cloudtrail', place, envelope);
  }
  if (!looksLikeTrailRecord(detail)) return to.reject('unrecognized', place, detail);
  const account = filledTextAt(envelope, 'account');
  const recipient = filledTextAt(detail, 'recipientAccountId') ?? account;
  if (account !== undefined && recipient !== account) return to.reject('recipient-is-another-account', place, envelope);
  to.trail(detail, place, accountIn(account));
}

function isInsightsField(entry: unknown): entry is JsonObject {
  return isJsonObject(entry) && typeof entry.field === 'string' && 'value' in entry;
}

/** Unwraps a row of `GetQueryResults`, which is a list of `{field, value}`. */
function unwrapInsightsFields(fields: readonly JsonObject[], place: Place, to: PieceReceiver): void {
  const row = new Map(fields.map(({ field, value }) => [field, value]));
  const pick = (field: string) => ({ [field]: row.get(field) });
  unwrapInsightsRow({ ...pick('@message'), ...pick('@log'), ...pick('@logStream') }, place, to);
}

/** Unwraps a Logs Insights row by the names of its fields, as the console exports it to JSON or CSV. */
function unwrapInsightsRow(row: JsonObject, place: Place, to: PieceReceiver): void {
  const content = '@message' in row ? collectedContent(row) : undefined;
  if (content === undefined || 'list' in content) return to.reject('insights-row-without-@message', place, row);
  unwrapCarried(content, { id: undefined, timestamp: undefined }, place, to);
}

/** Unwraps a log message that is text or already parsed, with its stated origin. */
export function unwrapMessage(
  message: string | JsonObject,
  stated: StatedOrigin,
  place: Place,
  to: PieceReceiver,
): void {
  const from = originOf(stated, to.countedGroups ?? []);
  if (typeof message === 'string') readMessage(message, from, place, to);
  else dispatchMessage(message, from, place, to);
}

/**
 * Reads a log message: an audit event, a CloudTrail record, or text of another stream. Cut JSON (entries over 1 MB,
 * FACTS) that may be an audit event is rejected, not ignored.
 */
function readMessage(message: string, from: Origin, place: Place, to: PieceReceiver): void {
  const text = message.trimStart();
  if (!text.startsWith('{')) {
    return isAuditLog(from) ? to.reject('not-json', place, message) : to.ignored('other-log-stream');
  }
  const flaw = from.site.origin?.handedOverBy === undefined ? undefined : messageFlaw(text);
  if (flaw !== undefined) return to.reject(flaw, place, message);
  const parsed = parseJson(text);
  if (parsed.ok && isJsonObject(parsed.value)) return dispatchMessage(parsed.value, from, place, to);
  if (parsed.ok || !(from.mayBeAudit || from.mayBeTrail)) return to.ignored('other-log-stream');
  to.reject('invalid-json', place, message);
}

/**
 * Returns the account whose CloudTrail wrote the record (`recipientAccountId`). Undefined if it owns the log group. The
 * log group of an organization's trail has the records of all its accounts.
 */
function otherAccountOf(record: JsonObject, { site: { origin } }: Origin): string | undefined {
  const account = accountIn(textAt(record, 'recipientAccountId'));
  return origin?.owner === undefined || account === origin.owner ? undefined : account;
}

/** Returns whether a log of this origin should have only audit events. */
function isAuditLog({ mayBeAudit, stream }: Origin): boolean {
  return mayBeAudit && isAuditStream(stream ?? '');
}

function dispatchMessage(message: JsonObject, from: Origin, place: Place, to: PieceReceiver): void {
  const envelope: JsonObject = message;
  const { detail } = message;
  if (looksLikeAuditEvent(message)) {
    return from.mayBeAudit ? to.audit(message, from.site, place) : to.ignored('other-origin', from.name);
  }
  const isRecord = looksLikeTrailRecord(message);
  if ((isRecord || looksLikeTrailRecord(detail)) && !from.mayBeTrail) return to.ignored('other-origin', from.name);
  if (isRecord) return to.trail(message, place, otherAccountOf(message, from));
  if (looksLikeTrailRecord(detail)) return unwrapEventBridge(envelope, detail, place, to);
  const event = lakeEvent(message);
  if (event !== undefined) return unwrapOcsf(event, from, place, to);
  if (isAuditLog(from)) return to.reject('unrecognized', place, message);
  to.ignored('other-log-stream');
}
