import { describe, expect, it } from 'vitest';
import { recognize } from '../../lib/recognize/recognize.ts';
import { auditEvent, roleUser } from '../builders/audit-event.ts';

const EVENT = auditEvent({ user: roleUser(), sourceIPs: ['203.0.113.7'] });
const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

/** Rows of Microsoft Sentinel. Cells of an export have JSON as text. */
const AUDIT = {
  TimeGenerated: EVENT.requestReceivedTimestamp,
  Level: EVENT.level,
  AuditId: EVENT.auditID,
  Stage: EVENT.stage,
  RequestUri: EVENT.requestURI,
  Verb: EVENT.verb,
  User: EVENT.user,
  SourceIps: EVENT.sourceIPs,
  UserAgent: EVENT.userAgent,
  ObjectRef: EVENT.objectRef,
  ResponseStatus: EVENT.responseStatus,
  RequestReceivedTime: EVENT.requestReceivedTimestamp,
};
const TRAIL = {
  TimeGenerated: '2026-03-10T11:05:31Z',
  AwsEventId: '862e1f43-c68b-4616-a8fa-dd672177dfd7',
  EventName: 'AssumeRole',
  EventSource: 'sts.amazonaws.com',
  UserIdentityType: 'IAMUser',
  UserIdentityPrincipalid: 'AIDACNVVQOT53YEXAMPLE',
  SourceIpAddress: '198.51.100.77',
  RequestParameters: { roleArn: 'arn:aws:iam::444455556666:role/web', roleSessionName: 'ana' },
  ResponseElements: {
    credentials: { accessKeyId: 'ASIAP4235CWYREXAMPLE', expiration: 'Mar 10, 2026, 12:05:31 PM' },
    assumedRoleUser: {
      assumedRoleId: 'AROAL3H6OXYWHJEXAMPLE:ana',
      arn: 'arn:aws:sts::444455556666:assumed-role/web/ana',
    },
  },
};
const { TimeGenerated: _, ...OTHERS } = TRAIL;
const withTexts = (row: object) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, text(value)]));
const csvOf = (row: object) => {
  const cells = (values: readonly string[]) => values.map((each) => `"${each.replaceAll('"', '""')}"`).join(',');
  return `${cells(Object.keys(row))}\n${cells(Object.values(row).map(text))}\n`;
};

describe('a row of Microsoft Sentinel', () => {
  it.each([
    ['with objects', JSON.stringify(AUDIT)],
    ['with JSON in cells', JSON.stringify(withTexts(AUDIT))],
    ['in a list', JSON.stringify([AUDIT])],
    ['as CSV', csvOf(AUDIT)],
    ['of AWSCloudWatch', JSON.stringify({ TimeGenerated: 'x', Message: JSON.stringify(EVENT), Type: 'AWSCloudWatch' })],
    ['of AWSEKSLogs', JSON.stringify({ TimeGenerated: 'x', ClusterName: 'prod', RawEvent: EVENT, Type: 'AWSEKSLogs' })],
    [
      'of AWSEKSLogs as CSV',
      csvOf({ 'TimeGenerated [UTC]': '3/10/2026, 8:15:07.118 AM', Verb: 'get', RawEvent: EVENT }),
    ],
    ['of AWSCloudWatch as CSV', csvOf({ 'TimeGenerated [UTC]': '3/10/2026, 8:15:07.118 AM', Message: EVENT })],
  ])('is the audit event that it has: %s', (_, pasted) => {
    const [whole, found] = [JSON.stringify(EVENT), pasted].map((each) => recognize(each));
    expect(found).toMatchObject({ as: 'an audit event', notes: [] });
    const subjectsOf = (each: typeof found) => (each?.outcome === 'subjects' ? each.subjects : []);
    expect(subjectsOf(found)).toEqual(subjectsOf(whole));
  });

  it.each([
    ['with objects', JSON.stringify(TRAIL)],
    ['as CSV', csvOf(TRAIL)],
    ['as the portal exports it', csvOf({ 'TimeGenerated [UTC]': '3/10/2026, 11:05:31.000 AM', ...OTHERS })],
  ])('is the CloudTrail record that it has: %s', (_, pasted) => {
    expect(recognize(pasted)).toMatchObject({
      as: 'a CloudTrail record',
      subjects: [{ question: { principal: 'AROAL3H6OXYWHJEXAMPLE:ana', accessKeyId: 'ASIAP4235CWYREXAMPLE' } }],
      notes: [],
    });
  });
});

it('a row of AWSEKSLogs without its event was written at its time, in the form of the portal', () => {
  const row = {
    'TimeGenerated [UTC]': '3/10/2026, 12:02:00.412 PM',
    ClusterName: 'prod',
    Verb: 'get',
    UserName: 'arn:aws:sts::444455556666:assumed-role/web/ana',
    RequestUri: '/api/v1/namespaces/shop/secrets/db',
    Type: 'AWSEKSLogs',
  };
  const at = Date.parse('2026-03-10T12:02:00.412Z');
  expect(recognize(JSON.stringify([row]))).toMatchObject({
    subjects: [{ circumstances: { at, isWrittenLater: true } }],
  });
});

describe('several alerts in one text', () => {
  const alert = (user: string, verb: string, name: string) => ({
    user,
    verb,
    resource: 'secrets',
    namespace: 'shop',
    name,
  });
  const [READ, DELETED] = [alert('ana', 'get', 'db'), alert('ben', 'delete', 'api')];
  const line = (labels: object) =>
    Object.entries(labels)
      .map(([name, value]) => `${name}=${value}`)
      .join(' ');
  const block = (labels: object) =>
    Object.entries(labels)
      .map(([name, value]) => `${name === 'user' ? 'Actor' : name}: ${value}`)
      .join('\n');

  it.each([
    ['a webhook of Alertmanager', JSON.stringify({ alerts: [{ labels: READ }, { labels: DELETED }] })],
    [
      'the attachments of a chat',
      JSON.stringify({ text: '2 alerts', attachments: [{ text: line(READ) }, { text: line(DELETED) }] }),
    ],
    ['blocks with a field in each line', `${block(READ)}\n\n${block(DELETED)}`],
    ['lines', `${line(READ)}\n${line(DELETED)}`],
  ])('are each looked up: %s', (_, pasted) => {
    expect(recognize(pasted)).toMatchObject({
      outcome: 'subjects',
      subjects: [
        { username: 'ana', circumstances: { request: { verb: 'get', name: 'db' } } },
        { username: 'ben', circumstances: { request: { verb: 'delete', name: 'api' } } },
      ],
      notes: [],
    });
  });

  it('of one line are one caller without a request, and a note says how to ask about the others', () => {
    expect(recognize(`ALERT ${line(READ)}; ALERT ${line(DELETED)}`)).toMatchObject({
      subjects: [{ username: 'ana' }],
      notes: [expect.stringContaining('put each on a line of its own')],
    });
  });

  it('counts no empty object as a part that was skipped', () => {
    expect(recognize(`{} ${JSON.stringify(EVENT)}`)).toMatchObject({ as: 'an audit event', notes: [] });
  });
});
