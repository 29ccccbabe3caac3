import { randomUUID } from 'node:crypto';
import { HOME_ACCOUNT, minutesAgo } from './command.ts';

export const ALICE = {
  type: 'IAMUser',
  principalId: 'AIDAALICE00000000001',
  arn: `arn:aws:iam::${HOME_ACCOUNT}:user/alice`,
  accountId: HOME_ACCOUNT,
  accessKeyId: 'AKIAALICE00000000001',
  userName: 'alice',
};

export const BOB = {
  ...ALICE,
  principalId: 'AIDABOB0000000000001',
  arn: `arn:aws:iam::${HOME_ACCOUNT}:user/bob`,
  accessKeyId: 'AKIABOB0000000000001',
  userName: 'bob',
};

export const EC2 = { type: 'AWSService', invokedBy: 'ec2.amazonaws.com' };

export interface GrantFields {
  readonly caller: object;
  readonly key: string;
  readonly roleId: string;
  readonly role: string;
  readonly name: string;
  readonly ago?: number;
  readonly region?: string;
  readonly account?: string;
  readonly sharedEventID?: string;
  /** Whether `assumedRoleUser` is there; it often is not where a service calls. */
  readonly namesRoleUser?: boolean;
}

/** An AssumeRole record as CloudTrail writes it, an hour ago and for two hours unless said otherwise. */
export function assumeRole(fields: GrantFields): object {
  const { caller, key, roleId, role, name, ago = 60, region = 'eu-west-1', account = HOME_ACCOUNT } = fields;
  const assumedRoleUser = {
    assumedRoleId: `${roleId}:${name}`,
    arn: `arn:aws:sts::${account}:assumed-role/${role}/${name}`,
  };
  return {
    eventVersion: '1.11',
    userIdentity: caller,
    eventTime: minutesAgo(ago),
    eventSource: 'sts.amazonaws.com',
    eventName: 'AssumeRole',
    awsRegion: region,
    requestParameters: {
      roleArn: `arn:aws:iam::${account}:role/${role}`,
      roleSessionName: name,
      durationSeconds: 7200,
    },
    responseElements: {
      credentials: { accessKeyId: key, sessionToken: 'REDACTED' },
      ...(fields.namesRoleUser !== false && { assumedRoleUser }),
    },
    readOnly: true,
    eventID: randomUUID(),
    ...(fields.sharedEventID && { sharedEventID: fields.sharedEventID }),
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: account,
    eventCategory: 'Management',
  };
}

/** The `userIdentity` of a session that a grant issued. */
export function sessionOf({ key, roleId, role, name, ago = 60, account = HOME_ACCOUNT }: GrantFields): object {
  return {
    type: 'AssumedRole',
    principalId: `${roleId}:${name}`,
    arn: `arn:aws:sts::${account}:assumed-role/${role}/${name}`,
    accountId: account,
    accessKeyId: key,
    sessionContext: {
      sessionIssuer: {
        type: 'Role',
        principalId: roleId,
        arn: `arn:aws:iam::${account}:role/${role}`,
        accountId: account,
      },
      attributes: { creationDate: minutesAgo(ago), mfaAuthenticated: 'false' },
    },
  };
}

/** A token check of the cluster: a use of the session's key. */
export function callerIdentity(caller: object, ago = 30, region = 'eu-west-1'): object {
  return {
    eventVersion: '1.11',
    userIdentity: caller,
    eventTime: minutesAgo(ago),
    eventSource: 'sts.amazonaws.com',
    eventName: 'GetCallerIdentity',
    awsRegion: region,
    requestParameters: null,
    responseElements: null,
    readOnly: true,
    eventID: randomUUID(),
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: HOME_ACCOUNT,
    eventCategory: 'Management',
  };
}
