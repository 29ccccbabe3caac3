import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../lib/json.ts';
import { auditEvent } from '../builders/audit-event.ts';
import { type Pieces, piecesOf } from '../builders/pieces.ts';
import { grant } from '../builders/trail-records.ts';

const EVENT = auditEvent();
const GRANT = grant({ id: 'e1' });
const TEXT = JSON.stringify(EVENT);
const GROUP = '/aws/eks/prod-1/cluster';
const STREAM = 'kube-apiserver-audit-0123456789abcdef';

const TRAIL = { logGroup: 'aws-cloudtrail-logs', logStream: '111122223333_CloudTrail_eu-west-1' };

function subscription(messages: readonly unknown[], fields: JsonObject = {}): JsonObject {
  const logEvents = messages.map((message, index) => ({ id: String(index), timestamp: 1, message }));
  return { messageType: 'DATA_MESSAGE', owner: '1', logGroup: GROUP, logStream: STREAM, logEvents, ...fields };
}

function payload(value: unknown): JsonObject {
  return { awslogs: { data: gzipSync(JSON.stringify(value)).toString('base64') } };
}

const row = (fields: JsonObject): unknown[] => Object.entries(fields).map(([field, value]) => ({ field, value }));

function audited(pieces: Pieces): [unknown, string | undefined][] {
  return pieces.audit.map(({ event, cluster }) => [event, cluster]);
}

describe('an audit event is found', () => {
  it.each<[string, unknown, string | undefined]>([
    ['as it is', EVENT, undefined],
    ['in a JSON array', [EVENT], undefined],
    ['in an EventList', { kind: 'EventList', apiVersion: 'audit.k8s.io/v1', metadata: {}, items: [EVENT] }, undefined],
    [
      'in the answer of filter-log-events',
      { events: [{ logStreamName: STREAM, timestamp: 1, message: TEXT }] },
      undefined,
    ],
    ['in one event of that answer', { logStreamName: STREAM, timestamp: 1, message: TEXT, eventId: '1' }, undefined],
    ['in a message that begins with blanks', { timestamp: 1, message: `  ${TEXT}` }, undefined],
    ["in the list of messages that `--query 'events[].message'` makes", [TEXT], undefined],
    ['in a subscription payload', subscription([TEXT]), 'prod-1'],
    ['in a subscription payload as Lambda gets it', payload(subscription([TEXT])), 'prod-1'],
    ['in an array of payloads', [subscription([TEXT])], 'prod-1'],
    ['in a Logs Insights answer', { results: [row({ '@message': TEXT, '@log': `111122223333:${GROUP}` })] }, 'prod-1'],
    ['in a Logs Insights answer without @log', { results: [row({ '@timestamp': 'x', '@message': TEXT })] }, undefined],
    ['in a row that the console exports', { '@message': TEXT, '@log': GROUP }, 'prod-1'],
    ['in an exported row whose message is an object', { '@message': EVENT, '@log': GROUP }, 'prod-1'],
    ['in an exported row with columns of it', { '@message': TEXT, '@log': GROUP, auditID: 'x', items: [] }, 'prod-1'],
    ['in an array of exported rows', [{ '@message': TEXT, '@log': GROUP }], 'prod-1'],
  ])('%s', (_, value, cluster) => {
    const pieces = piecesOf(value);
    expect(audited(pieces)).toEqual([[EVENT, cluster]]);
    expect([pieces.rejected, pieces.ignored, pieces.trail]).toEqual([[], [], []]);
  });
});

describe('a CloudTrail record is found', () => {
  const text = JSON.stringify(GRANT);
  it.each<[string, unknown]>([
    ['as it is', GRANT],
    ['in a JSON array', [GRANT]],
    ['in a log file', { Records: [GRANT] }],
    ['in an answer of LookupEvents', { Events: [{ EventId: 'e1', CloudTrailEvent: text }], NextToken: 'x' }],
    ['in one event of that answer', { EventId: 'e1', CloudTrailEvent: text }],
    ['in an EventBridge envelope', { source: 'aws.sts', 'detail-type': 'AWS API Call via CloudTrail', detail: GRANT }],
    ['in a CloudWatch Logs payload', payload(subscription([text], TRAIL))],
    ['in an answer of filter-log-events', { events: [{ timestamp: 1, message: text }] }],
    ['in a Logs Insights row', { '@message': text }],
  ])('%s', (_, value) => {
    const pieces = piecesOf(value);
    expect(pieces.trail).toEqual([GRANT]);
    expect([pieces.rejected, pieces.ignored, pieces.audit]).toEqual([[], [], []]);
  });
});

describe('an EventBridge envelope', () => {
  const type = 'AWS API Call via CloudTrail';
  const other = { ...GRANT, eventName: 'GetCallerIdentity' };
  const refused = ['eventbridge-envelope-not-from-cloudtrail'];
  it.each<[string, JsonObject, string[]]>([
    ['around a grant counts from aws.sts', { source: 'aws.sts', 'detail-type': type, detail: GRANT }, []],
    [
      'around a grant does not count from another aws. source',
      { source: 'aws.s3', 'detail-type': type, detail: GRANT },
      refused,
    ],
    ['around another call counts from any aws. source', { source: 'aws.s3', 'detail-type': type, detail: other }, []],
    ['that anybody may have put is refused', { source: 'com.company', 'detail-type': type, detail: GRANT }, refused],
    ['whose source only looks like AWS is refused', { source: 'aws-sts', 'detail-type': type, detail: other }, refused],
    ['without a source is refused', { 'detail-type': type, detail: GRANT }, refused],
    ['of another detail-type is refused', { source: 'aws.sts', 'detail-type': 'Scheduled', detail: GRANT }, refused],
    [
      'around a denied call by the name of a grant counts from aws.sts only',
      { source: 'aws.ec2', 'detail-type': type, detail: { ...GRANT, errorCode: 'x' } },
      refused,
    ],
    [
      'around something else is not recognized',
      { source: 'aws.sts', 'detail-type': type, detail: { a: 1 } },
      ['unrecognized'],
    ],
  ])('%s', (_, envelope, reasons) => {
    const pieces = piecesOf(envelope);
    expect(pieces.rejected.map(({ reason }) => reason)).toEqual(reasons);
    expect(pieces.trail).toHaveLength(reasons.length === 0 ? 1 : 0);
  });
});

describe('an EventBridge envelope of one account', () => {
  const record = { eventSource: 'sts.amazonaws.com', eventName: 'AssumeRole', userIdentity: {} };
  const from = (account: string | undefined, recipientAccountId: string | undefined) => ({
    source: 'aws.sts',
    'detail-type': 'AWS API Call via CloudTrail',
    account,
    detail: { ...record, recipientAccountId },
  });
  const reasonsOf = (envelope: object) => piecesOf(envelope).rejected.map(({ reason }) => reason);

  it.each([
    ['111122223333', '111122223333'],
    ['111122223333', undefined],
    [undefined, '111122223333'],
  ])('counts if it is %s and the record is of %s', (account, recipient) => {
    expect(reasonsOf(from(account, recipient))).toEqual([]);
  });

  it('is set aside if CloudTrail delivered the record to another account', () => {
    expect(reasonsOf(from('111122223333', '444455556666'))).toEqual(['recipient-is-another-account']);
  });
});

describe('ignored, because it is no audit event, is', () => {
  it.each<[string, unknown, string]>([
    [
      "a subscription's control message",
      { messageType: 'CONTROL_MESSAGE', logEvents: [{ message: 'x' }] },
      'control-message',
    ],
    [
      'text of the authenticator',
      subscription(['time="…" level=info'], { logStream: 'authenticator-01' }),
      'other-log-stream',
    ],
    ['JSON of the authenticator', subscription(['{"a":1}'], { logStream: 'authenticator-01' }), 'other-log-stream'],
    ["the scheduler's text", subscription(['I0310 12:00'], { logStream: 'kube-scheduler-01' }), 'other-log-stream'],
    ["the API server's own log", subscription(['I0310 12:00'], { logStream: 'kube-apiserver-01' }), 'other-log-stream'],
    ['text of a stream that is not told', { timestamp: 1, message: 'I0310 12:00' }, 'other-log-stream'],
    ['text of another stream in a list of messages', ['I0310 12:00:00.1 1 x.go:1] hello'], 'other-log-stream'],
    ['a JSON message of some application', { timestamp: 1, message: '{"level":"info"}' }, 'other-log-stream'],
  ])('%s', (_, value, what) => {
    const pieces = piecesOf(value);
    expect(pieces.ignored).toEqual([what]);
    expect([pieces.rejected, pieces.audit]).toEqual([[], []]);
  });
});

describe('set aside, with a reason, is', () => {
  it.each<[string, unknown, string, string]>([
    ['an audit entry that was cut', subscription([TEXT.slice(0, 200)]), 'invalid-json', 'line 1, logEvents[0]'],
    ['text in an audit stream', subscription(['hello']), 'not-json', 'line 1, logEvents[0]'],
    ['JSON in an audit stream that is no event', subscription(['{"a":1}']), 'unrecognized', 'line 1, logEvents[0]'],
    ['a log event without a message', subscription([7]), 'unrecognized', 'line 1, logEvents[0]'],
    ['a subscription without log events', { messageType: 'DATA_MESSAGE' }, 'unrecognized', 'line 1'],
    ['a payload that is no text', { awslogs: { data: 7 } }, 'awslogs-data-unreadable', 'line 1'],
    ['a payload that is no gzip', { awslogs: { data: 'aGVsbG8=' } }, 'awslogs-data-unreadable', 'line 1'],
    ['a payload that is a bomb', { awslogs: { data: bomb() } }, 'inflates-too-far', 'line 1'],
    ['a payload that holds no JSON', { awslogs: { data: gzipSync('{').toString('base64') } }, 'invalid-json', 'line 1'],
    ['a row without @message', { '@ptr': 'x' }, 'insights-row-without-@message', 'line 1'],
    ['a looked-up event that is cut', { Events: [{ CloudTrailEvent: '{' }] }, 'invalid-json', 'line 1, Events[0]'],
    ['a looked-up event that is none', { Events: [{ CloudTrailEvent: '[]' }] }, 'unrecognized', 'line 1, Events[0]'],
    ['an object of another kind', { kind: 'Pod', apiVersion: 'v1' }, 'unrecognized', 'line 1'],
    ['a number', 7, 'unrecognized', 'line 1'],
    ['nothing', null, 'unrecognized', 'line 1'],
    ['a text in a list', [EVENT, 'x'], 'unrecognized', 'line 1, [1]'],
    ['a message in a list that was cut', [TEXT.slice(0, 200)], 'invalid-json', 'line 1, [0]'],
    ['an envelope in an envelope without end', nested(50), 'nested-too-deep', ''],
  ])('%s', (_, value, reason, place) => {
    const [rejected, ...others] = piecesOf(value).rejected;
    expect(others).toEqual([]);
    expect(rejected?.reason).toBe(reason);
    expect(rejected?.place).toContain(place);
  });

  it.each<[string, unknown, string]>([
    ['of a subscription', subscription(['{"cut'], { logStream: STREAM }), `logEvents[0], stream ${STREAM}, event id 0`],
    [
      'of filter-log-events',
      { events: [{ logStreamName: STREAM, timestamp: 1, message: '{"cut', eventId: '0' }] },
      `events[0], stream ${STREAM}, event id 0`,
    ],
  ])('an entry %s, listed so that it can be found', (_, value, place) => {
    expect(piecesOf(value).rejected).toMatchObject([{ place: `line 1, ${place}, 1970-01-01T00:00:00.001Z` }]);
  });

  it.each([1e300, Number.NaN, -1e17, '2026', null])('an entry whose time is %s', (timestamp) => {
    const logEvents = [{ id: 'x'.repeat(1_000_000), timestamp, message: '{"cut' }];
    const [rejected] = piecesOf({
      ...subscription([]),
      logEvents,
      logStream: `${STREAM}${'y'.repeat(1_000_000)}`,
    }).rejected;
    expect(rejected?.place.length).toBeLessThan(1_000);
  });

  it('only one entry, never those around it', () => {
    const pieces = piecesOf(subscription([TEXT, TEXT.slice(0, 99), TEXT]));
    expect([pieces.audit.length, pieces.rejected.length]).toEqual([2, 1]);
  });
});

function bomb(): string {
  return gzipSync(Buffer.alloc(80 * 1024 * 1024)).toString('base64');
}

function nested(levels: number): unknown {
  let value: unknown = EVENT;
  for (let level = 0; level < levels; level += 1) value = { Records: [value] };
  return value;
}
