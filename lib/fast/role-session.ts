import type { BytesWriter } from './bytes-writer.ts';
import type { EventBytes } from './event-bytes.ts';
import { FIELD, ROLE_UID_START } from './event-fields.ts';
import { ascii, CLOSE_ARRAY, CLOSE_OBJECT, COLON, COMMA, hasAt, isDigit } from './json-bytes.ts';

const ROLE_UID = ascii(ROLE_UID_START);
const ROLE_ID = ascii('AROA');
const NODE = ascii('system:node:');
const EKS = ascii('eks:');
const TEMPORARY = ascii('ASIA');
const LONG_TERM = ascii('AKIA');
const ACCOUNT_DIGITS = 12;
/** As `accessKeyId` has them. */
const SHORTEST_KEY = 16;
const LONGEST_KEY = 128;
/** What records keep of a text; of a role's id, less than that. */
const TEXT_LIMIT = 1_024;
const UID_LIMIT = 200;

const BEGIN = ascii(',"caller":{"kind":"role-session","username":');
const UID = ascii(',"uid":');
const GROUPS = ascii(',"groups":');
const ACCOUNT_ID = ascii(',"accountId":');
const ROLE = ascii(',"roleId":');
const SESSION_NAME = ascii(',"sessionName":');
const ACCESS_KEY_ID = ascii(',"accessKeyId":');
const ARN = ascii(',"arn":');
const NEWLINE = 0x0a;

/**
 * Whether the caller is a role session as AWS's authenticator writes it today, with nothing about it that is not where and
 * as it always is. Any other is for `parseCaller`.
 */
export function isRoleSession(event: EventBytes): boolean {
  if (!event.isPlainUser) return false;
  const { bytes } = event.json;
  if (!isShort(event, FIELD.uid, UID_LIMIT) || !hasAt(bytes, startOf(event, FIELD.uid), ROLE_UID)) return false;
  for (const field of TEXTS) if (!isShort(event, field, TEXT_LIMIT)) return false;
  const username = startOf(event, FIELD.username);
  if (hasAt(bytes, username, NODE) || hasAt(bytes, username, EKS)) return false;
  return isRoleId(event) && isKey(event);
}

const TEXTS = [FIELD.username, FIELD.sessionName, FIELD.arn, FIELD.canonicalArn, FIELD.accessKeyId];

/** There, with no escapes, and no longer than records keep it. */
function isShort(event: EventBytes, field: number, limit: number): boolean {
  const length = event.lengthOf(field);
  return length > 0 && length <= limit && event.escapesOf(field) === 0;
}

function isRoleId(event: EventBytes): boolean {
  const { bytes } = event.json;
  const account = accountFrom(event);
  const role = account + ACCOUNT_DIGITS + 1;
  for (let at = account; at < role - 1; at += 1) if (!isDigit(bytes[at] ?? 0)) return false;
  const end = endOf(event, FIELD.uid);
  if (bytes[role - 1] !== COLON || end - role <= ROLE_ID.length || !hasAt(bytes, role, ROLE_ID)) return false;
  return isId(bytes, role, end);
}

function isKey(event: EventBytes): boolean {
  const { bytes } = event.json;
  const [from, to] = [startOf(event, FIELD.accessKeyId), endOf(event, FIELD.accessKeyId)];
  if (to - from < SHORTEST_KEY || to - from > LONGEST_KEY) return false;
  return (hasAt(bytes, from, TEMPORARY) || hasAt(bytes, from, LONG_TERM)) && isId(bytes, from, to);
}

/** Capital letters and digits. */
function isId(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at] ?? 0;
    if (!isDigit(byte) && !(byte >= 0x41 && byte <= 0x5a)) return false;
  }
  return true;
}

/** Within its quotes. */
function startOf(event: EventBytes, field: number): number {
  return (event.from[field] ?? 0) + 1;
}

function endOf(event: EventBytes, field: number): number {
  return (event.to[field] ?? 0) - 1;
}

function accountFrom(event: EventBytes): number {
  return startOf(event, FIELD.uid) + ROLE_UID.length;
}

/** The caller as `recordedCaller` has it, and the head's end. */
export function writeRoleSession(event: EventBytes, to: BytesWriter): void {
  const { bytes } = event.json;
  const account = accountFrom(event);
  to.all(BEGIN);
  to.text(event, FIELD.username);
  to.all(UID);
  to.text(event, FIELD.uid);
  to.asItStands(GROUPS, event, FIELD.groups);
  to.all(ACCOUNT_ID);
  to.quoted(bytes, account, account + ACCOUNT_DIGITS);
  to.all(ROLE);
  to.quoted(bytes, account + ACCOUNT_DIGITS + 1, endOf(event, FIELD.uid));
  to.filled(SESSION_NAME, event, FIELD.sessionName);
  to.filled(ACCESS_KEY_ID, event, FIELD.accessKeyId);
  to.filled(ARN, event, FIELD.arn);
  to.byte(CLOSE_OBJECT);
  to.byte(CLOSE_OBJECT);
}

/** The caller in `eventIdentity`, and its end. */
export function writeRoleIdentity(event: EventBytes, to: BytesWriter): void {
  to.text(event, FIELD.uid);
  to.byte(COMMA);
  to.text(event, FIELD.username);
  to.byte(CLOSE_ARRAY);
}

/** What the rules need of it, one field a line, as `senderOf` reads it. */
export function writeRoleSender(event: EventBytes, to: BytesWriter): void {
  const { bytes } = event.json;
  const account = accountFrom(event);
  to.range(bytes, account + ACCOUNT_DIGITS + 1, endOf(event, FIELD.uid));
  for (const field of LINES) {
    to.byte(NEWLINE);
    to.range(bytes, startOf(event, field), endOf(event, field));
  }
  to.byte(NEWLINE);
  to.range(bytes, account, account + ACCOUNT_DIGITS);
}

/** Behind the role's id, before the account. */
const LINES = [FIELD.sessionName, FIELD.accessKeyId, FIELD.uid, FIELD.username, FIELD.arn, FIELD.canonicalArn];
