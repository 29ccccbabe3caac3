import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Takes the place of kubectl and of a cluster: what EKS and CloudTrail would log of the session that runs it is loaded into the
 * tables. Arguments: the account, the role's id, and the ARN and id of the IAM user who assumed the role.
 */
const [account = '', roleId = '', userArn = '', userId = '', ...command] = process.argv.slice(2);
const NAME = 'eks-whois-rehearsal';
const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_REGION: region = '' } = process.env;
const SESSION = 'somebody.else';
const now = new Date();
const role = `arn:aws:iam::${account}:role/${NAME}`;
const session = `arn:aws:sts::${account}:assumed-role/${NAME}/${SESSION}`;

const event = {
  kind: 'Event',
  apiVersion: 'audit.k8s.io/v1',
  level: 'Metadata',
  auditID: crypto.randomUUID(),
  stage: 'ResponseComplete',
  requestURI: `/api/v1/namespaces/default/configmaps/${NAME}`,
  verb: 'delete',
  user: {
    username: session,
    uid: `aws-iam-authenticator:${account}:${roleId}`,
    groups: ['system:authenticated'],
    extra: {
      accessKeyId: [accessKeyId],
      arn: [session],
      canonicalArn: [role],
      principalId: [roleId],
      sessionName: [SESSION],
    },
  },
  sourceIPs: ['203.0.113.7'],
  userAgent: 'kubectl/v1.33.0',
  objectRef: { resource: 'configmaps', namespace: 'default', name: NAME, apiVersion: 'v1' },
  responseStatus: { metadata: {}, status: 'Success', code: 200 },
  requestReceivedTimestamp: now.toISOString().replace('Z', '000Z'),
  stageTimestamp: now.toISOString().replace('Z', '000Z'),
};
const delivery = {
  messageType: 'DATA_MESSAGE',
  owner: account,
  logGroup: `/aws/eks/${NAME}/cluster`,
  logStream: 'kube-apiserver-audit-0123456789abcdef0123456789abcdef',
  subscriptionFilters: [NAME],
  logEvents: [
    {
      id: '3'.repeat(56),
      timestamp: now.getTime(),
      message: JSON.stringify(event),
      extractedFields: { '@aws.account': account, '@aws.region': region },
    },
  ],
};
const grant = {
  eventVersion: '1.08',
  userIdentity: {
    type: 'IAMUser',
    principalId: userId,
    arn: userArn,
    accountId: account,
    userName: userArn.split('/').at(-1),
  },
  eventTime: new Date(now.getTime() - 1_000).toISOString().replace(/\.\d+/, ''),
  eventSource: 'sts.amazonaws.com',
  eventName: 'AssumeRole',
  awsRegion: region,
  sourceIPAddress: '203.0.113.7',
  userAgent: 'aws-cli/2.31.0',
  requestParameters: { roleArn: role, roleSessionName: SESSION },
  responseElements: {
    credentials: { accessKeyId, expiration: new Date(now.getTime() + 3_600_000).toISOString().replace(/\.\d+/, '') },
    assumedRoleUser: { assumedRoleId: `${roleId}:${SESSION}`, arn: session },
  },
  eventID: crypto.randomUUID(),
  eventType: 'AwsApiCall',
  recipientAccountId: account,
  managementEvent: true,
  readOnly: true,
};

if (command.includes('delete')) {
  const folder = mkdtempSync(join(tmpdir(), 'kubectl-'));
  writeFileSync(join(folder, 'audit.jsonl'), JSON.stringify(delivery));
  writeFileSync(join(folder, 'trail.json'), JSON.stringify({ Records: [grant] }));
  const files = ['--audit', join(folder, 'audit.jsonl'), '--cloudtrail', join(folder, 'trail.json')];
  execFileSync(process.execPath, ['bin/eks-whois', 'backfill', '--table', NAME, ...files], { stdio: 'inherit' });
}
