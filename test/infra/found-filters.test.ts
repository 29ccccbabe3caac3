import { CloudFormationClient, DescribeStacksCommand, ListStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { deleteFilters, describeLeftFilters, findFilter } from '../../infra/found-filters.ts';
import type { LogFilter } from '../../lib/ports/cluster-logs.ts';
import { mockClient } from '../builders/mock-client.ts';
import { type EksServer, type StandInCluster, startEks } from '../stand-ins/aws/eks.ts';
import { type LogsServer, startLogs } from '../stand-ins/aws/logs.ts';

const PLAN = { region: 'eu-west-1', stackName: 'eks-whois-prod', prefix: 'eks-whois-prod' };
const OWN: LogFilter = {
  name: 'eks-whois-prod-audit',
  pattern: '{ $.verb = "x" }',
  destination: 'arn:aws:lambda:eu-west-1:111122223333:function:eks-whois-prod-ingest',
  systemFields: [],
};
const OTHER = { ...OWN, name: 'siem', destination: 'arn:aws:firehose:eu-west-1:1:deliverystream/siem' };
/** A filter of the same name that belongs to another deployment. */
const FOREIGN = { ...OWN, destination: 'arn:aws:lambda:eu-west-1:111122223333:function:other' };

const cloudformation = mockClient(CloudFormationClient);
const clusters: StandInCluster[] = [];
let eks: EksServer;
let logs: LogsServer;

beforeAll(async () => {
  eks = await startEks({ clusters });
  logs = await startLogs();
  vi.stubEnv('AWS_ENDPOINT_URL_EKS', eks.url);
  vi.stubEnv('AWS_ENDPOINT_URL_CLOUDWATCH_LOGS', logs.url);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAALICE00000000001');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
});
beforeEach(() => {
  cloudformation.reset();
  clusters.length = 0;
  logs.groups.filters.clear();
  logs.denied.clear();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await eks?.close();
  await logs?.close();
});

function has(name: string, filters: readonly LogFilter[]): void {
  clusters.push({ name, region: 'eu-west-1' });
  logs.groups.setFilters(`/aws/eks/${name}/cluster`, filters);
}

const filtersOf = (name: string) => logs.groups.filtersOf(`/aws/eks/${name}/cluster`);

/** Makes CloudFormation answer with a stack of these functions. */
function deployedWith(...functions: readonly string[]): void {
  const StackId = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/eks-whois-prod/0c0ffee0';
  cloudformation.on(DescribeStacksCommand).resolves({
    Stacks: [{ StackId, StackName: 'eks-whois-prod', CreationTime: new Date(0), StackStatus: 'CREATE_COMPLETE' }],
  });
  cloudformation.on(ListStackResourcesCommand).resolves({
    StackResourceSummaries: functions.map((LogicalResourceId) => ({
      LogicalResourceId,
      ResourceType: 'AWS::Lambda::Function',
      LastUpdatedTimestamp: new Date(0),
      ResourceStatus: 'CREATE_COMPLETE' as const,
    })),
  });
}

describe('the subscription filters of clusters that a stack found itself', () => {
  it('are removed with the stack, and no others', async () => {
    deployedWith('IngestLambdaFunction', 'SubscribeLambdaFunction');
    has('prod-1', [OTHER, OWN]);
    has('prod-2', [FOREIGN]);
    has('staging', [OWN]);
    const finding = await findFilter(PLAN);
    expect(finding).toEqual({ name: OWN.name, destination: OWN.destination });
    expect(await deleteFilters(PLAN.region, finding)).toMatchObject([
      { cluster: 'prod-1', standing: 'unsubscribed' },
      { cluster: 'prod-2', standing: 'kept' },
      { cluster: 'staging', standing: 'unsubscribed' },
    ]);
    expect([filtersOf('prod-1'), filtersOf('prod-2'), filtersOf('staging')]).toEqual([[OTHER], [FOREIGN], []]);
  });

  it('are not searched for if the stack finds no clusters itself, or does not exist', async () => {
    deployedWith('IngestLambdaFunction');
    expect(await findFilter(PLAN)).toBeUndefined();
    cloudformation.reset();
    const gone = Object.assign(new Error('Stack with id eks-whois-prod does not exist'), { name: 'ValidationError' });
    cloudformation.on(DescribeStacksCommand).rejects(gone);
    expect(await findFilter(PLAN)).toBeUndefined();
    expect(await deleteFilters(PLAN.region, undefined)).toEqual([]);
  });

  it('keep the stack if EKS does not list the clusters: without the stack nobody knows the clusters any more', async () => {
    deployedWith('IngestLambdaFunction', 'SubscribeLambdaFunction');
    eks.addFault({ operation: 'ListClusters', region: 'eu-central-1', kind: 'denied' });
    await expect(findFilter({ ...PLAN, region: 'eu-central-1' })).rejects.toThrow('eks:ListClusters');
  });

  it('are listed, each with the command to remove it, if AWS does not remove them', async () => {
    has('prod-1', [OWN]);
    logs.denied.add('DeleteSubscriptionFilter');
    const outcomes = await deleteFilters(PLAN.region, { name: OWN.name, destination: OWN.destination });
    expect(describeLeftFilters(outcomes, PLAN.region, OWN.name)).toEqual([
      expect.stringContaining('AWS denied logs:DeleteSubscriptionFilter'),
      '  aws logs delete-subscription-filter --region eu-west-1 --log-group-name /aws/eks/prod-1/cluster --filter-name eks-whois-prod-audit',
    ]);
  });
});
