import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { inflatePayload } from '../../lib/adapters/files/inflate.ts';
import { UID_PREFIXES } from '../../lib/identity/uid.ts';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import { describeSubject } from '../../lib/recognize/describe.ts';
import { asRequests, type Recognition } from '../../lib/recognize/recognition.ts';
import { recognize } from '../../lib/recognize/recognize.ts';
import type { Subject } from '../../lib/recognize/subject.ts';
import { parseInstant } from '../../lib/time.ts';
import { recordOf } from '../builders/answer.ts';
import { auditEvent, bareRoleUser, eventBy } from '../builders/audit-event.ts';
import { ACCOUNT, ANOTHER_KEY, KEY, ROLE_ARN, ROLE_ID, ROLE_NAME, utc } from '../builders/company.ts';
import { awsService, iamUser, roleSession, rootUser, samlUser } from '../builders/trail-callers.ts';
import { callBy, federationGrant, grant, rootGrant } from '../builders/trail-records.ts';
import {
  asffFinding,
  keyFinding,
  kubernetesFinding,
  ocsfActivity,
  ocsfFinding,
  PRINCIPAL,
  SESSION_ARN,
  TEXTS,
  UID,
  UUID,
  upperCamel,
} from './samples.ts';

/** Returns the subjects of a text, without their other fields. */
function askedBy(text: string): readonly object[] {
  return subjectsOf(recognize(text, inflatePayload)).map(({ circumstances: _circumstances, ...subject }) => subject);
}

function subjectsOf(recognition: Recognition): readonly Subject[] {
  if (recognition.outcome !== 'subjects') throw new Error(`${recognition.outcome}: ${recognition.advice}`);
  return recognition.subjects;
}

function only(text: string): Subject {
  const [subject, ...others] = subjectsOf(recognize(text, inflatePayload));
  expect(others).toEqual([]);
  if (subject === undefined) throw new Error('nobody');
  return subject;
}

const json = (value: unknown) => JSON.stringify(value);

/** The value with the fields of each object in the order of the alphabet, as search engines give them. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  const fields = Object.entries(value).map(([name, of]) => [name, sorted(of)] as const);
  return Object.fromEntries(fields.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const ALICE = {
  by: 'caller',
  question: { uid: UID, username: 'project-admin', accessKeyId: KEY, sessionName: 'alice-session', arn: SESSION_ARN },
};
const GRANTED = { by: 'caller', question: { principal: PRINCIPAL, accessKeyId: KEY } };

describe('a word', () => {
  const session = { by: 'session', arn: SESSION_ARN, role: ROLE_ARN, sessionName: 'alice-session' };
  it.each<[string, string, string, readonly object[]]>([
    ['a temporary access key id', KEY, 'an access key ID', [{ by: 'caller', question: { accessKeyId: KEY } }]],
    [
      'a long-term access key id',
      'AKIAIOSFODNN7EXAMPLE',
      'an access key ID',
      [{ by: 'caller', question: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE' } }],
    ],
    ["a role's id", ROLE_ID, 'a role ID', [{ by: 'role', role: ROLE_ID }]],
    ['a principal', PRINCIPAL, 'a role session', [{ by: 'caller', question: { principal: PRINCIPAL } }]],
    [
      'a federated principal',
      `${ACCOUNT}:bob`,
      'a federated user',
      [{ by: 'caller', question: { principal: `${ACCOUNT}:bob` } }],
    ],
    ['an IAM user ID', 'AIDAALICE00000000001', 'an IAM user ID', [{ by: 'person', person: 'AIDAALICE00000000001' }]],
    ['a uid of a role', UID, 'a uid', [{ by: 'role', role: ROLE_ID }]],
    ...UID_PREFIXES.map((prefix): [string, string, string, readonly object[]] => [
      `a uid that begins ${prefix}`,
      `${prefix}${ACCOUNT}:${ROLE_ID}`,
      'a uid',
      [{ by: 'role', role: ROLE_ID }],
    ]),
    [
      'a uid of a user',
      `aws-iam-authenticator:${ACCOUNT}:AIDAALICE00000000001`,
      'a uid',
      [{ by: 'person', person: 'AIDAALICE00000000001' }],
    ],
    [
      'a uid of the root user',
      `aws-iam-authenticator:${ACCOUNT}:${ACCOUNT}`,
      'a uid',
      [{ by: 'person', person: `arn:aws:iam::${ACCOUNT}:root` }],
    ],
    [
      'a uid with a session behind it',
      `${UID}:alice-session`,
      'a uid',
      [{ by: 'caller', question: { principal: PRINCIPAL } }],
    ],
    ['a role ARN', ROLE_ARN, 'a role ARN', [{ by: 'role', role: ROLE_ARN }]],
    ["a session's ARN", SESSION_ARN, 'a role session ARN', [session]],
    [
      "a user's ARN",
      `arn:aws:iam::${ACCOUNT}:user/team/alice`,
      'an IAM user ARN',
      [{ by: 'person', person: `arn:aws:iam::${ACCOUNT}:user/team/alice` }],
    ],
    [
      "the root user's ARN",
      `arn:aws:iam::${ACCOUNT}:root`,
      'a root user ARN',
      [{ by: 'person', person: `arn:aws:iam::${ACCOUNT}:root` }],
    ],
    [
      'a federated user ARN',
      `arn:aws:sts::${ACCOUNT}:federated-user/bob`,
      'a federated user ARN',
      [{ by: 'caller', question: { principal: `${ACCOUNT}:bob`, arn: `arn:aws:sts::${ACCOUNT}:federated-user/bob` } }],
    ],
    [
      'a UUID',
      UUID,
      'a UUID (an audit ID, a CloudTrail event ID or a token ID)',
      [
        { by: 'audit-id', auditId: UUID },
        { by: 'event-id', eventId: UUID },
      ],
    ],
    [
      'an email',
      'alice@example.com',
      'an email address',
      [
        { by: 'person', person: 'alice@example.com' },
        { by: 'username', username: 'alice@example.com' },
      ],
    ],
    [
      'a service account',
      'system:serviceaccount:shop:deployer',
      'a Kubernetes username',
      [{ by: 'username', username: 'system:serviceaccount:shop:deployer' }],
    ],
    [
      'a mapped username',
      'admin:EKSGetTokenAuth',
      'a Kubernetes username',
      [{ by: 'username', username: 'admin:EKSGetTokenAuth' }],
    ],
    [
      "an OIDC provider's username",
      'https://idp.example.com#alice',
      'a Kubernetes username',
      [{ by: 'username', username: 'https://idp.example.com#alice' }],
    ],
    [
      'a name',
      'alice',
      'a name',
      [
        { by: 'person', person: 'alice' },
        { by: 'role', role: 'alice' },
        { by: 'username', username: 'alice' },
      ],
    ],
  ])('%s', (_, text, as, subjects) => {
    expect(recognize(text)).toMatchObject({ outcome: 'subjects', as, left: 0, notes: [] });
    expect(askedBy(text)).toEqual(subjects);
  });

  it('has several readings, which are tried one after the other', () => {
    for (const text of [UUID, 'alice', 'alice@example.com'])
      expect(recognize(text)).toMatchObject({ reading: 'first-known' });
  });

  it('has its own readings in a list of several texts', () => {
    const other = UUID.replace(/^./, '0');
    const recognized = recognize(`${UUID} ${other}`);
    if (recognized.outcome !== 'subjects') throw new Error('nothing recognized');
    const { reading, subjects, otherReadings } = recognized;
    expect(reading).toBe('each');
    expect(subjects.map((subject) => [subject, otherReadings.get(subject)])).toMatchObject([
      [{ by: 'audit-id', auditId: UUID }, [{ by: 'event-id', eventId: UUID }]],
      [{ by: 'audit-id', auditId: other }, [{ by: 'event-id', eventId: other }]],
    ]);
  });

  it.each([
    ['a key in lower case', KEY.toLowerCase(), { by: 'caller', question: { accessKeyId: KEY } }],
    ["a role's id in lower case", ROLE_ID.toLowerCase(), { by: 'role', role: ROLE_ID }],
    [
      'a principal in lower case',
      `${ROLE_ID.toLowerCase()}:Alice`,
      { by: 'caller', question: { principal: `${ROLE_ID}:Alice` } },
    ],
    [
      'an ARN',
      SESSION_ARN.replace('arn:aws:sts', 'arn:AWS:STS'),
      { by: 'session', sessionName: 'alice-session', arn: SESSION_ARN },
    ],
    ['a UUID in upper case', UUID.toUpperCase(), { by: 'audit-id', auditId: UUID }],
    ['a uid', UID.toLowerCase().replace('aws-iam', 'AWS-IAM'), { by: 'role', role: ROLE_ID }],
  ])('in the wrong case is corrected, with a note: %s', (_, text, first) => {
    const recognition = recognize(text);
    expect(subjectsOf(recognition)[0]).toMatchObject(first);
    expect(recognition).toMatchObject({ notes: [expect.stringContaining('Corrected the letter case')] });
  });

  it('in lower case can be a name that looks like a key', () => {
    expect(askedBy('asiapacificoperator2')).toEqual([
      { by: 'caller', question: { accessKeyId: 'ASIAPACIFICOPERATOR2' } },
      { by: 'person', person: 'asiapacificoperator2' },
    ]);
  });

  it('is a uid without its prefix: it gets one, with a note', () => {
    expect(recognize(`${ACCOUNT}:${ROLE_ID}`)).toMatchObject({
      as: 'a uid',
      subjects: [{ by: 'role', role: ROLE_ID }],
      notes: [expect.stringContaining('missing prefix')],
    });
  });

  it('is one caller if a uid and a username are together, in either order, with the prefix or without', () => {
    const caller = { by: 'caller', question: { uid: UID, username: 'admin:alice-session' } };
    expect(askedBy(`${UID} admin:alice-session`)).toEqual([caller]);
    expect(askedBy(`admin:alice-session\n${ACCOUNT}:${ROLE_ID}`)).toEqual([caller]);
  });
});

describe('an actor as answers show it', () => {
  const FUNCTION = `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:nightly`;
  it.each([
    [FUNCTION, [FUNCTION]],
    [`"lambda.amazonaws.com (${FUNCTION})",`, [`lambda.amazonaws.com (${FUNCTION})`]],
    ['pods.eks.amazonaws.com (shop/web-0)', ['pods.eks.amazonaws.com (shop/web-0)']],
    [`arn:aws:ec2:eu-west-1:${ACCOUNT}:instance/i-0a1b2c3d4e5f60718`, ['i-0a1b2c3d4e5f60718', expect.any(String)]],
    ['bob@example.com (d-1234567890)', ['bob@example.com (d-1234567890)']],
    [`bob@example.com (d-1234567890 of ${ACCOUNT})`, [`bob@example.com (d-1234567890 of ${ACCOUNT})`]],
  ])('%s', (text, names) => {
    expect(askedBy(text)).toEqual(names.map((person) => ({ by: 'person', person })));
  });

  it('is called a workload if it is one', () => {
    expect(describeSubject({ by: 'person', person: FUNCTION, circumstances: {} })).toBe(`the workload ${FUNCTION}`);
    expect(describeSubject({ by: 'person', person: 'ana', circumstances: {} })).toBe('the person ana');
  });
});

describe('a text from somewhere else', () => {
  it.each([
    ['s3://bucket/AWSLogs/', 'an S3 URI', '--audit'],
    ['./audit/events.jsonl', 'a file path', '--audit'],
    ['events.json.gz', 'a file path', '--audit'],
    [ACCOUNT, 'an AWS account ID', 'records --account'],
    ['203.0.113.7', 'an IP address', 'records --ip'],
    ['2001:db8::7', 'an IP address', 'records --ip'],
    ['who turned off the audit log of dock?', 'a question about a change of a cluster through the EKS API', 'changes'],
    ['who created the access entry for eve?', 'a question about a change of a cluster through the EKS API', 'changes'],
    ['curl/7.88.1', 'a user agent', 'records --user-agent'],
    ['arn:aws:s3:::bucket', 'an ARN that names no caller', 'a role, a user or a session'],
    [`arn:aws:iam::${ACCOUNT}:policy/admins`, 'an ARN that names no caller', 'a role, a user or a session'],
    [
      `arn:aws:eks:eu-west-1:${ACCOUNT}:cluster/prod-1`,
      'an EKS cluster ARN',
      `records --cluster arn:aws:eks:eu-west-1:${ACCOUNT}:cluster/prod-1`,
    ],
    ['2026-03-10T12:00:00Z', 'a time', 'records --from'],
    ['JTI=4c1f5b1e-0000-4000-8000-000000000001', 'the ID of a token', '--audit with --cloudtrail'],
    ['pod/web-0', 'a Kubernetes object', 'records --object'],
    ['deployment.apps/web scaled', 'a Kubernetes object', 'records --object'],
    ['ClusterRoleBinding/debug-admin', 'a Kubernetes object', 'records --object'],
    ['Deployment web in namespace shop', 'a Kubernetes object', 'records --object'],
    ['pod "web-0" deleted', 'a Kubernetes object', 'records --object'],
    ['pod "web-0" force deleted from shop namespace', 'a Kubernetes object', 'records --object'],
    ['shop/web-0', 'a Kubernetes object', 'records --object'],
  ])('%s', (text, as, advice) => {
    expect(recognize(text)).toMatchObject({ outcome: 'elsewhere', as, advice: expect.stringContaining(advice) });
  });

  const FINDING = '16afba5c5c43e07c9e3e5e2e544e95df';
  const MAIL = `"AWS ${ACCOUNT} has a severity 5 GuardDuty finding type Execution:Kubernetes/ExecInKubeSystemPod in the eu-west-1 region."
"Finding Description:"
"A command was executed inside a pod in kube-system namespace on EKS Cluster prod. "
"For more details open the GuardDuty console at https://console.aws.amazon.com/guardduty/home?region=eu-west-1#/findings?search=id%3D${FINDING}"`;
  const HEADERS =
    'From: AWS Notifications <no-reply@sns.amazonaws.com>\nTo: soc@example.com\nSubject: AWS Notification Message\n\n';
  const FOOTER = `\n\n--\nIf you wish to stop receiving notifications from this topic, please click or visit the link below to unsubscribe:
https://sns.eu-west-1.amazonaws.com/unsubscribe.html?SubscriptionArn=arn:aws:sns:eu-west-1:${ACCOUNT}:findings:0c1d2e3f&Endpoint=soc@example.com`;

  it.each([
    ['a mail', MAIL],
    ['a mail with its headers and footer', `${HEADERS}${MAIL}${FOOTER}`],
    ['a link that search=id= ends', MAIL.replace('%3D', '=')],
    [
      'a link of the console',
      `https://eu-west-1.console.aws.amazon.com/guardduty/home?region=eu-west-1#/findings?macros=current&fId=${FINDING}`,
    ],
  ])('%s names a GuardDuty finding, and nobody: the advice is the command that gets the finding', (_, text) => {
    expect(recognize(text)).toMatchObject({
      outcome: 'elsewhere',
      as: 'a notification of a GuardDuty finding',
      advice: `It does not state the request. Get the finding and paste it: aws guardduty get-findings --region eu-west-1 --finding-ids ${FINDING} --detector-id ID. The IDs of detectors: aws guardduty list-detectors --region eu-west-1.`,
    });
  });

  it('a notification of a GuardDuty finding that also states an access key is about the key', () => {
    expect(recognize(`${MAIL}\nAccess key: ASIAEXAMPLE123456789`)).toMatchObject({ outcome: 'subjects' });
    expect(recognize(JSON.stringify({ text: MAIL, accessKeyId: 'ASIAEXAMPLE123456789' }))).toMatchObject({
      outcome: 'subjects',
    });
  });

  it.each<readonly [string, object]>([
    ['203.0.113.7', { sourceIps: ['203.0.113.7'] }],
    ['pod/web-0', { request: { name: 'web-0' } }],
    ['pod/1.2', { request: { name: '1.2' } }],
    ['curl/7.88.1', { userAgent: 'curl/7.88.1' }],
    ['OpenAPI-Generator/28.1.0/python', { userAgent: 'OpenAPI-Generator/28.1.0/python' }],
    ['who used curl/7.88.1?', { userAgent: 'curl/7.88.1' }],
    [
      'kubectl/v1.24.0 (linux/amd64) kubernetes/4ce5a89',
      { userAgent: 'kubectl/v1.24.0 (linux/amd64) kubernetes/4ce5a89' },
    ],
    ['Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0', { userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0' }],
    ['who used user agent curl?', { userAgent: 'curl' }],
    ['User-Agent: "argocd (darwin)"', { userAgent: 'argocd (darwin)' }],
    ['2026-03-10T12:00:00Z', { at: Date.parse('2026-03-10T12:00:00Z') }],
    ...['2026-03-10T12:00Z', '2026-03-10 12:00', '2026-03-10 12:00 UTC'].map(
      (text) => [text, { since: Date.parse(utc('11:55:00')), at: Date.parse(utc('12:05:00')) }] as const,
    ),
    ['203.0.113.0/24', { sourceIps: ['203.0.113.0/24'] }],
    ['2001:db8::/32', { sourceIps: ['2001:db8::/32'] }],
    ['what came from 203.0.113.0/24?', { sourceIps: ['203.0.113.0/24'] }],
    ['which requests came from the range 203.0.113.0/24', { sourceIps: ['203.0.113.0/24'] }],
    ['requests from 203.0.113.7', { sourceIps: ['203.0.113.7'] }],
    ['12:00', { clock: { ofDay: 12 * 3_600_000, isRough: true } }],
    ['12:00:07', { clock: { ofDay: 12 * 3_600_000 + 7_000 } }],
    ['11:00-12:00', { clock: { ofDay: 11 * 3_600_000, lasts: 3_600_000 } }],
  ])('is a request to look up if an audit log is at hand: %s', (text, circumstances) => {
    expect(asRequests(recognize(text))).toMatchObject({
      outcome: 'subjects',
      subjects: [{ by: 'request', circumstances }],
    });
  });

  it.each(['203.0.113.0/33', '203.0.113.700', 's3://bucket/AWSLogs/'])('is no request: %s', (text) => {
    expect(asRequests(recognize(text))).toMatchObject({ outcome: 'elsewhere' });
  });

  it('over 1 MB belongs into a file', () => {
    expect(recognize(`"${'x'.repeat(1_000_000)}`)).toMatchObject({
      outcome: 'elsewhere',
      advice: expect.stringContaining('attribute --audit'),
    });
  });
});

describe('a part of an ID', () => {
  it.each([
    ['ASIA000', 'an access key ID'],
    ['AKIAIOSFODN7', 'an access key ID'],
    ['AROA3X', 'a role ID'],
    ['AIDA3X', 'a user ID'],
  ])('%s is looked up as a name, and a note says that it looks like a part of %s', (text, what) => {
    expect(recognize(text)).toMatchObject({
      outcome: 'subjects',
      as: 'a name',
      notes: [
        `${text} looks like a part of ${what}, which has 20 characters or more. If that is so, give the whole ID.`,
      ],
    });
  });

  it.each(['asia-team', 'ASIA', 'asia2', 'AROA'])('is not what %s looks like', (text) => {
    expect(recognize(text)).toMatchObject({ as: 'a name', notes: [] });
  });
});

describe('a date with the name of its month', () => {
  const roughly = (time: string) => {
    const at = parseInstant(`${time}Z`) ?? 0;
    return { since: at - 300_000, at: at + 300_000 };
  };

  it.each([
    ['Nov 24, 2026 3:15 PM UTC', roughly('2026-11-24T15:15:00')],
    ['24 November 2026 at 15:15', roughly('2026-11-24T15:15:00')],
    ['24 November 2026, 15:15:00', { at: parseInstant('2026-11-24T15:15:00Z') }],
    ['24th Nov 2026, 12:05 am', roughly('2026-11-24T00:05:00')],
    ['Tuesday, November 24th, 2026 at 15:15:10 CET', { at: parseInstant('2026-11-24T14:15:10Z') }],
    ['24 Nov 2026 15:15:10 +0530', { at: parseInstant('2026-11-24T09:45:10Z') }],
  ])('is a time: %s', (text, request) => {
    expect(recognize(text)).toMatchObject({ as: 'a time', request });
    expect(recognize(`who deleted pod web-0 at ${text}`)).toMatchObject({ request });
  });

  it('is not read if there is no such day or time', () => {
    expect(recognize('31 November 2026').outcome).toBe('nothing');
    expect(recognize('1 November 2026 at 25:15').outcome).toBe('nothing');
  });
});

it('an email address in a text does not hide a source IP beside it', () => {
  const mail = 'From: bob@example.com\nSubject: help\n\nask mallory@example.com about 203.0.113.9.';
  for (const text of [mail, 'ask mallory@example.com about 203.0.113.9'])
    expect(recognize(text)).toMatchObject({
      subjects: [{ person: 'mallory@example.com' }, { by: 'request', circumstances: { sourceIps: ['203.0.113.9'] } }],
    });
});

it.each(['helm', 'Error:', 'Error: UPGRADE FAILED:'])(
  'an error of Helm leads to the secrets of its release: %s',
  (head) => {
    expect(recognize(`${head} "checkout" has no deployed releases`)).toMatchObject({
      as: 'an error of Helm',
      advice: expect.stringContaining("--resource secrets --object 'sh.helm.release.v1.checkout.*'"),
    });
  },
);

describe('a text without a subject', () => {
  it.each([
    ['a sentence', 'who was it that deleted everything'],
    ['nothing but blanks', ' \n\t '],
    ['JSON of something else', '{"apiVersion":"v1","kind":"Pod","metadata":{}}'],
    ['an ARN of something else', `arn:aws:s3:::bucket is no caller`],
    ['a number', '17'],
    ['a page', 'https://example.com/alice'],
    ['punctuation', '--'],
    [
      "an alert about a system call, whose user is the container's",
      'A shell was spawned (evt_type=execve user=root user_uid=0 process=sh container_id=3f1c9a2b7d40 k8s_ns_name=orders)',
    ],
  ])('%s is not recognized, and the answer lists what would be', (_, text) => {
    expect(recognize(text)).toMatchObject({
      outcome: 'nothing',
      advice: expect.stringContaining('Give an ID, an ARN'),
    });
  });

  it("such as a record of a service's own call names no caller", () => {
    expect(recognize(json(callBy(awsService('ec2.amazonaws.com'))))).toMatchObject({
      outcome: 'nothing',
      as: 'a CloudTrail record',
      notes: [expect.stringContaining('ec2.amazonaws.com')],
    });
  });
});

describe('an audit event', () => {
  const event = auditEvent();

  it('names its caller with everything that it states, and describes the request', () => {
    expect(only(json(event))).toEqual({
      ...ALICE,
      circumstances: {
        at: parseInstant(utc('12:10:00')),
        auditId: UUID,
        request: {
          verb: 'delete',
          uri: '/api/v1/namespaces/shop/pods/web-0',
          apiGroup: '',
          resource: 'pods',
          namespace: 'shop',
          name: 'web-0',
        },
        code: 200,
        sourceIps: ['198.51.100.7'],
        userAgent: 'kubectl/v1.33.0',
      },
    });
  });

  it.each<[string, string]>([
    ['JSON lines', `${json(event)}\n${json(event)}`],
    ['an array', json([event, event])],
    ['an EventList', json({ kind: 'EventList', apiVersion: 'audit.k8s.io/v1', items: [event, event] })],
    ['what jq prints', `${JSON.stringify(event, null, 2)}\n${JSON.stringify(event, null, 2)}`],
    ['elements of an array', `  ${json(event)},\n  ${json(event)},`],
    ['lines of an export', `2026-03-10T12:10:00.000Z ${json(event)}\n2026-03-10T12:10:01.000Z ${json(event)}`],
    ['filter-log-events', json({ events: [1, 2].map((timestamp) => ({ timestamp, message: json(event) })) })],
    [
      'Insights in JSON',
      json([1, 2].map(() => ({ '@message': json(event), '@log': `${ACCOUNT}:/aws/eks/prod/cluster` }))),
    ],
    ['GetQueryResults', json({ results: [1, 2].map(() => [{ field: '@message', value: json(event) }]) })],
    ['Insights in CSV', `@timestamp,@message\n${`2026-03-10,"${json(event).replaceAll('"', '""')}"\r\n`.repeat(2)}`],
    ['a subscription payload', subscription([event, event])],
  ])('in %s: each is recognized', (_, text) => {
    expect(recognize(text, inflatePayload)).toMatchObject({ as: '2 audit events', reading: 'each', left: 0 });
    expect(askedBy(text)).toEqual([ALICE, ALICE]);
  });

  it.each([
    ['within quotes', json(json(event))],
    ['cut out of a text', json(json(event)).slice(1, -1)],
    ['in a block of code', `\`\`\`json\n${json(event)}\n\`\`\``],
    ["within a shell's quotes", `'${json(event)}'`],
  ])('is recognized in %s', (_, text) => {
    expect(askedBy(text)).toEqual([ALICE]);
  });

  it('has the cluster of its log group', () => {
    expect(only(subscription([event])).circumstances.cluster).toBe('prod');
  });

  it('from another log group is not recognized', () => {
    const entry = { timestamp: 1, logGroupName: '/aws/lambda/shop', message: json(event) };
    expect(recognize(json({ events: [entry] }))).toMatchObject({
      outcome: 'nothing',
      notes: [expect.stringContaining('log group')],
    });
  });

  it('without extra is looked up by uid and username', () => {
    const text = json(eventBy(bareRoleUser('admin:alice-0001')));
    const uid = `heptio-authenticator-aws:${ACCOUNT}:${ROLE_ID}`;
    expect(askedBy(text)).toEqual([{ by: 'caller', question: { uid, username: 'admin:alice-0001' } }]);
  });

  it('from a caller without a uid is looked up by the username', () => {
    expect(askedBy(json(eventBy({ username: 'eks:certificate-controller' })))).toEqual([
      { by: 'username', username: 'eks:certificate-controller' },
    ]);
  });

  it('describes the impersonated user, and never looks it up', () => {
    const text = json(
      auditEvent({ impersonatedUser: { username: 'bob', uid: `aws-iam-authenticator:${ACCOUNT}:AROABOB0000001` } }),
    );
    expect(askedBy(text)).toEqual([ALICE]);
    expect(only(text).circumstances.impersonated).toBe('bob');
  });

  it('never looks up whom its body names', () => {
    const requestObject = { spec: { uid: `aws-iam-authenticator:${ACCOUNT}:AROABOB0000001`, username: 'bob' } };
    expect(askedBy(json(auditEvent({ requestObject })))).toEqual([ALICE]);
  });

  describe('in a document of another tool', () => {
    const chosen = {
      uid: `aws-iam-authenticator:${ACCOUNT}:AIDABOB0000000000001`,
      username: 'bob',
      accessKeyId: ANOTHER_KEY,
    };
    const userAgent = `kubectl ${ANOTHER_KEY}`;
    const written = sorted(auditEvent({ requestObject: { data: chosen }, userAgent }));

    it.each<[string, unknown]>([
      ['OpenSearch', { _index: 'audit', _source: written }],
      ['Splunk', { result: { _raw: json(written) } }],
      ['Fluent Bit', { stream: 'stdout', log: `${json(written)}\n` }],
      ['Vector', { timestamp: 1, message: json(written) }],
      ['one in the other', { message: json({ log: json(written) }) }],
      ['an alert', { id: UUID, severity: 'MEDIUM', title: 'deleted', alertContext: written }],
      ['an alert with text', { alertId: '1', anything: json(written) }],
      ['a deeper part of an alert', { alert: { anything: written } }],
      ['a list deep in an alert, as text', { user: 'analyst', alert: { hits: [{ raw: json(written) }] } }],
      [
        'a part of an event in an alert',
        { alert: 'x', raw: { auditID: UUID, verb: 'get', user: event.user, userAgent } },
      ],
    ])('is read, and nobody whom its body or its user agent names: %s', (_, document) => {
      expect(recognize(json(document))).toMatchObject({ as: 'an audit event', subjects: [ALICE] });
    });

    it.each<[string, string]>([
      ['the rest of an event in an alert', json({ alert: { raw: { requestObject: written, verb: 'create' } } })],
      ['an object of Kubernetes in an alert', json({ alert: { kind: 'ConfigMap', message: json(written) } })],
      ['the rest of an event', json({ requestObject: written, verb: 'create' })],
      ['the rest of an event, in lines', JSON.stringify({ responseObject: written }, null, 2)],
      ['Python', json(written).replaceAll('"', "'")],
      ['an object of Kubernetes', json({ kind: 'ConfigMap', message: json(written) })],
      ['YAML', json(written).replaceAll(/[{}"]/g, '').replaceAll(',', '\n')],
    ])('names nobody whom its body names, if it cannot be read: %s', (_, text) => {
      expect(recognize(text)).toMatchObject({
        outcome: 'nothing',
        notes: expect.arrayContaining([expect.stringContaining('Paste the event')]),
      });
    });

    it('of a log group that has no audit events names nobody', () => {
      expect(recognize(json({ logGroup: '/aws/lambda/shop', message: json(written) }))).toMatchObject({
        outcome: 'nothing',
        notes: [expect.stringContaining('log group')],
      });
    });

    it('is a CloudTrail record, too', () => {
      const record = sorted(
        callBy(roleSession({ roleId: ROLE_ID, session: 'alice-session', key: KEY }), {
          requestParameters: chosen,
          userAgent,
        }),
      );
      const signer = askedBy(json(record));
      expect(askedBy(json({ _source: record }))).toEqual(signer);
      expect(askedBy(json({ message: json(record) }))).toEqual(signer);
      expect(askedBy(json({ alert: { anything: record } }))).toEqual(signer);
    });
  });

  it('that was cut is looked up by its audit ID only', () => {
    const text = json(auditEvent({ requestObject: { spec: { username: 'bob', uid: ANOTHER_KEY } } })).slice(0, -8);
    expect(recognize(text)).toMatchObject({
      as: 'an incomplete audit event',
      subjects: [{ by: 'audit-id', auditId: UUID }],
    });
  });

  it('without its beginning never looks up whom its bodies name', () => {
    const text = json(auditEvent({ requestObject: { spec: { username: 'bob', uid: UID } } }));
    expect(recognize(text.slice(text.indexOf('requestReceived') - 1))).toMatchObject({
      outcome: 'nothing',
      as: 'an incomplete audit event',
    });
  });

  it('is looked up beside one that was cut, and the other is noted as left out', () => {
    expect(recognize(`${json(event)}\n${json(event).slice(0, -9)}\n${json(event)}`)).toMatchObject({
      as: '2 audit events',
      notes: [expect.stringContaining('Skipped 1 part that is incomplete')],
    });
  });

  it('is recognized in the record that eks-whois made of it', () => {
    expect(recognize(json(recordOf({ event, records: [grant()] })))).toMatchObject({
      as: 'an eks-whois record',
      subjects: [{ ...ALICE, circumstances: { auditId: UUID, code: 200, at: parseInstant(utc('12:10:00')) } }],
    });
  });

  it.each([
    ["an event's user", event.user],
    ["an event's line of it", { user: event.user }],
    ['a SelfSubjectReview', { kind: 'SelfSubjectReview', status: { userInfo: event.user } }],
  ])('is looked up by its caller, also from a part of it: %s', (_, value) => {
    expect(askedBy(json(value))).toEqual([ALICE]);
  });
});

function subscription(events: readonly unknown[]): string {
  const payload = {
    messageType: 'DATA_MESSAGE',
    logGroup: '/aws/eks/prod/cluster',
    logStream: 'kube-apiserver-audit-0123456789abcdef',
    logEvents: events.map((event, id) => ({ id: String(id), timestamp: 1, message: json(event) })),
  };
  return json({ awslogs: { data: gzipSync(json(payload)).toString('base64') } });
}

describe('a CloudTrail record', () => {
  it('of a call by a user says who made it, also if AWS refused it', () => {
    const arn = `arn:aws:iam::${ACCOUNT}:user/alice`;
    const record = {
      eventVersion: '1.11',
      eventID: UUID,
      eventName: 'AssumeRole',
      eventSource: 'sts.amazonaws.com',
      eventTime: utc('12:00:00'),
      errorCode: 'AccessDenied',
      userIdentity: { type: 'IAMUser', principalId: 'AIDAALICE000000000000', arn, accessKeyId: 'AKIAALICE00000000000' },
    };
    const found = recognize(json(record));
    expect(found).toMatchObject({
      notes: [
        `The record itself states who made the call: ${arn}, with the access key AKIAALICE00000000000, event ID ${UUID}. The call failed: AccessDenied.`,
      ],
    });
  });

  const session = roleSession({ roleId: ROLE_ID, session: 'alice-session', roleName: ROLE_NAME, key: KEY });
  const own = iamUser('alice', { accessKeyId: KEY });
  it.each<[string, unknown, object]>([
    ['of AssumeRole names the session that it issued', grant(), GRANTED],
    ['of AssumeRole without the key', grant({ key: null }), { by: 'caller', question: { principal: PRINCIPAL } }],
    ['of AssumeRoot names the key', rootGrant(ACCOUNT), { by: 'caller', question: { accessKeyId: KEY } }],
    [
      'of GetFederationToken',
      federationGrant('bob'),
      { by: 'caller', question: { principal: `${ACCOUNT}:bob`, accessKeyId: KEY } },
    ],
    [
      'of any other call names the session that signed it',
      callBy(session),
      { by: 'caller', question: { ...GRANTED.question, arn: SESSION_ARN } },
    ],
    [
      "signed with a user's temporary key names the key, and the user to compare the answer with",
      callBy(own),
      { by: 'caller', question: { accessKeyId: KEY }, userArn: `arn:aws:iam::${ACCOUNT}:user/alice` },
    ],
    [
      "signed with a user's long-term key names the user",
      callBy(iamUser('alice')),
      { by: 'person', person: `arn:aws:iam::${ACCOUNT}:user/alice` },
    ],
    ['of the root user', callBy(rootUser()), { by: 'person', person: `arn:aws:iam::${ACCOUNT}:root` }],
    ['of a SAML user', callBy(samlUser('alice')), { by: 'person', person: 'alice' }],
    [
      'of a denied AssumeRole names who asked',
      grant({ by: session, fields: { errorCode: 'AccessDenied', responseElements: null } }),
      { by: 'caller', question: { ...GRANTED.question, arn: SESSION_ARN } },
    ],
    ["as LookupEvents' answer", { Events: [{ CloudTrailEvent: json(grant()) }] }, GRANTED],
    [
      'as EventBridge delivers it',
      { source: 'aws.sts', 'detail-type': 'AWS API Call via CloudTrail', detail: grant() },
      GRANTED,
    ],
    ['in a log file', { Records: [grant()] }, GRANTED],
  ])('%s', (_, value, subject) => {
    expect(recognize(json(value))).toMatchObject({ as: 'a CloudTrail record' });
    expect(askedBy(json(value))).toEqual([subject]);
  });

  it('describes the call, who made it and for whom', () => {
    expect(only(json(grant({ id: UUID, fields: { sourceIPAddress: '203.0.113.7' } }))).circumstances).toEqual({
      at: parseInstant(utc('12:00:00')),
      eventId: UUID,
      eventName: 'AssumeRole',
      sourceIps: ['203.0.113.7'],
      issuedTo: PRINCIPAL,
      calledBy: `arn:aws:iam::${ACCOUNT}:user/alice`,
    });
  });

  it('from another sender on the bus is refused', () => {
    const envelope = { source: 'com.example', 'detail-type': 'AWS API Call via CloudTrail', detail: grant() };
    expect(recognize(json(envelope))).toMatchObject({
      outcome: 'nothing',
      notes: [expect.stringContaining('EventBridge envelope')],
    });
  });

  it('is looked up by its caller, also from a part of it: userIdentity, or the answer of STS', () => {
    expect(askedBy(json(session))).toEqual([{ by: 'caller', question: { ...GRANTED.question, arn: SESSION_ARN } }]);
    const answer = { UserId: PRINCIPAL, Account: ACCOUNT, Arn: SESSION_ARN };
    expect(askedBy(json(answer))).toEqual([{ by: 'caller', question: { principal: PRINCIPAL, arn: SESSION_ARN } }]);
  });
});

describe('a finding', () => {
  it('of Security Hub has its source IPs in flattened fields with numbers', () => {
    const call = 'aws/guardduty/service/action/kubernetesApiCallAction';
    const fields = {
      [`${call}/requestUri`]: '/api/v1/namespaces/shop/secrets/db',
      [`${call}/verb`]: 'get',
      [`${call}/sourceIPs.0_`]: '203.0.113.7',
      [`${call}/sourceIPs.1_`]: '10.0.0.1',
    };
    expect(only(json(asffFinding({ ProductFields: fields, Resources: [] })))).toMatchObject({
      circumstances: { sourceIps: ['203.0.113.7'], request: { verb: 'get' } },
    });
  });

  it('of Security Hub has its user in flattened details of a resource of the type Other', () => {
    const call = 'aws/guardduty/service/action/kubernetesApiCallAction';
    const user = 'kubernetesDetails/kubernetesUserDetails';
    const details = { [`${user}/uid`]: UID, [`${user}/username`]: 'project-admin', [`${user}/groups.0_`]: 'devs' };
    const value = asffFinding({
      ProductFields: { [`${call}/requestUri`]: '/api/v1/namespaces/shop/secrets/db', [`${call}/verb`]: 'get' },
      Resources: [{ Type: 'Other', Id: 'kubernetes', Details: { Other: details } }],
    });
    expect(only(json(value))).toMatchObject({
      by: 'caller',
      question: { uid: UID, username: 'project-admin' },
      circumstances: { request: { verb: 'get' } },
    });
  });

  const caller = { by: 'caller', question: { uid: UID, username: 'project-admin', sessionName: 'alice-session' } };
  const circumstances = {
    at: parseInstant(utc('12:10:00')),
    since: parseInstant(utc('12:00:00')),
    cluster: 'prod',
    clusterArn: `arn:aws:eks:eu-west-1:${ACCOUNT}:cluster/prod`,
    request: {
      verb: 'create',
      uri: '/api/v1/namespaces/kube-system/pods/dns-0/exec',
      resource: 'pods',
      subresource: 'exec',
      namespace: 'kube-system',
      name: 'dns-0',
    },
    code: 101,
    sourceIps: ['203.0.113.7'],
    userAgent: 'kubectl/v1.33.0 (linux/amd64)',
    finding: 'Execution:Kubernetes/ExecInKubeSystemPod',
  };
  const event = { source: 'aws.guardduty', 'detail-type': 'GuardDuty Finding', detail: kubernetesFinding() };

  it.each([
    ['of EventBridge', event, 'a GuardDuty finding from EventBridge'],
    ['by itself', kubernetesFinding(), 'a GuardDuty finding'],
    ['of GetFindings', { Findings: [upperCamel(kubernetesFinding())] }, 'a GuardDuty finding'],
  ])('from the audit log is looked up by its caller, and describes the request: %s', (_, value, as) => {
    expect(recognize(json(value))).toMatchObject({ as });
    expect(only(json(value))).toEqual({ ...caller, circumstances });
  });

  const key = { accessKeyId: KEY, principalId: PRINCIPAL, userName: ROLE_NAME, userType: 'AssumedRole' };
  it.each<[string, object, object]>([
    ['a session', key, GRANTED],
    [
      "a user's long-term key",
      {
        accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
        principalId: 'AIDAALICE00000000001',
        userName: 'alice',
        userType: 'IAMUser',
      },
      { by: 'person', person: 'AIDAALICE00000000001' },
    ],
    [
      "a user's temporary key",
      { accessKeyId: KEY, principalId: 'AIDAALICE00000000001', userType: 'IAMUser' },
      { by: 'caller', question: { accessKeyId: KEY } },
    ],
    [
      'a sample',
      {
        accessKeyId: 'GeneratedFindingAccessKeyId',
        principalId: 'GeneratedFindingPrincipalId',
        userName: 'GeneratedFindingUserName',
        userType: 'IAMUser',
      },
      { by: 'person', person: 'GeneratedFindingUserName' },
    ],
  ])('from CloudTrail is looked up by the credentials that signed: %s', (_, details, subject) => {
    expect(askedBy(json(keyFinding({ ...details })))).toEqual([subject]);
    expect(askedBy(json(upperCamel(keyFinding({ ...details }))))).toEqual([subject]);
  });

  it('with a caller and its key is one caller; another key is looked up separately', () => {
    const { resource, ...rest } = kubernetesFinding();
    const withKey = (details: object) =>
      json({ ...rest, resource: { ...(resource as object), accessKeyDetails: details } });
    expect(askedBy(withKey(key))).toEqual([{ ...caller, question: { ...caller.question, accessKeyId: KEY } }]);
    expect(askedBy(withKey({ accessKeyId: KEY }))).toEqual(askedBy(withKey(key)));
    expect(askedBy(withKey({ ...key, principalId: 'AROAJUMP0000000000001:bob' }))).toEqual([
      caller,
      { by: 'caller', question: { principal: 'AROAJUMP0000000000001:bob', accessKeyId: KEY } },
    ]);
  });

  it('about an attack sequence has each of its actors once', () => {
    const actors = [
      { id: 'a', user: { name: 'alice', uid: PRINCIPAL, credentialUid: KEY }, session: { uid: KEY } },
      { id: 'a', user: { name: 'alice', uid: PRINCIPAL, credentialUid: KEY }, session: { uid: KEY } },
      { id: 'b', user: { name: 'bob', uid: 'AIDABOB00000000000000' } },
    ];
    const service = { eventLastSeen: utc('12:10:00'), detection: { sequence: { actors } } };
    const value = { schemaVersion: '2.0', type: 'AttackSequence:EKS/CompromisedCluster', service };
    expect(askedBy(json(value))).toEqual([GRANTED, { by: 'person', person: 'AIDABOB00000000000000' }]);
  });

  it('about an attack sequence has, for each signal about a cluster, the username with that time, source IP and cluster', () => {
    const clusterArn = `arn:aws:eks:eu-west-1:${ACCOUNT}:cluster/prod`;
    const signal = (name: string, actorIds: string[], endpointIds: string[], time: string) => ({
      name,
      actorIds,
      endpointIds,
      type: 'FINDING',
      count: 1,
      firstSeenAt: utc(time),
      lastSeenAt: utc(time),
      resourceUids: [clusterArn],
    });
    const node = 'system:node:ip-10-0-0-7.ec2.internal';
    const sequence = {
      actors: [
        { id: 'a', user: { name: SESSION_ARN, uid: UID, type: 'KUBERNETES_USER' } },
        { id: 'b', user: { name: node, type: 'KUBERNETES_USER' } },
        { id: 'c', process: { name: 'sh' } },
        { id: 'd', user: { name: 'erik', uid: 'AIDAERIK0000000000000' } },
      ],
      endpoints: [
        { id: 'x', ip: '203.0.113.7' },
        { id: 'y', ip: '198.51.100.9' },
      ],
      signals: [
        signal('Execution:Kubernetes/ExecInKubeSystemPod', ['a'], ['x'], '12:01:00'),
        signal('Discovery:IAMUser/AnomalousBehavior', ['d'], ['x'], '12:02:00'),
        signal('CredentialAccess:Kubernetes/MaliciousIPCaller', ['b', 'a'], ['x', 'y'], '12:03:00'),
      ],
    };
    const service = { eventFirstSeen: utc('12:00:00'), eventLastSeen: utc('12:10:00'), detection: { sequence } };
    const value = { schemaVersion: '2.0', type: 'AttackSequence:EKS/CompromisedCluster', service };
    const found = recognize(json(value));
    if (found.outcome !== 'subjects') throw new Error('not recognized');
    const circumstances = { cluster: 'prod', clusterArn, request: {}, count: 1, since: undefined };
    const read = {
      ...circumstances,
      finding: 'CredentialAccess:Kubernetes/MaliciousIPCaller',
      at: parseInstant(utc('12:03:00')),
    };
    const ofSession = { by: 'caller', question: { uid: UID, username: SESSION_ARN } };
    expect(found.subjects).toEqual([
      {
        ...ofSession,
        circumstances: {
          ...circumstances,
          finding: 'Execution:Kubernetes/ExecInKubeSystemPod',
          sourceIps: ['203.0.113.7'],
          at: parseInstant(utc('12:01:00')),
        },
      },
      { ...ofSession, circumstances: read },
      { by: 'username', username: node, circumstances: read },
      expect.objectContaining({ by: 'person', person: 'AIDAERIK0000000000000' }),
    ]);
  });

  it.each([
    ['GuardDuty', kubernetesFinding()],
    ['Security Hub', asffFinding()],
  ])('says how many requests it stands for: %s', (_, finding: JsonObject) => {
    const { service, ProductFields } = finding as Record<string, JsonObject>;
    const counted =
      service === undefined
        ? { ...finding, ProductFields: { ...ProductFields, 'aws/guardduty/service/count': '2' } }
        : { ...finding, service: { ...service, count: 2 } };
    expect(only(json(counted)).circumstances.count).toBe(2);
  });

  it.each([
    ['GetFindings', { Findings: [asffFinding()] }],
    [
      'EventBridge',
      {
        source: 'aws.securityhub',
        'detail-type': 'Security Hub Findings - Imported',
        detail: { findings: [asffFinding()] },
      },
    ],
  ])("in Security Hub's format has the key's session: %s", (_, value) => {
    expect(recognize(json(value))).toMatchObject({ as: 'a Security Hub finding' });
    expect(only(json(value))).toEqual({
      ...GRANTED,
      circumstances: {
        at: parseInstant(utc('12:10:00')),
        since: parseInstant(utc('12:00:00')),
        cluster: 'prod',
        clusterArn: `arn:aws:eks:eu-west-1:${ACCOUNT}:cluster/prod`,
        eventName: 'ListClusters',
        sourceIps: ['203.0.113.7'],
        finding: 'TTPs/Discovery/Discovery:IAMUser-AnomalousBehavior',
      },
    });
  });

  it("in Security Hub's format from the audit log has the cluster's user in its product fields", () => {
    const path = 'aws/guardduty/resource/kubernetesDetails/kubernetesUserDetails';
    const ProductFields = { [`${path}/username`]: 'project-admin', [`${path}/uid`]: UID };
    expect(askedBy(json(asffFinding({ ProductFields, Resources: [] })))).toEqual([
      { by: 'caller', question: { uid: UID, username: 'project-admin' } },
    ]);
  });

  it("in Security Hub's format has roles and users among its resources", () => {
    const Resources = [
      { Type: 'AwsIamRole', Id: ROLE_ARN },
      { Type: 'AwsIamUser', Id: `arn:aws:iam::${ACCOUNT}:user/alice` },
    ];
    expect(askedBy(json(asffFinding({ Resources })))).toEqual([
      { by: 'role', role: ROLE_ARN },
      { by: 'person', person: `arn:aws:iam::${ACCOUNT}:user/alice` },
    ]);
  });

  it("in Security Hub's format of another product has callers by their ARNs, and its cluster", () => {
    const cluster = `arn:aws:eks:eu-west-1:${ACCOUNT}:cluster/prod`;
    const ids = [cluster, SESSION_ARN, ROLE_ARN, `arn:aws:iam::${ACCOUNT}:user/alice`, `arn:aws:s3:::bucket`];
    const Resources = ids.map((Id) => ({ Type: 'Other', Id }));
    const found = recognize(json(asffFinding({ ProductFields: {}, Resources })));
    expect(found).toMatchObject({
      subjects: [
        { by: 'session', arn: SESSION_ARN, circumstances: { cluster: 'prod', clusterArn: cluster } },
        { by: 'role', role: ROLE_ARN },
        { by: 'person', person: `arn:aws:iam::${ACCOUNT}:user/alice` },
      ],
    });
  });

  it('in a finding can be a request to a cluster, by its path', () => {
    const evidence = {
      actor: { user: { uid: UID, name: 'project-admin' } },
      api: { operation: 'get', response: { code: 200 } },
      http_request: { url: { path: '/api/v1/namespaces/shop/secrets/db' } },
    };
    const { circumstances } = only(
      json({ ...ocsfFinding(), metadata: { uid: UUID, product: {} }, evidences: [evidence], resources: [] }),
    );
    expect(circumstances).toMatchObject({
      request: { verb: 'get', uri: '/api/v1/namespaces/shop/secrets/db' },
      code: 200,
    });
    expect(circumstances).not.toHaveProperty('eventName');
    expect(circumstances).not.toHaveProperty('eventId');
  });

  it('in OCSF is recognized in the same way', () => {
    expect(recognize(json(ocsfFinding()))).toMatchObject({ as: 'an OCSF finding' });
    expect(only(json(ocsfFinding()))).toMatchObject({
      ...GRANTED,
      circumstances: { at: parseInstant(utc('12:10:00')), eventName: 'ListClusters', sourceIps: ['203.0.113.7'] },
    });
  });
});

describe('an OCSF event', () => {
  it("from the audit log has the cluster's user, and describes the request", () => {
    const { question } = ALICE;
    expect(only(json(ocsfActivity()))).toMatchObject({
      by: 'caller',
      question: { uid: question.uid, username: 'project-admin', accessKeyId: KEY, sessionName: 'alice-session' },
      circumstances: {
        at: parseInstant(utc('12:10:00')),
        auditId: UUID,
        cluster: 'prod',
        code: 200,
        request: { verb: 'delete', resource: 'pods', namespace: 'shop', name: 'web-0' },
        sourceIps: ['203.0.113.7'],
      },
    });
  });

  it.each([
    [
      'a session',
      { user: { type: 'AssumedRole', uid: SESSION_ARN, uid_alt: PRINCIPAL, credential_uid: KEY } },
      { by: 'caller', question: { ...GRANTED.question, arn: SESSION_ARN } },
    ],
    [
      'a user',
      {
        user: {
          name: 'alice',
          type: 'IAMUser',
          uid: `arn:aws:iam::${ACCOUNT}:user/alice`,
          uid_alt: 'AIDAALICE00000000001',
        },
      },
      { by: 'person', person: `arn:aws:iam::${ACCOUNT}:user/alice` },
    ],
  ])('from CloudTrail has %s', (_, actor, subject) => {
    const event = {
      class_uid: 6003,
      actor,
      api: { operation: 'ListClusters' },
      metadata: { uid: UUID, product: { name: 'CloudTrail' } },
    };
    expect(askedBy(json(event))).toEqual([subject]);
    expect(only(json(event)).circumstances).toEqual({ eventId: UUID, eventName: 'ListClusters' });
  });
});

describe('an error or log line', () => {
  it('that is wrapped is looked up beside the next one', () => {
    const refused = (verb: string) =>
      `│ Error: User "${SESSION_ARN}" cannot ${verb}\n│ resource "secrets" in API group ""\n│ \n`;
    expect(subjectsOf(recognize(`${refused('list')}${refused('get')}`))).toHaveLength(2);
  });

  it.each([
    ['by Terraform, in its frame', '╷\n│ Error: ', '\n│ ', '\n│ \n│   with data.kubernetes_secret.db,\n╵'],
    ['by a mail', '> ', '\n> ', '\n> Does anybody know?'],
    ['by a terminal', '', '\n  ', ''],
  ])('that is wrapped %s is read as a whole', (_, head, wrap, end) => {
    const words = [`secrets is forbidden: User "${SESSION_ARN}" cannot list`, 'resource "secrets" in API group ""'];
    const text = `${head}${[...words, 'in the namespace "shop"'].join(wrap)}${end}`;
    expect(subjectsOf(recognize(text))).toEqual([
      expect.objectContaining({
        by: 'session',
        circumstances: { code: 403, request: expect.objectContaining({ verb: 'list', namespace: 'shop' }) },
      }),
    ]);
  });

  it.each([
    ['of the command line', 'An error occurred (AccessDenied) when calling the AssumeRole operation: User: '],
    ['of a tool, with its request ID', `api error AccessDenied, RequestID: ${UUID}: User: `],
  ])('of AWS %s names its user alone: neither a request to the cluster nor the resource', (_, head) => {
    const end = 'is not authorized to perform: sts:AssumeRole on resource: ';
    const found = recognize(`${head}${SESSION_ARN} ${end}${ROLE_ARN}`);
    expect(found).toMatchObject({ as: 'an error of AWS', notes: [expect.stringContaining('sts:AssumeRole')] });
    expect(subjectsOf(found)).toEqual([
      expect.objectContaining({
        by: 'session',
        arn: SESSION_ARN,
        circumstances: { denial: { user: SESSION_ARN, action: 'sts:AssumeRole', on: ROLE_ARN } },
      }),
    ]);
  });

  it('of kubectl names the user who was refused, and the request', () => {
    expect(only(TEXTS['a refusal'] ?? '')).toMatchObject({
      by: 'session',
      arn: SESSION_ARN,
      circumstances: { code: 403, request: { verb: 'list', apiGroup: '', resource: 'pods', namespace: 'payments' } },
    });
  });

  it.each([
    [
      'Error from server (Forbidden): pods "web-0" is forbidden: User "admin:alice" cannot create resource "pods/exec" in API group "" in the namespace "shop"',
      { verb: 'create', resource: 'pods', subresource: 'exec', namespace: 'shop', name: 'web-0' },
    ],
    [
      'Error from server (Forbidden): nodes is forbidden: User "admin:alice" cannot list resource "nodes" in API group "" at the cluster scope',
      { verb: 'list', resource: 'nodes' },
    ],
    ['forbidden: User "admin:alice" cannot get path "/metrics"', { verb: 'get', uri: '/metrics' }],
  ])('%s', (line, request) => {
    expect(only(line)).toMatchObject({ by: 'username', username: 'admin:alice', circumstances: { request } });
    const status = { kind: 'Status', status: 'Failure', message: line, reason: 'Forbidden', code: 403 };
    expect(only(json(status))).toMatchObject({ by: 'username', username: 'admin:alice', circumstances: { request } });
  });

  it.each([
    [
      'Error from server (Forbidden): error when creating "rb.yaml": rolebindings.rbac.authorization.k8s.io "ops" is forbidden: user "admin:alice" (groups=["devs" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:["*"], Resources:["*"], Verbs:["*"]}',
      'admin:alice',
      { apiGroup: 'rbac.authorization.k8s.io', resource: 'rolebindings', name: 'ops', verb: 'write' },
    ],
    [
      '│ Error: clusterroles.rbac.authorization.k8s.io "ops" is forbidden: user\n│ "admin:alice" (groups=[]) is attempting to grant RBAC\n│ permissions not currently held:',
      'admin:alice',
      { resource: 'clusterroles', name: 'ops', verb: 'write' },
    ],
    [
      'Error from server (Forbidden): nodes "ip-10-0-0-8" is forbidden: node "ip-10-0-0-7" is not allowed to modify node "ip-10-0-0-8"',
      'system:node:ip-10-0-0-7',
      { resource: 'nodes', name: 'ip-10-0-0-8' },
    ],
    [
      'pods "web-0" is forbidden: node "ip-10-0-0-7" can only delete pods with spec.nodeName set to itself',
      'system:node:ip-10-0-0-7',
      { resource: 'pods', name: 'web-0' },
    ],
  ])('after authorization names the user and the object: %s', (text, username, request) => {
    const circumstances = { code: 403, request };
    expect(only(text)).toMatchObject({ by: 'username', username, circumstances });
    const status = {
      kind: 'Status',
      status: 'Failure',
      message: text.replaceAll('\n│', ''),
      reason: 'Forbidden',
      code: 403,
    };
    expect(only(json(status))).toMatchObject({ by: 'username', username, circumstances });
    expect(only(`level=error msg=${json(status.message)}`)).toMatchObject({ by: 'username', username, circumstances });
  });

  it.each([
    ['logfmt', (error: string) => `time="2026-03-10T12:00:00Z" level=error msg=${json(`ComparisonError: ${error}`)}`],
    ['klog', (error: string) => `E0310 12:00:00.000000 1 controller.go:324] "Reconciler error" err=${json(error)}`],
    ['JSON', (error: string) => json({ level: 'error', msg: 'Reconciler error', error })],
    ['zap', (error: string) => `2026-03-10T12:00:00Z\tERROR\tReconciler error\t${json({ name: 'web', error })}`],
  ])('of a controller, in the quotes of %s, names the user who was refused, and the request', (_, logged) => {
    const refusal = TEXTS['a refusal'] ?? '';
    expect(only(logged(refusal))).toMatchObject(only(refusal));
  });

  it('of a controller does not end a session name with the backslash of an escaped quote', () => {
    expect(only(`msg="assumed \\"${SESSION_ARN}\\" first"`)).toEqual(only(SESSION_ARN));
  });

  it.each([
    [
      "the authenticator's",
      TEXTS['an access granted'] ?? '',
      { by: 'caller', question: { uid: UID, username: 'admin:alice-session' } },
    ],
    [
      "the authenticator's of STS",
      `time="2026-03-10T12:00:00Z" level=info msg="STS response" accesskeyid=${KEY} accountid=${ACCOUNT} arn="${SESSION_ARN}" client="127.0.0.1:40512" method=POST path=/authenticate session=alice-session userid=${ROLE_ID}`,
      { by: 'caller', question: { ...GRANTED.question, arn: SESSION_ARN } },
    ],
    [
      "the API server's",
      `I0310 12:00:00.000000 11 trace.go:1] "request" username="admin:alice" uid="${UID}" groups=["system:masters"]`,
      { by: 'caller', question: { uid: UID, username: 'admin:alice' } },
    ],
    [
      "the API server's with an audit id",
      `I0310 12:00:00.000000 11 httplog.go:134] "HTTP" verb="LIST" URI="/api/v1/pods" userAgent="kubectl/v1.33.0" audit-ID="${UUID}" srcIP="203.0.113.7:50514" resp=200`,
      { by: 'audit-id', auditId: UUID },
    ],
    [
      "AWS's error",
      `An error occurred (AccessDenied) when calling the DescribeCluster operation: User: ${SESSION_ARN} is not authorized to perform: eks:DescribeCluster`,
      { by: 'session', arn: SESSION_ARN, role: ROLE_ARN, sessionName: 'alice-session' },
    ],
    ["an event's own", `      "accessKeyId": ["${KEY}"],`, { by: 'caller', question: { accessKeyId: KEY } }],
    ["an event's uid", `  "uid": "${UID}",`, { by: 'role', role: ROLE_ID }],
    ['a message', `could somebody look at ${KEY}?`, { by: 'caller', question: { accessKeyId: KEY } }],
  ])('of %s', (_, line, subject) => {
    expect(askedBy(line)).toEqual([subject]);
  });

  it('of a log has the time and the source IP', () => {
    expect(only(`audit-ID="${UUID}" srcIP="203.0.113.7:50514" resp=200 verb="LIST"`).circumstances).toEqual({
      auditId: UUID,
      code: 200,
      request: { verb: 'LIST' },
      sourceIps: ['203.0.113.7'],
    });
  });

  it('repeated is one subject; several keys are several', () => {
    const line = TEXTS['an access granted'] ?? '';
    expect(askedBy(`${line}\n${line}\n`)).toHaveLength(1);
    expect(recognize(`${KEY}\n${ANOTHER_KEY}`)).toMatchObject({ as: '2 access key IDs', reading: 'each' });
  });
});

describe('a list of many things', () => {
  it('of different kinds is counted by kind', () => {
    expect(recognize(`${json(auditEvent())}\n${json(grant())}\n${json(auditEvent())}\n{"kind":"Pod"}`)).toMatchObject({
      as: '2 audit events and a CloudTrail record',
      notes: ['Skipped 1 part that was not recognized.'],
    });
  });

  it('has a thousand entries, and the rest is counted', () => {
    const keys = Array.from({ length: 1_002 }, (_, number) => `ASIAEXAMPLE00000${1_000 + number}`);
    const recognition = recognize(keys.join('\n'));
    expect(subjectsOf(recognition)).toHaveLength(1_000);
    expect(recognition).toMatchObject({ as: '1002 access key IDs', left: 2 });
  });
});
