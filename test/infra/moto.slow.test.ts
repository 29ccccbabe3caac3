import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DescribeSubscriptionFiltersCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { CreateClusterCommand, EKSClient } from '@aws-sdk/client-eks';
import { DeletePolicyCommand, IAMClient } from '@aws-sdk/client-iam';
import { GetFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Context } from 'aws-lambda';
import { zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Outcome } from '../../lib/usecases/subscribe/outcome.ts';
import { templatesOf } from '../../release/templates.ts';
import { context } from '../functions/deployed.ts';
import type { ParameterValues } from './evaluate.ts';

/** The address of `.ci/moto-server.py`, which `.ci/other-aws` starts. */
const { EKS_WHOIS_CLOUDFORMATION: URL } = process.env;
const VERSION = '1.2.3';
const settings = {
  endpoint: URL ?? '',
  region: 'eu-west-1',
  credentials: { accessKeyId: 'AKIDLOCAL', secretAccessKey: 'local' },
};
const cloudformation = new CloudFormationClient(settings);
const s3 = new S3Client({ ...settings, forcePathStyle: true });
const templates = new Map<string, string>();

async function bringTemplate(kind: string): Promise<string> {
  const key = `${kind}.yaml`;
  const Body = templates.get(kind) ?? '';
  await s3.send(new PutObjectCommand({ Bucket: 'code', Key: key, Body }));
  return `https://code.s3.eu-west-1.amazonaws.com/${key}`; // moto serves this address itself.
}

async function deploy(
  StackName: string,
  kind: string,
  parameters: ParameterValues,
  isNew: boolean,
): Promise<string | undefined> {
  const given: ParameterValues = { CodeBucket: 'code', ...parameters };
  const Parameters = Object.entries(given).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue }));
  const TemplateURL = await bringTemplate(kind);
  const input = { StackName, TemplateURL, Parameters, Capabilities: ['CAPABILITY_NAMED_IAM' as const] };
  await cloudformation.send(isNew ? new CreateStackCommand(input) : new UpdateStackCommand(input));
  const { Stacks = [] } = await cloudformation.send(new DescribeStacksCommand({ StackName }));
  return Stacks[0]?.StackStatus;
}

async function resourcesOf(StackName: string): Promise<string[]> {
  const { StackResources = [] } = await cloudformation.send(new DescribeStackResourcesCommand({ StackName }));
  return StackResources.map(({ LogicalResourceId = '' }) => LogicalResourceId);
}

async function tables(): Promise<string[]> {
  const { TableNames = [] } = await new DynamoDBClient(settings).send(new ListTablesCommand({}));
  return TableNames.toSorted();
}

const functionOf = (FunctionName: string) => new LambdaClient(settings).send(new GetFunctionCommand({ FunctionName }));

/** Returns the function's variables as texts. CloudFormation turns numbers into texts, but moto does not. */
async function variablesOf(name: string): Promise<Record<string, string>> {
  const { Configuration } = await functionOf(name);
  const entries = Object.entries(Configuration?.Environment?.Variables ?? {});
  return Object.fromEntries(entries.map(([key, value]) => [key, String(value)]));
}

describe.skipIf(URL === undefined)('the plain templates in another CloudFormation', () => {
  beforeAll(async () => {
    await fetch(`${URL}/moto-api/reset`, { method: 'POST' });
    for (const method of ['log', 'info', 'warn'] as const)
      vi.spyOn(console, method).mockImplementation(() => undefined);
    for (const { name, text } of await templatesOf(VERSION)) templates.set(name.replace('.yaml', ''), text);
    const LocationConstraint = 'eu-west-1' as const;
    await s3.send(new CreateBucketCommand({ Bucket: 'code', CreateBucketConfiguration: { LocationConstraint } }));
    const Body = zipSync({ 'functions/any.mjs': new Uint8Array() }); // moto does not run the functions.
    for (const name of ['ingest', 'grants', 'settle', 'api', 'console', 'subscribe', 'hand-over'])
      await s3.send(new PutObjectCommand({ Bucket: 'code', Key: `eks-whois-${VERSION}-${name}.zip`, Body }));
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  it('create a hub with the defaults', async () => {
    expect(await deploy('eks-whois-prod', 'hub', {}, true)).toBe('CREATE_COMPLETE');
    expect(await tables()).toEqual(['eks-whois-prod-claims', 'eks-whois-prod-records', 'eks-whois-prod-sessions']);
    for (const name of ['ingest', 'grants', 'settle', 'api', 'console', 'subscribe'])
      expect((await functionOf(`eks-whois-prod-${name}`)).Configuration).toMatchObject({ Runtime: 'nodejs24.x' });
    expect(await variablesOf('eks-whois-prod-ingest')).toMatchObject({
      RECORDS_TABLE: 'eks-whois-prod-records',
      RECORD_DAYS: '90',
      TRAIL_MODE: 'eventbridge',
      USERNAME_TEMPLATES: '[]',
    });
  });

  it('change a parameter in place', async () => {
    const before = await functionOf('eks-whois-prod-ingest');
    expect(await deploy('eks-whois-prod', 'hub', { RecordDays: '30' }, false)).toBe('UPDATE_COMPLETE');
    const after = await functionOf('eks-whois-prod-ingest');
    expect(after.Configuration?.FunctionArn).toBe(before.Configuration?.FunctionArn);
    expect(await variablesOf('eks-whois-prod-ingest')).toMatchObject({ RECORD_DAYS: '30' });
  });

  it('let the function subscribe a cluster that is created later, with the deployed parameters', async () => {
    const eks = new EKSClient(settings);
    const resourcesVpcConfig = { subnetIds: [], securityGroupIds: [] };
    const roleArn = 'arn:aws:iam::111122223333:role/cluster';
    const logging = { clusterLogging: [{ types: ['audit' as const], enabled: true }] };
    await eks.send(new CreateClusterCommand({ name: 'prod-1', roleArn, resourcesVpcConfig, logging }));
    const logs = new CloudWatchLogsClient(settings);
    const logGroupName = '/aws/eks/prod-1/cluster';
    await logs.send(new CreateLogGroupCommand({ logGroupName }));
    const variables = {
      ...(await variablesOf('eks-whois-prod-subscribe')),
      AWS_ENDPOINT_URL: URL,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'AKIDLOCAL',
      AWS_SECRET_ACCESS_KEY: 'local',
      POWERTOOLS_METRICS_DISABLED: 'true',
      POWERTOOLS_DEV: 'true', // Powertools' own console cannot be silenced.
    };
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    const { handler } = (await import('../../functions/subscribe.ts')) as unknown as {
      handler: (event: unknown, context: Context) => Promise<readonly Outcome[]>;
    };
    expect(await handler({}, context(300))).toMatchObject([{ cluster: 'prod-1', standing: 'subscribed' }]);
    const { subscriptionFilters } = await logs.send(new DescribeSubscriptionFiltersCommand({ logGroupName }));
    const { Configuration: ingest } = await functionOf('eks-whois-prod-ingest');
    expect(subscriptionFilters).toMatchObject([
      { filterName: 'eks-whois-prod-audit', destinationArn: ingest?.FunctionArn },
    ]);
    expect(await handler({ unsubscribe: ['prod-1'] }, context(300))).toMatchObject([{ standing: 'unsubscribed' }]);
    expect(await handler({}, context(300))).toMatchObject([{ standing: 'unsubscribed' }]);
    expect(await handler({ subscribe: ['prod-1'] }, context(300))).toMatchObject([{ standing: 'subscribed' }]);
    expect(await handler({ unsubscribe: ['prod-1'] }, context(300))).toMatchObject([{ standing: 'unsubscribed' }]);
  });

  it('keep the tables when they are removed, and use them again', async () => {
    await cloudformation.send(new DeleteStackCommand({ StackName: 'eks-whois-prod' }));
    expect(await tables()).toHaveLength(3);
    await expect(functionOf('eks-whois-prod-ingest')).rejects.toThrow();
    // moto leaves managed policies behind.
    const PolicyArn = 'arn:aws:iam::111122223333:policy/eks-whois-prod-analysts-eu-west-1';
    await new IAMClient(settings).send(new DeletePolicyCommand({ PolicyArn }));
    expect(await deploy('eks-whois-again', 'hub', { Tables: 'existing' }, true)).toBe('CREATE_COMPLETE');
    expect(await resourcesOf('eks-whois-again')).not.toContain('RecordsTable');
    expect(await variablesOf('eks-whois-prod-ingest')).toMatchObject({ RECORDS_TABLE: 'eks-whois-prod-records' });
  });

  it('create a hub with other parameters', async () => {
    const given = {
      Prefix: 'eks-whois-log',
      Trail: 'log-group',
      TrailLogGroup: 'trail',
      Authorizer: 'jwt',
      JwtIssuer: 'https://login.example.com',
      JwtAudience: 'one,two',
      AlertEmail: 'security@example.com',
      Accounts: '444455556666,777788889999',
      ServiceAccounts: 'all',
      IngestConcurrency: '5',
      HeartbeatHours: '0',
    };
    expect(await deploy('eks-whois-log', 'hub', given, true)).toBe('CREATE_COMPLETE');
    expect(await variablesOf('eks-whois-log-settle')).toMatchObject({
      LOOKUP_ACCOUNTS: '444455556666,777788889999',
      LOOKUP_ROLES: 'arn:aws:iam::{account}:role/eks-whois-lookup',
      TRAIL_MODE: 'log-group',
    });
    const resources = await resourcesOf('eks-whois-log');
    expect(resources).toEqual(expect.arrayContaining(['FailedGrantBatches', 'GrantsRole']));
    expect(resources).not.toContain('StsEvents');
  });

  it('create a spoke, and a hub to which other accounts of the organization hand over', async () => {
    const hub = { Prefix: 'eks-whois-org', Organization: 'o-exampleorg1', Trail: 'lookups-only' };
    expect(await deploy('eks-whois-org', 'hub', hub, true)).toBe('CREATE_COMPLETE');
    expect(await resourcesOf('eks-whois-org')).not.toContain('GrantsLambdaFunction');
    const spoke = { Prefix: 'eks-whois-spoke', HubAccount: '111122223333', HubRegion: 'us-east-1' };
    expect(await deploy('eks-whois-spoke', 'spoke', spoke, true)).toBe('CREATE_COMPLETE');
    const { Configuration } = await functionOf('eks-whois-spoke-ingest');
    expect(Configuration).toMatchObject({ Handler: 'functions/hand-over.handler' });
  });
});
