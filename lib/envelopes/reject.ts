import { isJsonObject, type JsonObject } from '../json.ts';

/** Why a piece of input was set aside; stable codes, counted in summaries and metrics. */
export type RejectReason =
  | 'audit-event-without-auditID'
  | 'audit-event-without-user'
  | 'cloudtrail-record-without-eventName'
  | 'grant-without-readable-eventTime'
  | 'eventbridge-envelope-not-from-cloudtrail'
  | 'recipient-is-another-account'
  | 'insights-row-without-@message'
  | 'awslogs-data-unreadable'
  | 'inflates-too-far'
  | 'cut-file'
  | 'invalid-csv'
  | 'invalid-json'
  | 'invalid-utf-8'
  | 'too-long'
  | 'too-many-events'
  | 'cloudtrail-record-from-another-stack'
  | 'hand-over-unreadable'
  | 'nested-too-deep'
  | 'not-json'
  | 'owner-is-another-account'
  | 'unreadable-file'
  | 'unrecognised'
  | 'missing-object'
  | 'denied-object'
  | 'denied-kms-key'
  | 'archived-object'
  | 'unlisted-prefix'
  | 'damaged-parquet'
  | 'security-lake-grant-without-response';

/** The most that is kept of what was set aside, in bytes of UTF-8. */
export const SAMPLE_LIMIT = 1_024;

/**
 * Where bodies and session tokens begin, however often the JSON around them was quoted, and where a quote or the name's
 * end was lost: a sample ends before them.
 */
const SECRETS = /[\\"]*(?:re(?:quest|sponse)Obj|sessionTok|secretAcc)/;

const ENCODER = new TextEncoder();

/** The head of a rejected text, at most 1 KB, never with a request's or response's body. */
export function sampleOfText(text: string): string {
  const head = headOf(text);
  if (!HAS_BEGINNING.test(head) && ANY_FIELD.test(text)) return '…';
  const secret = SECRETS.exec(head);
  return secret === null ? head : head.slice(0, secret.index);
}

/** JSON, a row of a CSV with JSON in it, or a line that begins with a time. What lost its beginning may be a part of a body. */
const HAS_BEGINNING = /^\s*(?:[{[]|[^"{}]{0,99},\s*"\{""|\d{4}-\d\d-\d\d)/;
const ANY_FIELD = /"\s*:/;

/** The first kilobyte, without cutting a character in two. */
function headOf(text: string): string {
  const { read } = ENCODER.encodeInto(text.slice(0, SAMPLE_LIMIT), new Uint8Array(SAMPLE_LIMIT));
  return text.slice(0, read).toWellFormed();
}

/** What a rejected value looks like: its own texts and numbers, and `…` for anything deeper. */
export function sampleOfValue(value: unknown): string {
  if (typeof value === 'string') return sampleOfText(value);
  if (Array.isArray(value)) return `[… ${value.length} entries]`;
  return isJsonObject(value) ? sampleOfText(JSON.stringify(shallow(value))) : String(value).slice(0, SAMPLE_LIMIT);
}

function shallow(object: JsonObject): Record<string, unknown> {
  const entries = Object.entries(object).slice(0, 50);
  return Object.fromEntries(entries.map(([key, value]) => [key.slice(0, 64), shallowValue(value)]));
}

function shallowValue(value: unknown): unknown {
  if (typeof value === 'string') return value.slice(0, 256);
  return typeof value === 'object' && value !== null ? '…' : value;
}
