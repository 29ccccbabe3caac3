import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { leftFilters, readFilter, tablesLeft } from '../../infra/left-filters.ts';
import type { LogFilter } from '../../lib/ports/cluster-logs.ts';
import { mockClient } from '../builders/mock-client.ts';
import { type LogsServer, startLogs } from '../stand-ins/aws/logs.ts';

const PLAN = { region: 'eu-west-1', stackName: 'eks-whois-prod' };
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
let logs: LogsServer;

beforeAll(async () => {
  logs = await startLogs();
  vi.stubEnv('AWS_ENDPOINT_URL_CLOUDWATCH_LOGS', logs.url);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAALICE00000000001');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
});
beforeEach(() => {
  cloudformation.reset();
  logs.groups.filters.clear();
  logs.denied.clear();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await logs?.close();
});

const groupOf = (name: string) => `/aws/eks/${name}/cluster`;
const filtersOf = (name: string) => logs.groups.filtersOf(groupOf(name));

describe('the subscription filters that the clean-up of a removed stack left', () => {
  it('are removed after the stack, and no others', async () => {
    const StackId = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/eks-whois-prod/0c0ffee0';
    cloudformation.on(DescribeStacksCommand).resolves({
      Stacks: [{ StackId, StackName: 'eks-whois-prod', CreationTime: new Date(0), StackStatus: 'CREATE_COMPLETE' }],
    });
    logs.groups.setFilters(groupOf('prod-1'), [OTHER, OWN]);
    logs.groups.setFilters(groupOf('prod-2'), [FOREIGN]);
    logs.groups.setFilters(groupOf('deleted'), [OWN]);
    const filter = await readFilter(PLAN);
    expect(filter).toEqual({ name: OWN.name, destination: OWN.destination });
    expect(await leftFilters(PLAN.region, filter)).toEqual([]);
    expect([filtersOf('prod-1'), filtersOf('prod-2'), filtersOf('deleted')]).toEqual([[OTHER], [FOREIGN], []]);
  });

  it('are not searched for if the stack does not exist', async () => {
    const gone = Object.assign(new Error('Stack with id eks-whois-prod does not exist'), { name: 'ValidationError' });
    cloudformation.on(DescribeStacksCommand).rejects(gone);
    const before = logs.requests.length;
    expect(await readFilter(PLAN)).toBeUndefined();
    expect(await leftFilters(PLAN.region, undefined)).toEqual([]);
    expect(logs.requests).toHaveLength(before);
  });

  it('are listed, each with the command that deletes it, if AWS does not delete them either', async () => {
    logs.groups.setFilters(groupOf('prod-1'), [OWN]);
    logs.denied.add('DeleteSubscriptionFilter');
    expect(await leftFilters(PLAN.region, OWN)).toEqual([
      expect.stringMatching(
        /AWS denied logs:DeleteSubscriptionFilter.* aws logs delete-subscription-filter --region eu-west-1 --log-group-name \/aws\/eks\/prod-1\/cluster --filter-name eks-whois-prod-audit$/,
      ),
    ]);
  });
});

describe('the tables that a removed stack left', () => {
  it('are named with the commands that delete them, and what is kept even then', () => {
    expect(tablesLeft('eu-west-1', ['eks-whois-prod-records'])).toBe(
      [
        'The tables stay: eks-whois-prod-records. To use them in a later deployment, add --param tables=existing.',
        'To delete them with all their records, run:',
        '  aws dynamodb update-table --region eu-west-1 --table-name eks-whois-prod-records --no-deletion-protection-enabled',
        '  aws dynamodb delete-table --region eu-west-1 --table-name eks-whois-prod-records',
        'DynamoDB then keeps a backup of each deleted table for 35 days, free of charge: eks-whois-prod-records$DeletedTableBackup. To keep no records there either, first run:',
        '  aws dynamodb update-continuous-backups --region eu-west-1 --table-name eks-whois-prod-records --point-in-time-recovery-specification PointInTimeRecoveryEnabled=false',
        "The clusters' audit logs stay on.",
      ].join('\n'),
    );
    expect(tablesLeft('eu-west-1', [])).toBe('The stack had no tables of its own.');
  });
});
