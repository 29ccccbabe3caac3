import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { assumedRoleScopes } from '../../lib/adapters/cloudtrail/assumed-role.ts';

const ROLE = 'arn:aws:iam::444455556666:role/eks-whois-lookup';
const INSTANT = { waiting: { now: () => 0, wait: async () => undefined }, requestsPerSecond: 1 };
const REQUEST = {
  attribute: 'ResourceName',
  value: 'ASIAEXAMPLE000000001',
  from: new Date(0),
  to: new Date(1),
} as const;

const sts = mockClient(STSClient);
const cloudtrail = mockClient(CloudTrailClient);
afterEach(() => {
  sts.reset();
  cloudtrail.reset();
  vi.unstubAllEnvs();
});

describe('CloudTrail of another account', () => {
  it('is asked in each Region, under the account of the role', async () => {
    vi.stubEnv('AWS_REGION', 'eu-west-1');
    cloudtrail.on(LookupEventsCommand).resolves({ Events: [{ CloudTrailEvent: '{}' }, {}], NextToken: 'next' });
    const scopes = assumedRoleScopes(ROLE, ['eu-west-1', 'us-east-1'], INSTANT);
    expect(scopes.map(({ account, region }) => [account, region])).toEqual([
      ['444455556666', 'eu-west-1'],
      ['444455556666', 'us-east-1'],
    ]);
    expect(await scopes[0]?.send(REQUEST, undefined, undefined)).toEqual({ records: ['{}'], nextToken: 'next' });
    expect(cloudtrail.commandCalls(LookupEventsCommand)[0]?.args[0].input).toMatchObject({ MaxResults: 50 });
  });

  it('is asked with the credentials of the role', async () => {
    vi.stubEnv('AWS_REGION', 'eu-west-1');
    const issued = { AccessKeyId: 'ASIA', SecretAccessKey: 's', SessionToken: 't', Expiration: new Date('2100-01-01') };
    sts.on(AssumeRoleCommand).resolves({ Credentials: issued });
    let credentials: unknown;
    cloudtrail.on(LookupEventsCommand).callsFake(async (_, getClient: () => CloudTrailClient) => {
      credentials = await getClient().config.credentials();
      return { Events: [] };
    });
    await assumedRoleScopes(ROLE, ['eu-west-1'], INSTANT)[0]?.send(REQUEST, undefined, undefined);
    expect(credentials).toMatchObject({ accessKeyId: 'ASIA', sessionToken: 't' });
    expect(sts.commandCalls(AssumeRoleCommand)[0]?.args[0].input).toEqual({
      RoleArn: ROLE,
      RoleSessionName: 'eks-whois',
    });
  });
});
