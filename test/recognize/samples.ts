import type { JsonObject } from '../../lib/json.ts';
import { auditEvent, roleUser } from '../builders/audit-event.ts';
import { ACCOUNT, KEY, ROLE_ID, ROLE_NAME, utc } from '../builders/company.ts';
import { iamUser, roleSession } from '../builders/trail-callers.ts';
import { callBy, federationGrant, grant } from '../builders/trail-records.ts';

export const UID = `aws-iam-authenticator:${ACCOUNT}:${ROLE_ID}`;
export const PRINCIPAL = `${ROLE_ID}:alice-session`;
export const SESSION_ARN = `arn:aws:sts::${ACCOUNT}:assumed-role/${ROLE_NAME}/alice-session`;
export const UUID = '7a0e1c5e-0000-4000-8000-000000000001';

/** A GuardDuty finding of the audit log, in the lower camel case of EventBridge. */
export function kubernetesFinding(user: JsonObject = {}): JsonObject {
  return {
    schemaVersion: '2.0',
    accountId: ACCOUNT,
    region: 'eu-west-1',
    id: '00000000000000000000000000EXAMPLE',
    type: 'Execution:Kubernetes/ExecInKubeSystemPod',
    resource: {
      resourceType: 'EKSCluster',
      eksClusterDetails: { name: 'prod', arn: `arn:aws:eks:eu-west-1:${ACCOUNT}:cluster/prod` },
      kubernetesDetails: {
        kubernetesUserDetails: {
          username: 'project-admin',
          uid: UID,
          groups: ['system:authenticated'],
          sessionName: ['alice-session'],
          ...user,
        },
      },
    },
    service: {
      serviceName: 'guardduty',
      eventFirstSeen: utc('12:00:00'),
      eventLastSeen: utc('12:10:00'),
      action: {
        actionType: 'KUBERNETES_API_CALL',
        kubernetesApiCallAction: {
          requestUri: '/api/v1/namespaces/kube-system/pods/dns-0/exec',
          verb: 'create',
          sourceIPs: ['203.0.113.7'],
          userAgent: 'kubectl/v1.33.0 (linux/amd64)',
          statusCode: 101,
          resource: 'pods',
          subresource: 'exec',
          namespace: 'kube-system',
          resourceName: 'dns-0',
        },
      },
    },
  };
}

/** A GuardDuty finding of CloudTrail: whose credentials signed. */
export function keyFinding(details: JsonObject): JsonObject {
  const action = {
    actionType: 'AWS_API_CALL',
    awsApiCallAction: {
      api: 'ListClusters',
      serviceName: 'eks.amazonaws.com',
      remoteIpDetails: { ipAddressV4: '203.0.113.7' },
    },
  };
  return {
    schemaVersion: '2.0',
    type: 'Discovery:IAMUser/AnomalousBehavior',
    resource: { resourceType: 'AccessKey', accessKeyDetails: details },
    service: { serviceName: 'guardduty', eventLastSeen: utc('12:10:00'), action },
  };
}

/** The same value with upper camel case, as the API's answers in the CLI have it. */
export function upperCamel(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(upperCamel);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, entry]) => {
    const name = key === 'sourceIPs' ? 'SourceIps' : key.charAt(0).toUpperCase() + key.slice(1);
    return [name, upperCamel(entry)];
  });
  return Object.fromEntries(entries);
}

/** Security Hub's format of a finding, with what GuardDuty says flattened into its product fields. */
export function asffFinding(fields: JsonObject = {}): JsonObject {
  return {
    SchemaVersion: '2018-10-08',
    ProductArn: 'arn:aws:securityhub:eu-west-1::product/aws/guardduty',
    AwsAccountId: ACCOUNT,
    Types: ['TTPs/Discovery/Discovery:IAMUser-AnomalousBehavior'],
    FirstObservedAt: utc('12:00:00'),
    LastObservedAt: utc('12:10:00'),
    ProductFields: {
      'aws/guardduty/service/action/actionType': 'AWS_API_CALL',
      'aws/guardduty/service/action/awsApiCallAction/api': 'ListClusters',
      'aws/guardduty/service/action/awsApiCallAction/remoteIpDetails/ipAddressV4': '203.0.113.7',
      'aws/guardduty/service/eventLastSeen': utc('12:10:00'),
    },
    Resources: [
      {
        Type: 'AwsIamAccessKey',
        Id: `AWS::IAM::AccessKey:${KEY}`,
        Details: {
          AwsIamAccessKey: { PrincipalId: PRINCIPAL, PrincipalName: ROLE_NAME, PrincipalType: 'AssumedRole' },
        },
      },
      { Type: 'AwsEksCluster', Id: `arn:aws:eks:eu-west-1:${ACCOUNT}:cluster/prod` },
    ],
    ...fields,
  };
}

/** Security Hub's finding in OCSF, as its mapping writes it. */
export function ocsfFinding(): JsonObject {
  return {
    class_uid: 2004,
    class_name: 'Detection Finding',
    time: Date.parse(utc('12:11:00')),
    finding_info: {
      types: ['TTPs/Discovery/Discovery:IAMUser-AnomalousBehavior'],
      last_seen_time_dt: utc('12:10:00'),
    },
    evidences: [{ api: { operation: 'ListClusters' }, src_endpoint: { ip: '203.0.113.7' } }],
    metadata: { product: { name: 'GuardDuty', vendor_name: 'Amazon' } },
    resources: [
      {
        type: 'AwsIamAccessKey',
        uid: `AWS::IAM::AccessKey:${KEY}`,
        data: JSON.stringify({ AwsIamAccessKey: { PrincipalId: PRINCIPAL, PrincipalType: 'AssumedRole' } }),
      },
    ],
  };
}

/** Security Lake's event of the audit log. */
export function ocsfActivity(): JsonObject {
  return {
    class_uid: 6003,
    class_name: 'API Activity',
    time: Date.parse(utc('12:10:00')),
    actor: {
      session: { credential_uid: KEY, issuer: `arn:aws:iam::${ACCOUNT}:role/${ROLE_NAME}`, uid: 'alice-session' },
      user: { name: 'project-admin', uid: UID, groups: [{ name: 'system:authenticated' }] },
    },
    api: { operation: 'delete', request: { uid: UUID }, response: { code: 200 }, version: 'v1' },
    http_request: { url: { path: '/api/v1/namespaces/shop/pods/web-0' }, user_agent: 'kubectl/v1.33.0' },
    metadata: { product: { name: 'Amazon EKS', vendor_name: 'AWS' } },
    resources: [{ name: 'web-0', namespace: 'shop', type: 'pods' }],
    src_endpoint: { ip: '203.0.113.7' },
    unmapped: { eks_cluster_name: 'prod' },
  };
}

/** A whole text of each kind that is recognized. */
/** A row of a Logs Insights answer. Quotes and full stops after it could belong to its last value. */
export const CHOSEN_COLUMNS = `@timestamp,user.username,user.uid,user.extra.accessKeyId.0,auditID
2026-03-10 12:10:00.000,project-admin,${UID},${KEY},${UUID}`;

export const TEXTS: Readonly<Record<string, string>> = {
  'an audit event': JSON.stringify(auditEvent()),
  'an audit event over several lines': JSON.stringify(auditEvent(), null, 2),
  'an EventList': JSON.stringify({ kind: 'EventList', apiVersion: 'audit.k8s.io/v1', items: [auditEvent()] }),
  'a grant': JSON.stringify(grant()),
  'a federation grant': JSON.stringify(federationGrant('bob')),
  "a session's call": JSON.stringify(callBy(roleSession({ roleId: ROLE_ID, session: 'alice-session', key: KEY }))),
  "an IAM user's call": JSON.stringify(callBy(iamUser('alice'))),
  'a LookupEvents answer': JSON.stringify({ Events: [{ CloudTrailEvent: JSON.stringify(grant()) }] }),
  'a GuardDuty finding': JSON.stringify(kubernetesFinding()),
  'a Security Hub finding': JSON.stringify(asffFinding()),
  'an OCSF finding': JSON.stringify(ocsfFinding()),
  'an OCSF event': JSON.stringify(ocsfActivity()),
  "an event's user": JSON.stringify(roleUser()),
  'an access key ID': KEY,
  'an access key ID in lower case': KEY.toLowerCase(),
  "a role's id": ROLE_ID,
  'a principal': PRINCIPAL,
  'a federated principal': `${ACCOUNT}:bob`,
  'an IAM user ID': 'AIDAALICE00000000001',
  'a uid': UID,
  'a uid without prefix': `${ACCOUNT}:${ROLE_ID}`,
  "a session's ARN": SESSION_ARN,
  "a session's ARN in another case": SESSION_ARN.replace('arn:aws:sts', 'ARN:AWS:STS'),
  'a role ARN': `arn:aws:iam::${ACCOUNT}:role/team/${ROLE_NAME}`,
  "a user's ARN": `arn:aws:iam::${ACCOUNT}:user/alice`,
  'a federated user ARN': `arn:aws:sts::${ACCOUNT}:federated-user/bob`,
  'a UUID': UUID,
  'an email': 'alice@example.com',
  'a service account': 'system:serviceaccount:shop:deployer',
  'a username': 'admin:EKSGetTokenAuth',
  'a name': 'alice',
  'a refusal': `Error from server (Forbidden): pods is forbidden: User "${SESSION_ARN}" cannot list resource "pods" in API group "" in the namespace "payments"`,
  'an access granted': `time="2026-03-10T12:00:00Z" level=info msg="access granted" arn="arn:aws:iam::${ACCOUNT}:role/${ROLE_NAME}" client="127.0.0.1:40512" groups="[system:masters]" method=POST path=/authenticate uid="${UID}" username="admin:alice-session"`,
};
