import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { assumedRoleScopes } from '../../lib/adapters/cloudtrail/assumed-role.ts';
import { Connections } from '../../lib/adapters/cloudtrail/connections.ts';
import { lookupPage } from '../../lib/adapters/cloudtrail/lookup-scope.ts';
import { mockClient } from '../builders/mock-client.ts';

const ROLE = 'arn:aws:iam::444455556666:role/eks-whois-lookup';
const INSTANT = {
  waiting: { now: () => 0, wait: async () => undefined },
  requestsPerSecond: 1,
  connections: new Connections(),
};
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
  it('is queried in each Region, under the account of the role', async () => {
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

  it('is queried with the credentials of the role', async () => {
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

  it('is not waited for after the signal, even while STS does not answer', async () => {
    vi.stubEnv('AWS_REGION', 'eu-west-1');
    sts.on(AssumeRoleCommand).callsFake(() => new Promise(() => undefined));
    cloudtrail
      .on(LookupEventsCommand)
      .callsFake((_, getClient: () => CloudTrailClient) => getClient().config.credentials());
    const [scope] = assumedRoleScopes(ROLE, ['eu-west-1'], INSTANT);
    if (scope === undefined) throw new Error('no scope');
    const over = new AbortController();
    const page = lookupPage(scope, REQUEST, undefined, { waiting: INSTANT.waiting, signal: over.signal });
    setTimeout(() => over.abort(new Error('the time is over')), 20);
    await expect(page).rejects.toThrow('the time is over');
    await expect(
      lookupPage(scope, REQUEST, undefined, { waiting: INSTANT.waiting, signal: over.signal }),
    ).rejects.toThrow('the time is over');
  });

  it('calls STS once, because the look-up is repeated as a whole', async () => {
    vi.stubEnv('AWS_REGION', 'eu-west-1');
    const asking = Promise.withResolvers<STSClient>();
    sts.on(AssumeRoleCommand).callsFake(async (_, getClient: () => STSClient) => {
      asking.resolve(getClient());
      return {};
    });
    cloudtrail
      .on(LookupEventsCommand)
      .callsFake((_, ofTrail: () => CloudTrailClient) => ofTrail().config.credentials());
    const [scope] = assumedRoleScopes(ROLE, ['eu-west-1'], INSTANT);
    await expect(scope?.send(REQUEST, undefined, undefined)).rejects.toThrow('STS issued no credentials');
    expect(await (await asking.promise).config.maxAttempts()).toBe(1);
  });
});
