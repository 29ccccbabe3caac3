import type { RejectReason } from '../envelopes/reject.ts';
import type { LeftOut } from '../envelopes/unwrap.ts';

/** The words for input that was left out although nothing is wrong with it: for one piece, and for several. */
const LEFT_OUT: Readonly<Record<LeftOut, readonly [one: string, several: string]>> = {
  'audit-event': ['audit event', 'audit events'],
  'cloudtrail-record': ['CloudTrail record', 'CloudTrail records'],
  'other-log-stream': ['text of another log stream', 'texts of other log streams'],
  'control-message': ['control message of CloudWatch Logs', 'control messages of CloudWatch Logs'],
  'other-origin': ['text from a log group that is not trusted', 'texts from log groups that are not trusted'],
  'continued-message': ['line that continues a message', 'lines that continue messages'],
  'other-product': ['event of another product', 'events of other products'],
  'trail-digest': ['digest file', 'digest files'],
  'out-of-range': ['event outside the time range', 'events outside the time range'],
};

/** What is wrong with a piece that could not be read. docs/record.md explains each reason. */
const UNREAD: Readonly<Record<RejectReason, string>> = {
  'archived-object': 'it is in S3 Glacier',
  'audit-event-without-auditID': 'it has no auditID',
  'audit-event-without-user': 'it has no user',
  'awslogs-data-unreadable': 'it is a damaged delivery of CloudWatch Logs',
  'cloudtrail-record-from-another-stack': 'spokes are not allowed to send grants',
  'cloudtrail-record-without-eventName': 'it has no eventName',
  'cut-file': 'it ends too early, or is damaged',
  'damaged-parquet': 'its Parquet is damaged',
  'denied-kms-key': 'access to its KMS key was denied',
  'denied-object': 'S3 denied access to it',
  'eventbridge-envelope-not-from-cloudtrail': 'CloudTrail did not send it',
  'grant-without-readable-eventTime': 'its time cannot be read',
  'hand-over-unreadable': 'it is not a delivery of a spoke',
  'inflates-too-far': 'it unpacks to over 100 times its size',
  'insights-row-without-@message': 'it is a row without @message',
  'invalid-csv': 'it is damaged CSV',
  'invalid-json': 'it is damaged JSON',
  'invalid-utf-8': 'it is not text in UTF-8',
  'invalid-yaml': 'it is damaged YAML',
  'missing-object': 'it was deleted from S3 meanwhile',
  'nested-too-deep': 'its levels or envelopes are nested too deeply',
  'not-json': 'it is plain text',
  'owner-is-another-account': 'AWS states another account as the sender',
  'recipient-is-another-account': 'AWS states another account as the recipient',
  'security-lake-grant-without-response': 'its response is missing',
  'too-long': 'it is over 8 MiB, or a whole document of over 64 MiB',
  'too-many-events': 'it has more events or values than AWS delivers at once',
  'trail-row-unreadable': 'a column is missing, or its text has two meanings',
  'unlisted-prefix': 'S3 did not list it',
  'unreadable-file': 'the file cannot be read',
  unrecognized: 'it is of no known kind',
};

/** Returns what was left out, the highest number first: `3 texts of other log streams, 1 digest file`. */
export function leftOutText(counts: ReadonlyMap<LeftOut, number>): string {
  return sorted(counts)
    .map(([what, number]) => `${shown(number)} ${LEFT_OUT[what][number === 1 ? 0 : 1]}`)
    .join(', ');
}

/** Returns what could not be read, the highest number first: `2 cut-file (it ends too early, or is damaged)`. */
export function unreadText(counts: ReadonlyMap<RejectReason, number>): string {
  return sorted(counts)
    .map(([reason, number]) => `${shown(number)} ${reasonText(reason)}`)
    .join(', ');
}

/** Returns the reason as `--rejects` writes it, with what it means. */
export function reasonText(reason: RejectReason): string {
  return `${reason} (${UNREAD[reason]})`;
}

function sorted<T extends string>(counts: ReadonlyMap<T, number>): [T, number][] {
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}

function shown(number: number): string {
  return number.toLocaleString('en-US');
}
