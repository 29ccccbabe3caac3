import { describe, expect, it } from 'vitest';
import { parseCountedGroup } from '../../lib/envelopes/counted-group.ts';
import type { JsonObject } from '../../lib/json.ts';
import { auditEvent } from '../builders/audit-event.ts';
import { piecesOf } from '../builders/pieces.ts';
import { grant } from '../builders/trail-records.ts';

const EVENT = auditEvent();
const GRANT = grant({ id: 'e1' });
const TEXT = JSON.stringify(EVENT);
const GROUP = '/aws/eks/prod/cluster';
const STREAM = 'kube-apiserver-audit-0123456789abcdef';
const AWS = { cloudwatch: { log_group: GROUP, log_stream: STREAM } };
const LOKI = { __aws_cloudwatch_log_group: GROUP, __aws_cloudwatch_log_stream: STREAM };
const TRAIL_KEY = 'AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/10/x.json.gz';

const hit = (source: JsonObject): JsonObject => ({ _index: 'logs', _source: source });
const found = (value: unknown, ...vouched: readonly string[]) => {
  const { audit, trail, ignored } = piecesOf(value, vouched.map(parseCountedGroup));
  return { audit: audit.length, trail: trail.length, ignored };
};
const EVIDENCE = { audit: 1, trail: 0, ignored: [] };
const NONE = { audit: 0, trail: 0, ignored: ['other-origin'] };

describe('a document of a log collector that names a log of AWS is evidence:', () => {
  it.each<[string, JsonObject]>([
    ["Filebeat's", { '@timestamp': 'x', message: TEXT, aws: AWS, input: { type: 'aws-cloudwatch' } }],
    ["Filebeat's, with flat keys", { message: TEXT, 'aws.cloudwatch.log_group': GROUP }],
    [
      "Filebeat's, whose file is the log stream",
      { message: TEXT, aws: AWS, log: { file: { path: `${GROUP}/${STREAM}` } } },
    ],
    ['a hit', hit({ message: TEXT, aws: AWS })],
    ["Splunk's", { result: { _raw: TEXT, source: `eu-west-1:${GROUP}:${STREAM}` } }],
    ["Splunk's without a Region and a stream", { result: { _raw: TEXT, source: GROUP } }],
    ["Loki's", { labels: LOKI, line: TEXT }],
    ["Vector's", { message: TEXT, timestamp: 'x', log_group: GROUP, log_stream: STREAM, source_type: 'aws_s3' }],
  ])('%s', (_, document) => {
    expect(found(document)).toEqual(EVIDENCE);
    expect(piecesOf(document).audit[0]?.cluster).toBe('prod');
  });

  it('and a trail is by its object in S3', () => {
    const message = JSON.stringify(GRANT);
    const bySplunk = { _raw: message, source: `s3://bucket/${TRAIL_KEY}` };
    const byFilebeat = { message, log: { file: { path: `https://bucket.s3.amazonaws.com/${TRAIL_KEY}` } } };
    for (const document of [bySplunk, byFilebeat]) expect(found(document)).toEqual({ audit: 0, trail: 1, ignored: [] });
    expect(found({ _raw: message, source: '/var/log/AWSLogs/1/CloudTrail/x' })).toEqual(NONE);
  });
});

describe('a document that names no log is evidence, since somebody provides it:', () => {
  it.each<[string, JsonObject]>([
    ["Fluent Bit's", { date: 1, log: TEXT }],
    ['one with a time only', { '@timestamp': 'x', message: TEXT }],
    ['a result of Splunk without its source', { result: { _raw: TEXT } }],
    ['a line of Loki without labels', { labels: {}, line: TEXT }],
  ])('%s', (_, document) => expect(found(document)).toEqual(EVIDENCE));
});

/** The forms in which an application's text can arrive, whatever it says about itself. */
const OTHERS: readonly (readonly [string, JsonObject, string])[] = [
  [
    "a pod's, beside names of AWS that its text wrote",
    { message: TEXT, aws: AWS, kubernetes: { pod: 'x' } },
    'kubernetes',
  ],
  ["a container's, even if its text removed the value", { log: TEXT, aws: AWS, container: null }, 'container'],
  ["a file's", { message: TEXT, aws: AWS, log: { file: { path: '/var/log/app.log' } } }, '/var/log/app.log'],
  ["a file's, by Vector", { message: TEXT, timestamp: 'x', log_group: GROUP, source_type: 'file', file: '/a' }, 'file'],
  ['of standard output', { log: TEXT, stream: 'stdout', date: 1 }, 'stdout'],
  [
    'of a tag, by Fluent Bit',
    { log: TEXT, date: 1, tag: 'kube.var.log.containers.web.log' },
    'kube.var.log.containers.web.log',
  ],
  ['of a program, by syslog', { message: TEXT, timestamp: 'x', appname: 'web' }, 'web'],
  ['of a unit, by journald', { message: TEXT, timestamp: 'x', _SYSTEMD_UNIT: 'web.service' }, 'web.service'],
  ['of a data stream', { message: TEXT, '@timestamp': 'x', data_stream: { dataset: 'nginx' } }, 'data_stream'],
  ['of another log group', { message: TEXT, log_group: '/aws/lambda/x' }, '/aws/lambda/x'],
  ['of two log groups', { message: TEXT, log_group: '/aws/lambda/x', aws: AWS }, '/aws/lambda/x'],
  ['of an index only', hit({ '@timestamp': 'x', message: TEXT }), 'logs'],
  ['of a Firehose stream only', { message: TEXT, timestamp: 'x', source_arn: 'arn:x' }, 'arn:x'],
  [
    "a row of OpenSearch that a pod's text wrote",
    { '@message': TEXT, '@log_group': GROUP, kubernetes: {} },
    'kubernetes',
  ],
  ['a source of Splunk', { result: { _raw: TEXT, source: 'http:app' } }, 'http:app'],
  ["a pod's, of Loki", { labels: { ...LOKI, pod: 'x' }, line: TEXT }, 'x'],
  ['a job, of Loki', { labels: { job: 'app', env: 'prod' }, line: TEXT }, 'app'],
  ['merged with names', { ...EVENT, log_group: GROUP, log_stream: STREAM }, GROUP],
  ['merged with a time of the collector only', { ...EVENT, '@timestamp': 'x' }, 'mixed'],
  ['merged with the names of a hit', hit({ ...EVENT, aws: AWS }), GROUP],
  [
    "Datadog's",
    { attributes: { attributes: { ...EVENT, aws: { awslogs: { logGroup: GROUP } } }, tags: [] } },
    'datadog',
  ],
  [
    "Datadog's, as a text",
    { tags: [], message: TEXT, attributes: { aws: { awslogs: { logGroup: GROUP } } } },
    'datadog',
  ],
];

describe('a document that names another log is no evidence, unless it is vouched for:', () => {
  it.each(OTHERS)('%s', (_, document, name) => {
    expect(found(document)).toEqual(NONE);
    expect(found(document, `${name}=audit`)).toEqual(EVIDENCE);
    expect(found(document, `${name}=cloudtrail`)).toEqual(NONE);
  });
});

describe('names that an event itself may have written are not believed:', () => {
  const forged = (fields: JsonObject) => JSON.stringify({ ...EVENT, ...fields });
  it.each<[string, JsonObject]>([
    ['a source that Splunk extracted', { result: { _raw: forged({ source: GROUP }), source: GROUP } }],
    ['labels that `| json` extracted', { labels: LOKI, line: forged({ ...LOKI }) }],
    ['labels that it joined of a path', { labels: LOKI, line: forged({ __aws: { cloudwatch_log_group: GROUP } }) }],
    ['a log group that was copied out of the message', { message: forged({ log_group: GROUP }), log_group: GROUP }],
  ])('%s', (_, document) => expect(found(document)).toEqual(NONE));
});

describe('what is no document of a collector', () => {
  it.each<[string, JsonObject]>([
    ['a log line of an application', { level: 'info', message: 'hello' }],
    ['an object without a message', { a: 1 }],
    ['an object of Kubernetes', { kind: 'Event', apiVersion: 'v1', message: TEXT }],
  ])('%s, is not understood', (_, value) => {
    expect(piecesOf(value).rejected.map(({ reason }) => reason)).toEqual(['unrecognized']);
  });

  it('OCSF of another product, is left out', () => {
    expect(piecesOf({ class_uid: 4001, metadata: { product: { name: 'Amazon VPC' } } }).ignored).toEqual([
      'other-product',
    ]);
  });

  it('OCSF in a log group of an application, is no evidence', () => {
    const event = { metadata: { product: { name: 'CloudTrail' } }, api: { operation: 'AssumeRole' } };
    const logEvents = [{ id: '1', timestamp: 1, message: JSON.stringify(event) }];
    expect(found({ messageType: 'DATA_MESSAGE', logGroup: '/aws/lambda/x', logStream: 'y', logEvents })).toEqual(NONE);
  });
});
