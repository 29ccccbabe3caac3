import {
  CloudTrailClient,
  type Event,
  LookupEventsCommand,
  type LookupEventsCommandInput,
} from '@aws-sdk/client-cloudtrail';
import { afterEach } from 'vitest';
import { type CloudTrailOptions, type CloudTrailServer, startCloudTrail } from '../../local/cloudtrail/server.ts';

export const NOW = Date.parse('2026-11-25T12:00:00Z');
export const MINUTE = 60_000;
export const DAY = 24 * 60 * MINUTE;
export const KEY = 'AKIAALICE00000000001';

/** Servers that `afterEach` closes. */
export const running: { close(): unknown }[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.close()));
});

export async function start(options: CloudTrailOptions = {}): Promise<CloudTrailServer> {
  const server = await startCloudTrail({ now: () => NOW, requestsPerSecond: Number.POSITIVE_INFINITY, ...options });
  running.push(server);
  return server;
}

interface ClientSettings {
  readonly region?: string;
  readonly accessKeyId?: string;
}

export function clientOf(server: CloudTrailServer, { region = 'eu-west-1', accessKeyId = KEY }: ClientSettings = {}) {
  const client = new CloudTrailClient({
    endpoint: server.url,
    region,
    maxAttempts: 1,
    credentials: { accessKeyId, secretAccessKey: 'secret' },
  });
  running.push({ close: () => client.destroy() });
  return client;
}

export function lookUp(client: CloudTrailClient, input: LookupEventsCommandInput = {}) {
  return client.send(new LookupEventsCommand(input));
}

export function byAttribute(
  AttributeKey: NonNullable<LookupEventsCommandInput['LookupAttributes']>[number]['AttributeKey'],
  AttributeValue: string,
): LookupEventsCommandInput {
  return { LookupAttributes: [{ AttributeKey, AttributeValue }] };
}

export async function idsFound(client: CloudTrailClient, input: LookupEventsCommandInput = {}): Promise<string[]> {
  return idsOf((await lookUp(client, input)).Events);
}

export function idsOf(events: readonly Event[] | undefined): string[] {
  return (events ?? []).map((event) => event.EventId ?? '');
}

export function at(millisecondsAgo: number): string {
  return new Date(NOW - millisecondsAgo).toISOString().replace('.000Z', 'Z');
}

export function callRecord(eventID: string, fields: Readonly<Record<string, unknown>> = {}) {
  return {
    eventVersion: '1.11',
    userIdentity: { type: 'IAMUser', principalId: 'AIDAALICE00000000001', userName: 'alice', accessKeyId: KEY },
    eventTime: at(10 * MINUTE),
    eventSource: 'eks.amazonaws.com',
    eventName: 'DescribeCluster',
    awsRegion: 'eu-west-1',
    readOnly: true,
    eventID,
    recipientAccountId: '111122223333',
    eventCategory: 'Management',
    ...fields,
  };
}

export const ROLE = 'arn:aws:iam::111122223333:role/teams/admin';
export const SESSION_ARN = 'arn:aws:sts::111122223333:assumed-role/admin/alice-laptop';
export const GRANT = callRecord('grant', {
  eventSource: 'sts.amazonaws.com',
  eventName: 'AssumeRole',
  requestParameters: { roleArn: ROLE, roleSessionName: 'alice-laptop' },
  responseElements: {
    credentials: { accessKeyId: 'ASIAISSUED0000000001', expiration: 'Nov 25, 2026, 12:50:00 PM' },
    assumedRoleUser: { assumedRoleId: 'AROAADMIN00000000001:alice-laptop', arn: SESSION_ARN },
  },
  resources: [{ accountId: '111122223333', type: 'AWS::IAM::Role', ARN: ROLE }],
});
export const GRANT_TO_SERVICE = callRecord('grant-to-service', {
  eventSource: 'sts.amazonaws.com',
  eventName: 'AssumeRole',
  userIdentity: { type: 'AWSService', invokedBy: 'lambda.amazonaws.com' },
  requestParameters: { roleArn: 'arn:aws:iam::111122223333:role/forwarder', roleSessionName: 'forwarder-run' },
  responseElements: { credentials: { accessKeyId: 'ASIAISSUED0000000002' } },
});
export const ROLE_CALL = callRecord('role-call', {
  userIdentity: {
    type: 'AssumedRole',
    principalId: 'AROAADMIN00000000001:alice-laptop',
    arn: SESSION_ARN,
    accessKeyId: 'ASIAISSUED0000000001',
  },
});
