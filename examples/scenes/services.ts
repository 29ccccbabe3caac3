import { userIdentity } from '../callers.ts';
import { ACCOUNTS, IDENTITY_CENTER, REGION, ROLES, type Role, USERS } from '../company.ts';
import { principalId, uuid } from '../random.ts';
import type { Scene } from '../story.ts';
import { assumeRole, CLI, deniedAssumeRole } from '../sts.ts';
import { type TrailRecord, trailRecord } from '../trail.ts';

/** The rest of CloudTrail: records that concern neither cluster. */

interface ServiceRole {
  readonly service: string;
  readonly accountId: string;
  readonly roleName: string;
  readonly sessionName: string;
  readonly at: string;
}

const SERVICE_ROLES: readonly ServiceRole[] = [
  {
    service: 'config.amazonaws.com',
    accountId: ACCOUNTS.identity,
    roleName: 'AWSServiceRoleForConfig',
    sessionName: 'AWSConfig-Describe',
    at: '00:41:07',
  },
  {
    service: 'autoscaling.amazonaws.com',
    accountId: ACCOUNTS.prod,
    roleName: 'AWSServiceRoleForAutoScaling',
    sessionName: 'AutoScaling',
    at: '05:58:40',
  },
  {
    service: 'eks.amazonaws.com',
    accountId: ACCOUNTS.prod,
    roleName: 'AWSServiceRoleForAmazonEKS',
    sessionName: 'aws-eks',
    at: '06:01:12',
  },
  {
    service: 'ecs-tasks.amazonaws.com',
    accountId: ACCOUNTS.staging,
    roleName: 'mailer-task',
    sessionName: uuid('mailer task').replaceAll('-', ''),
    at: '08:02:10',
  },
  {
    service: 'config.amazonaws.com',
    accountId: ACCOUNTS.staging,
    roleName: 'AWSServiceRoleForConfig',
    sessionName: 'AWSConfig-Describe',
    at: '12:41:07',
  },
  {
    service: 'codebuild.amazonaws.com',
    accountId: ACCOUNTS.prod,
    roleName: 'image-builder',
    sessionName: 'AWSCodeBuild-5c1d',
    at: '14:00:30',
  },
  {
    service: 'backup.amazonaws.com',
    accountId: ACCOUNTS.prod,
    roleName: 'AWSServiceRoleForBackup',
    sessionName: 'AWSBackup-AWSServiceRoleForBackup',
    at: '22:00:03',
  },
];

function serviceGrant({ service, accountId, roleName, sessionName, at }: ServiceRole): readonly TrailRecord[] {
  const path = roleName.startsWith('AWSServiceRoleFor') ? `/aws-service-role/${service}/` : '/';
  const role: Role = { accountId, path, name: roleName, id: principalId('AROA', `${accountId}/${roleName}`) };
  const withoutAssumedRoleUser = service !== 'config.amazonaws.com';
  return assumeRole({ caller: { kind: 'service', service }, role, sessionName, at, withoutAssumedRoleUser }).records;
}

/** Returns Emma's sign-in to the AWS console. It is not a grant of STS. */
function consoleSignIn(): TrailRecord {
  const { emma } = IDENTITY_CENTER;
  const session = { role: ROLES.ssoClusterAdmin, name: emma.name, since: '08:45:00', accessKeyId: '' };
  const { accessKeyId: _none, ...identity } = userIdentity({ kind: 'session', session, ip: emma.ip });
  return trailRecord({
    at: '08:47:22',
    eventName: 'ConsoleLogin',
    eventSource: 'signin.amazonaws.com',
    accountId: ACCOUNTS.prod,
    userIdentity: identity,
    source: emma.ip,
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    request: null,
    response: { ConsoleLogin: 'Success' },
    label: 'ConsoleLogin:emma',
  });
}

/** Returns a call to another AWS service. */
function describeInstances(at: string): TrailRecord {
  const { ana } = USERS;
  return trailRecord({
    at,
    eventName: 'DescribeInstances',
    eventSource: 'ec2.amazonaws.com',
    accountId: ACCOUNTS.identity,
    userIdentity: userIdentity({ kind: 'iam-user', user: ana }),
    source: ana.ip,
    userAgent: CLI,
    region: REGION,
    request: { maxResults: 50 },
    response: null,
    label: `DescribeInstances@${at}`,
  });
}

export function services(): Scene {
  const grants = SERVICE_ROLES.flatMap(serviceGrant);
  const denied = deniedAssumeRole(USERS.ben, ROLES.clusterOperator, '18:20:09');
  const trail = [...grants, consoleSignIn(), describeInstances('07:55:12'), describeInstances('18:02:44'), denied];
  return { trail, events: [] };
}
