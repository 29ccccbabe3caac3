import { describe, expect, it } from 'vitest';
import { type CountedGroup, CountedGroupError, parseCountedGroup } from '../../lib/envelopes/counted-group.ts';
import { unwrapElement } from '../../lib/envelopes/unwrap.ts';
import { auditEvent } from '../builders/audit-event.ts';
import { piecesOf, piecesTaken } from '../builders/pieces.ts';
import { grant } from '../builders/trail-records.ts';

const EVENT = auditEvent();
const RECORD = grant({ id: 'e1' });
const ENVELOPE = { source: 'aws.sts', 'detail-type': 'AWS API Call via CloudTrail', detail: RECORD };
const CLUSTER_GROUP = '/aws/eks/prod-1/cluster';
const AUDIT_STREAM = 'kube-apiserver-audit-0123456789abcdef';
const TRAIL_STREAM = '111122223333_CloudTrail_eu-west-1';

interface From {
  readonly group?: string;
  readonly stream?: string;
}

/** Every envelope that can say where a message comes from, around this message. */
const ENVELOPES: readonly [string, (message: object, from: From) => unknown][] = [
  ['a subscription payload', payload],
  ['an Insights row of the console', (message, from) => row(JSON.stringify(message), from)],
  ['an Insights row whose message is an object', (message, from) => row(message, from)],
  [
    'an Insights answer',
    (message, from) => {
      const fields = Object.entries(row(JSON.stringify(message), from));
      return { results: [fields.map(([field, value]) => ({ field, value }))] };
    },
  ],
  [
    'entries with their log group',
    (message, { group, stream }) => ({
      events: [{ logGroupName: group, logStreamName: stream, timestamp: 1, message: JSON.stringify(message) }],
    }),
  ],
];

function payload(message: object, { group, stream }: From): object {
  const logEvents = [{ id: '1', timestamp: 1, message: JSON.stringify(message) }];
  return { messageType: 'DATA_MESSAGE', logGroup: group, logStream: stream, logEvents };
}

function row(message: unknown, { group, stream }: From): object {
  const log = group === undefined ? {} : { '@log': `111122223333:${group}` };
  return { '@message': message, ...log, ...(stream !== undefined && { '@logStream': stream }) };
}

const entry = (message: object, stream: string) => ({
  events: [{ logStreamName: stream, timestamp: 1, message: JSON.stringify(message) }],
});

const counted = (...texts: readonly string[]): readonly CountedGroup[] => texts.map(parseCountedGroup);

describe.each(ENVELOPES)('in %s', (_, envelope) => {
  const found = (message: object, from: From, groups: readonly CountedGroup[] = []) => {
    const { audit, trail, ignored, rejected } = piecesOf(envelope(message, from), groups);
    return { audit: audit.length, trail: trail.length, ignored, rejected: rejected.length };
  };
  const COUNTS = { ignored: [], rejected: 0 };
  const LEFT_OUT = { audit: 0, trail: 0, ignored: ['other-origin'], rejected: 0 };

  it.each<From>([
    { group: CLUSTER_GROUP, stream: AUDIT_STREAM },
    { group: CLUSTER_GROUP },
    { stream: AUDIT_STREAM },
    {},
  ])('an audit event counts from %o', (from) => {
    expect(found(EVENT, from)).toEqual({ audit: 1, trail: 0, ...COUNTS });
  });

  it.each<From>([
    { group: '/aws/containerinsights/prod-1/application', stream: 'web-0_shop_web-1a2b' },
    { group: '/aws/containerinsights/prod-1/application', stream: AUDIT_STREAM },
    { group: '/aws/lambda/web' },
    { group: '/company/logs', stream: AUDIT_STREAM },
    { group: '/aws/eks/prod-1/cluster/x', stream: AUDIT_STREAM },
    { group: 'x/aws/eks/prod-1/cluster', stream: AUDIT_STREAM },
    { group: CLUSTER_GROUP, stream: 'authenticator-0123456789abcdef' },
    { group: CLUSTER_GROUP, stream: 'kube-apiserver-0123456789abcdef' },
    { group: CLUSTER_GROUP, stream: 'anything' },
    { stream: 'web-0_shop_web-1a2b' },
    { stream: 'x-kube-apiserver-audit-1' },
  ])('an audit event does not count from %o', (from) => {
    expect(found(EVENT, from)).toEqual(LEFT_OUT);
  });

  it.each<From>([
    { group: 'aws-cloudtrail-logs-111122223333', stream: TRAIL_STREAM },
    { group: '/company/trail', stream: '111122223333_CloudTrail_us-gov-west-1_12' },
    { group: '/company/trail', stream: 'o-exampleorgid_111122223333_CloudTrail_ap-southeast-3_2' },
    { group: '/company/trail' },
    { stream: TRAIL_STREAM },
    {},
  ])('a CloudTrail record counts from %o', (from) => {
    expect(found(RECORD, from)).toEqual({ audit: 0, trail: 1, ...COUNTS });
    expect(found(ENVELOPE, from)).toEqual({ audit: 0, trail: 1, ...COUNTS });
  });

  it.each<From>([
    { group: '/aws/lambda/web', stream: TRAIL_STREAM },
    { group: '/aws/lambda/web' },
    { group: CLUSTER_GROUP, stream: AUDIT_STREAM },
    { group: '/aws/containerinsights/prod-1/application' },
    { group: '/company/trail', stream: 'web-1' },
    { group: '/company/trail', stream: `${TRAIL_STREAM}_x` },
    { group: '/company/trail', stream: `my-${TRAIL_STREAM}` },
    { stream: 'web-1' },
  ])('a CloudTrail record does not count from %o', (from) => {
    expect(found(RECORD, from)).toEqual(LEFT_OUT);
    expect(found(ENVELOPE, from)).toEqual(LEFT_OUT);
  });

  it('a log group for which the operator vouches counts for its content only, with any streams', () => {
    const from = { group: '/company/logs', stream: 'fluent-bit-1' };
    const groups = counted('/company/*=audit');
    expect(found(EVENT, from, groups)).toEqual({ audit: 1, trail: 0, ...COUNTS });
    expect(found(RECORD, from, groups)).toEqual(LEFT_OUT);
    expect(found(RECORD, from, counted('/company/logs=cloudtrail'))).toEqual({ audit: 0, trail: 1, ...COUNTS });
    expect(found(EVENT, { ...from, group: '/other/logs' }, groups)).toEqual(LEFT_OUT);
  });

  it("the control plane's other streams never count, even if the operator vouches for their group", () => {
    const from = { group: CLUSTER_GROUP, stream: 'kube-scheduler-0123' };
    expect(found(EVENT, from, counted('*=audit', `${CLUSTER_GROUP}=audit`))).toEqual(LEFT_OUT);
  });
});

describe('text that is cut, or is no evidence,', () => {
  const read = (message: string, logGroup: string) =>
    piecesOf({ messageType: 'DATA_MESSAGE', logGroup, logStream: AUDIT_STREAM, logEvents: [{ message }] });

  it.each(['{"kind":"Event","audit', 'hello', '{"level":"info"}', '[1]'])(
    'is unreadable in an audit log: %s',
    (message) => {
      expect(read(message, CLUSTER_GROUP)).toMatchObject({ rejected: [{}], ignored: [] });
    },
  );

  it.each(['{"kind":"Event","audit', 'hello', '{"level":"info"}', '[1]'])('is left out elsewhere: %s', (message) => {
    expect(read(message, '/company/logs')).toMatchObject({ rejected: [], ignored: ['other-log-stream'] });
  });
});

describe('an entry that names its stream only', () => {
  it('counts if the operator vouches for any group, not if for some', () => {
    const value = entry(EVENT, 'fluent-bit-1');
    expect(piecesOf(value, counted('*=audit')).audit).toHaveLength(1);
    expect(piecesOf(value, counted('/company/*=audit', '*=cloudtrail')).ignored).toEqual(['other-origin']);
  });

  it('does not count with the control plane’s other streams', () => {
    const value = entry(EVENT, 'authenticator-0123');
    expect(piecesOf(value, counted('*=audit')).ignored).toEqual(['other-origin']);
  });
});

describe('a payload that is split, because it is too long or damaged,', () => {
  const element = { id: '1', message: JSON.stringify(EVENT) };
  const taken = (header: Readonly<Record<string, string>>, groups: readonly CountedGroup[] = []) =>
    piecesTaken(groups, (to) => {
      const origin = { key: 'logEvents', index: 0, header: new Map(Object.entries(header)) };
      unwrapElement(element, origin, () => 'line 1', to);
    });

  it('counts by what it stated before', () => {
    const { audit } = taken({ messageType: 'DATA_MESSAGE', logGroup: CLUSTER_GROUP, logStream: AUDIT_STREAM });
    expect(audit.map(({ cluster }) => cluster)).toEqual(['prod-1']);
    expect(taken({ logGroup: '/company/logs', logStream: AUDIT_STREAM }).ignored).toEqual(['other-origin']);
  });

  it.each([{}, { logGroup: CLUSTER_GROUP }, { logStream: AUDIT_STREAM }])(
    'does not count if it had stated %o only, because the rest may follow',
    (header) => {
      expect(taken(header).ignored).toEqual(['other-origin']);
      expect(taken(header, counted('*=audit')).audit).toHaveLength(1);
    },
  );
});

describe('a log group for which the operator vouches', () => {
  it.each([
    ['/company/audit=audit', { names: '/company/audit', content: 'audit' }],
    ['org-*/trail.#1=cloudtrail', { names: 'org-*/trail.#1', content: 'cloudtrail' }],
  ])('is given as %s', (text, group) => {
    expect(parseCountedGroup(text)).toEqual(group);
  });

  it.each(['', '/company/audit', '=audit', '/company/audit=', '/a=trail', '/a=audit=audit', 'a b=audit', 'é=audit'])(
    'is not %j',
    (text) => {
      expect(() => parseCountedGroup(text)).toThrow(CountedGroupError);
      expect(() => parseCountedGroup(text)).toThrow(`${JSON.stringify(text)} is not NAME=audit or NAME=cloudtrail`);
    },
  );

  it.each<[string, string, boolean]>([
    ['/a/*', '/a/', true],
    ['/a/*', '/a', false],
    ['*/a', 'x/a', true],
    ['*', 'anything', true],
    ['/a*b*a', '/aba', true],
    ['/a*a', '/a', false],
    ['/a*b*c', '/a-c-b-c', true],
    ['/a*b*c', '/a-c-c', false],
    ['/a', '/A', false],
    ['a.b', 'axb', false],
    [`${'*a'.repeat(250)}b`, 'a'.repeat(512), false],
  ])('by %s includes %s: %s', (names, group, expected) => {
    const { audit } = piecesOf(payload(EVENT, { group, stream: 's' }), [{ names, content: 'audit' }]);
    expect(audit.length === 1).toBe(expected);
  });
});

it('text without an origin is vouched for by whoever provides it', () => {
  expect(piecesOf([JSON.stringify(EVENT), EVENT, RECORD])).toMatchObject({ ignored: [], rejected: [] });
});
