import { expect, it } from 'vitest';
import { describeRequest, describeSubject } from '../../lib/recognize/describe.ts';
import { recognize } from '../../lib/recognize/recognize.ts';
import { circumstancesOfRecord, requestDetails } from '../../lib/usecases/query/anything/request-details.ts';
import { recordOf } from '../builders/answer.ts';
import { auditEvent } from '../builders/audit-event.ts';
import { ACCOUNT, KEY, ROLE_ARN, ROLE_ID } from '../builders/company.ts';
import { grant } from '../builders/trail-records.ts';
import { kubernetesFinding, PRINCIPAL, SESSION_ARN, TEXTS, UID, UUID } from './samples.ts';

function firstOf(text: string) {
  const recognition = recognize(text);
  const [subject] = recognition.outcome === 'subjects' ? recognition.subjects : [];
  if (subject === undefined) throw new Error('nobody');
  return subject;
}

const json = (value: unknown) => JSON.stringify(value);

it.each([
  [
    'an audit event',
    json(auditEvent()),
    'delete pods shop/web-0 at 2026-03-10T12:10:00Z, response code 200, from 198.51.100.7 with kubectl/v1.33.0',
  ],
  [
    'a list of another user, by way of a proxy',
    json(
      auditEvent({
        verb: 'list',
        objectRef: { resource: 'pods', namespace: 'shop' },
        impersonatedUser: { username: 'bob' },
        sourceIPs: ['203.0.113.7', '198.51.100.7'],
        userAgent: undefined,
      }),
    ),
    'list pods in namespace shop impersonating bob at 2026-03-10T12:10:00Z, response code 200, from 198.51.100.7',
  ],
  [
    'a request of no resource',
    json(
      auditEvent({
        verb: 'get',
        requestURI: '/metrics?a=1',
        objectRef: undefined,
        sourceIPs: undefined,
        userAgent: undefined,
      }),
    ),
    'get /metrics at 2026-03-10T12:10:00Z, response code 200',
  ],
  [
    'a finding',
    json(kubernetesFinding()),
    'create pods/exec kube-system/dns-0 (Execution:Kubernetes/ExecInKubeSystemPod) on cluster prod between 2026-03-10T12:00:00Z and 2026-03-10T12:10:00Z, response code 101, from 203.0.113.7 with kubectl/v1.33.0',
  ],
  [
    'a grant',
    json(grant()),
    `AssumeRole at 2026-03-10T12:00:00Z, issued to ${PRINCIPAL}, called by arn:aws:iam::${ACCOUNT}:user/alice`,
  ],
  ['a refusal', TEXTS['a refusal'] ?? '', 'list pods in namespace payments, response code 403'],
  ['a key alone', KEY, ''],
])('the description of a request, from %s', (_, text, words) => {
  expect(describeRequest(firstOf(text).circumstances)).toBe(words);
});

it.each([
  [
    'an audit event',
    json(auditEvent()),
    `the caller project-admin (uid ${UID}, session alice-session) with the access key ${KEY}`,
  ],
  ['a grant', json(grant()), `the session ${PRINCIPAL} with the access key ${KEY}`],
  ['a key', KEY, `the access key ${KEY}`],
  ["a session's ARN", SESSION_ARN, `the session alice-session of the role ${ROLE_ARN}`],
  ['a username', 'admin:alice', 'the username admin:alice'],
  ["a role's id", ROLE_ID, `the role ${ROLE_ID}`],
  ['a name', 'alice', 'the person alice'],
  ['a UUID', UUID, `the audit ID ${UUID}`],
])('the description of the subject, from %s', (_, text, words) => {
  expect(describeSubject(firstOf(text))).toBe(words);
});

it('long texts are cut', () => {
  const userAgent = 'a'.repeat(10_000);
  expect(describeRequest({ userAgent, request: { verb: 'get', uri: userAgent } }).length).toBeLessThan(500);
});

it('names the account that handed a record over, because only that account vouches for it', () => {
  const record = { ...recordOf({ event: auditEvent(), records: [] }), origin: { handedOverBy: '444455556666' } };
  expect(describeRequest(circumstancesOfRecord(record))).toMatch(/, reported by account 444455556666$/);
  expect(requestDetails(circumstancesOfRecord(record))).toMatchObject({ handedOverBy: '444455556666' });
});
