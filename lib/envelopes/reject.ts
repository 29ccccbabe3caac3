import { isJsonObject, type JsonObject } from '../json.ts';

/** Why a piece of input was rejected. The codes are stable, and summaries and metrics count by them. */
export type RejectReason =
  | 'audit-event-without-auditID'
  | 'audit-event-without-user'
  | 'cloudtrail-record-without-eventName'
  | 'grant-without-readable-eventTime'
  | 'eventbridge-envelope-not-from-cloudtrail'
  | 'recipient-is-another-account'
  | 'insights-row-without-@message'
  | 'trail-row-unreadable'
  | 'awslogs-data-unreadable'
  | 'inflates-too-far'
  | 'cut-file'
  | 'invalid-csv'
  | 'invalid-json'
  | 'invalid-utf-8'
  | 'invalid-yaml'
  | 'too-long'
  | 'too-many-events'
  | 'cloudtrail-record-from-another-stack'
  | 'hand-over-unreadable'
  | 'nested-too-deep'
  | 'not-json'
  | 'owner-is-another-account'
  | 'unreadable-file'
  | 'unrecognized'
  | 'missing-object'
  | 'denied-object'
  | 'denied-kms-key'
  | 'archived-object'
  | 'unlisted-prefix'
  | 'damaged-parquet'
  | 'security-lake-grant-without-response';

/** Limits the UTF-8 bytes that are kept of a rejected piece. */
export const SAMPLE_LIMIT = 1_024;

/**
 * Matches the names with which bodies and session tokens begin, and the parameters of an executed command. The JSON
 * around them can be damaged, or quoted several times. A sample ends before them.
 */
const SECRETS = /[\\"]*(?:re(?:quest|sponse)Obj|sessionTok|secretAcc)|(?:command|cmd)=/;

const ENCODER = new TextEncoder();

/**
 * Returns the beginning of a rejected text, at most 1 KB. It ends before any request or response body, and before an
 * executed command.
 */
export function sampleOfText(text: string): string {
  const head = headOf(text);
  if (!HAS_BEGINNING.test(head) && ANY_FIELD.test(text)) return '…';
  const secret = SECRETS.exec(head);
  return secret === null ? head : head.slice(0, secret.index);
}

/**
 * Matches the beginning of JSON, of a CSV row with JSON, or of a line that begins with a time. Any other text can
 * be a part of a body.
 */
const HAS_BEGINNING = /^\s*(?:[{[]|[^"{}]{0,99},\s*"\{""|\d{4}-\d\d-\d\d)/;
const ANY_FIELD = /"\s*:/;

/** Returns the first kilobyte without cutting a character in two. */
function headOf(text: string): string {
  const { read } = ENCODER.encodeInto(text.slice(0, SAMPLE_LIMIT), new Uint8Array(SAMPLE_LIMIT));
  return text.slice(0, read).toWellFormed();
}

/** Returns a sample of a rejected value. It has the value's own texts and numbers, and `…` for anything deeper. */
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
