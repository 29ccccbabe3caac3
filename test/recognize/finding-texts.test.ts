import { expect, it } from 'vitest';
import { recognize } from '../../lib/recognize/recognize.ts';
import { ACCOUNT, ROLE_ID } from '../builders/company.ts';
import { SESSION_ARN } from './samples.ts';

const UID = `aws-iam-authenticator:${ACCOUNT}:${ROLE_ID}`;
const TYPE = 'CredentialAccess:Kubernetes/TorIPCaller';
const URI = '/api/v1/namespaces/payments/secrets/payments-tls';
const AGENT = 'kubectl/v1.30.2 (linux/amd64) kubernetes/3968350';

/** A finding as GetFindings and EventBridge have it. */
function findingAsJson(last: string, count: number): string {
  return JSON.stringify({
    schemaVersion: '2.0',
    type: TYPE,
    resource: {
      eksClusterDetails: { name: 'atlas-prod' },
      kubernetesDetails: { kubernetesUserDetails: { username: SESSION_ARN, uid: UID } },
    },
    service: {
      action: {
        actionType: 'KUBERNETES_API_CALL',
        kubernetesApiCallAction: {
          requestUri: URI,
          verb: 'get',
          statusCode: 200,
          userAgent: AGENT,
          sourceIps: ['185.220.101.7'],
        },
      },
      eventFirstSeen: '2026-11-24T09:30:00Z',
      eventLastSeen: last,
      count,
    },
    updatedAt: '2026-11-24T09:50:00Z',
  });
}

/** The same finding as GuardDuty's console shows it: headings, and a name and a value on each line. */
const consoleText = (last: string, count: number, between: string) =>
  `${TYPE}
Finding ID: 8ac1f1d2b7
HIGH
A Kubernetes API commonly used to access credentials in EKS cluster atlas-prod was invoked from a Tor exit node IP address 185.220.101.7.
Overview
Severity\tHIGH
Region\teu-central-1
Count\t${count}
Account ID\t${ACCOUNT}
Resource ID\tatlas-prod
Created at\t11-24-2026 09:38:11 (UTC)
Updated at\t11-24-2026 09:50:00 (UTC)
Resource affected
Resource role\tTARGET
Resource type\tEKSCluster
EKS cluster details
Name\tatlas-prod
Status\tACTIVE
Kubernetes user details
Username\t${SESSION_ARN}
UID\t${UID}
Groups\tsystem:authenticated
Action
Action type\tKUBERNETES_API_CALL
Request URI\t${URI}
Verb\tget
Status code\t200
User agent\t${AGENT}
First seen\t11-24-2026 09:30:00 (UTC)
Last seen\t${last}
Actor
Caller type\tRemote IP
IP address\t185.220.101.7`.replaceAll('\t', between);

const subjectsOf = (text: string) => {
  const found = recognize(text);
  return found.outcome === 'subjects' ? found.subjects : found;
};

it.each([
  ['one request', '2026-11-24T09:30:00Z', '11-24-2026 09:30:00 (UTC)', 1],
  ['several requests', '2026-11-24T09:36:40Z', '11-24-2026 09:36:40 (UTC)', 4],
])('GuardDuty’s console text about %s states the same as the finding’s JSON', (_, last, shown, count) => {
  const wanted = subjectsOf(findingAsJson(last, count));
  expect(wanted).toMatchObject([{ by: 'caller', circumstances: { cluster: 'atlas-prod', code: 200, finding: TYPE } }]);
  for (const between of ['\t', ': ', '\n']) expect(subjectsOf(consoleText(shown, count, between))).toEqual(wanted);
});

it('a date of GuardDuty’s console has the month first, and a note says so', () => {
  const found = recognize(consoleText('11-24-2026 09:30:00 (UTC)', 1, '\t'));
  expect(found.notes).toContainEqual(expect.stringContaining('with the month first'));
  const invalid = recognize(
    `${TYPE}\nUser: ${SESSION_ARN}\nVerb: get\nRequest URI: ${URI}\nLast seen: 24-11-2026 09:30:00 (UTC)`,
  );
  expect(invalid).toMatchObject({ subjects: [{ circumstances: { request: { verb: 'get', uri: URI } } }] });
  expect(JSON.stringify(invalid)).not.toContain('"at"');
});

const chatText = (
  type: string,
  resource: string,
) => `:rotating_light: *GuardDuty Finding | eu-central-1 | Account: ${ACCOUNT}*
*${type}*
Privileged container with root level access launched on the EKS cluster atlas-prod.
*First Seen:* Tue, 24 Nov 2026 09:24:02 GMT
*Last Seen:* Tue, 24 Nov 2026 09:24:02 GMT
*Affected Resource:* ${resource}
*User:* ${SESSION_ARN}
*Severity:* Medium`;

it.each([
  ['a new pod', 'PrivilegeEscalation:Kubernetes/PrivilegedContainer', { verb: 'create' }],
  [
    'a new pod, by a type of today',
    'PrivilegeEscalation:Kubernetes/AnomalousBehavior.WorkloadDeployed!PrivilegedContainer',
    { verb: 'create' },
  ],
  ['any request', 'Impact:Kubernetes/SuccessfulAnonymousAccess', {}],
])(
  'a chat’s message about %s states the cluster and the object in the words of its affected resource',
  (_, type, verb) => {
    expect(subjectsOf(chatText(type, 'EKS cluster atlas-prod, pod payments/dbg-shell'))).toMatchObject([
      {
        by: 'session',
        arn: SESSION_ARN,
        circumstances: {
          at: Date.parse('2026-11-24T09:24:02Z'),
          cluster: 'atlas-prod',
          finding: type,
          request: { resource: 'pods', namespace: 'payments', name: 'dbg-shell', ...verb },
        },
      },
    ]);
  },
);

it('two clusters or two objects in words state neither', () => {
  const [subject] = [
    subjectsOf(chatText('Impact:Kubernetes/X', 'EKS cluster shop-1, pod payments/a and pod payments/b')),
  ].flat();
  expect(subject).toMatchObject({ by: 'session' });
  expect(JSON.stringify(subject)).not.toMatch(/atlas-prod|shop-1|"a"|"b"/);
});
