import {
  CloudFormationClient,
  DescribeStacksCommand,
  GetTemplateCommand,
  ListStackResourcesCommand,
} from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient, DescribeSubscriptionFiltersCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeTableCommand, DescribeTimeToLiveCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { beforeEach, describe, expect, it } from 'vitest';
import { readAccount } from '../../infra/account.ts';
import type { Plan } from '../../infra/plan.ts';
import { mockClient } from '../builders/mock-client.ts';

const PLAN: Plan = {
  region: 'eu-west-1',
  stackName: 'eks-whois-prod',
  subscriptions: [
    { logGroup: '/aws/eks/prod-1/cluster', filterName: 'eks-whois-prod-audit' },
    { logGroup: '/aws/eks/gone/cluster', filterName: 'eks-whois-prod-audit' },
  ],
  parameters: {},
  parts: [],
  tables: [{ name: 'eks-whois-prod-records', shape: { key: '', indexes: {} }, ttl: 'expires' }],
  expectedTables: [],
  reservedConcurrency: 0,
};

const DESCRIBED = {
  KeySchema: [
    { AttributeName: 'id', KeyType: 'RANGE' as const },
    { AttributeName: 'partition', KeyType: 'HASH' as const },
  ],
  AttributeDefinitions: ['partition', 'id', 'actorKey'].map((AttributeName) => ({
    AttributeName,
    AttributeType: 'S' as const,
  })),
  GlobalSecondaryIndexes: [
    { IndexName: 'by-actor', KeySchema: [{ AttributeName: 'actorKey', KeyType: 'HASH' as const }] },
  ],
};
const SHAPE = { key: 'partition (S), id (S)', indexes: { 'by-actor': 'actorKey (S)' } };

const cloudformation = mockClient(CloudFormationClient);
const logs = mockClient(CloudWatchLogsClient);
const dynamodb = mockClient(DynamoDBClient);
const lambda = mockClient(LambdaClient);

const fault = (name: string) => Object.assign(new Error(name), { name });

beforeEach(() => {
  for (const mock of [cloudformation, logs, dynamodb, lambda]) mock.reset();
  lambda.on(GetAccountSettingsCommand).resolves({ AccountLimit: { UnreservedConcurrentExecutions: 990 } });
  dynamodb
    .on(DescribeTimeToLiveCommand)
    .resolves({ TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED', AttributeName: 'expires' } });
  logs.on(DescribeSubscriptionFiltersCommand).rejects(fault('ResourceNotFoundException'));
  logs
    .on(DescribeSubscriptionFiltersCommand, { logGroupName: '/aws/eks/prod-1/cluster' })
    .resolves({ subscriptionFilters: [{ filterName: 'siem' }] });
});

describe('the current state of an account', () => {
  it('has nothing of eks-whois before the first deployment', async () => {
    cloudformation.on(DescribeStacksCommand).rejects(fault('ValidationError'));
    cloudformation.on(ListStackResourcesCommand).rejects(fault('ValidationError'));
    cloudformation.on(GetTemplateCommand).rejects(fault('ValidationError'));
    dynamodb.on(DescribeTableCommand).rejects(fault('ResourceNotFoundException'));
    expect(await readAccount(PLAN)).toEqual({
      stackStatus: undefined,
      stackTables: [],
      stackLogGroups: [],
      stackParts: [],
      stackParameters: undefined,
      logGroups: new Map([['/aws/eks/prod-1/cluster', ['siem']]]),
      tables: new Map(),
      unreservedConcurrency: 990,
      denied: [],
    });
  });

  it('has the stack, its tables and its subscriptions afterwards', async () => {
    const filter = { Type: 'AWS::Logs::SubscriptionFilter', Properties: { LogGroupName: '/aws/eks/prod-1/cluster' } };
    const TemplateBody = JSON.stringify({
      Metadata: { Parameters: { recordDays: 365 } },
      Resources: {
        AuditSubscription: filter,
        Alarms: { Type: 'AWS::SNS::Topic' },
        HttpApi: { Type: 'AWS::ApiGatewayV2::Api' },
      },
    });
    cloudformation.on(GetTemplateCommand).resolves({ TemplateBody });
    const table = { ResourceType: 'AWS::DynamoDB::Table', PhysicalResourceId: 'eks-whois-prod-records' };
    cloudformation.on(DescribeStacksCommand).resolves({ Stacks: [{ StackStatus: 'CREATE_COMPLETE' } as never] });
    cloudformation
      .on(ListStackResourcesCommand)
      .resolves({ StackResourceSummaries: [table as never, { ResourceType: 'AWS::SQS::Queue' } as never] });
    dynamodb.on(DescribeTableCommand).resolves({ Table: DESCRIBED });
    expect(await readAccount(PLAN)).toMatchObject({
      stackStatus: 'CREATE_COMPLETE',
      stackTables: ['eks-whois-prod-records'],
      stackLogGroups: ['/aws/eks/prod-1/cluster'],
      stackParts: ['the API'],
      stackParameters: { recordDays: 365 },
      tables: new Map([['eks-whois-prod-records', { shape: SHAPE, ttl: 'expires' }]]),
    });
  });

  it('shows a table without a key as such', async () => {
    cloudformation.on(DescribeStacksCommand).resolves({ Stacks: [] });
    cloudformation.on(ListStackResourcesCommand).resolves({ StackResourceSummaries: [] });
    cloudformation.on(GetTemplateCommand).resolves({ TemplateBody: '{}' });
    dynamodb.on(DescribeTableCommand).resolves({ Table: {} });
    const { tables } = await readAccount(PLAN);
    expect(tables).toEqual(new Map([['eks-whois-prod-records', { shape: { key: '', indexes: {} }, ttl: 'expires' }]]));
  });

  it.each([
    ['DISABLED', undefined, ''],
    ['ENABLING', 'expires', 'expires'],
    ['ENABLED', 'gone', 'gone'],
  ] as const)('is a table whose items expire or do not: %s', async (TimeToLiveStatus, AttributeName, ttl) => {
    cloudformation.on(DescribeStacksCommand).resolves({ Stacks: [] });
    cloudformation.on(ListStackResourcesCommand).resolves({ StackResourceSummaries: [] });
    cloudformation.on(GetTemplateCommand).resolves({ TemplateBody: '{}' });
    dynamodb.on(DescribeTableCommand).resolves({ Table: {} });
    dynamodb.on(DescribeTimeToLiveCommand).resolves({ TimeToLiveDescription: { TimeToLiveStatus, AttributeName } });
    expect((await readAccount(PLAN)).tables.get('eks-whois-prod-records')).toMatchObject({ ttl });
  });

  it('is read without what the account denies, if only a warning needs it', async () => {
    cloudformation.on(DescribeStacksCommand).resolves({ Stacks: [] });
    cloudformation.on(ListStackResourcesCommand).resolves({ StackResourceSummaries: [] });
    cloudformation.on(GetTemplateCommand).resolves({ TemplateBody: '{}' });
    dynamodb.on(DescribeTableCommand).resolves({ Table: {} });
    dynamodb.on(DescribeTimeToLiveCommand).rejects(fault('AccessDeniedException'));
    lambda.on(GetAccountSettingsCommand).rejects(fault('AccessDeniedException'));
    const { denied, tables, unreservedConcurrency } = await readAccount(PLAN);
    expect(denied.toSorted()).toEqual(['dynamodb:DescribeTimeToLive', 'lambda:GetAccountSettings']);
    expect(tables.get('eks-whois-prod-records')).toMatchObject({ ttl: undefined });
    expect(unreservedConcurrency).toBeUndefined();
  });

  it('is not guessed if the account denies it', async () => {
    cloudformation.on(DescribeStacksCommand).rejects(fault('AccessDenied'));
    cloudformation.on(ListStackResourcesCommand).rejects(fault('AccessDenied'));
    cloudformation.on(GetTemplateCommand).rejects(fault('AccessDenied'));
    dynamodb.on(DescribeTableCommand).rejects(fault('ResourceNotFoundException'));
    await expect(readAccount(PLAN)).rejects.toThrow('AccessDenied');
  });
});
