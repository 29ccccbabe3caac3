import { CloudFormationClient, ListStackInstancesCommand } from '@aws-sdk/client-cloudformation';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  ListAccountsForParentCommand,
  ListOrganizationalUnitsForParentCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { mockClient } from '../builders/mock-client.ts';
import { enterLambda, leaveLambda } from './within-lambda.ts';

const stackSets = mockClient(CloudFormationClient);
const bus = mockClient(EventBridgeClient);
const organizations = mockClient(OrganizationsClient);
const HUB = '111122223333';
const EXCEPT = '333344445555';
const BUS = 'arn:aws:events:eu-west-1:111122223333:event-bus/eks-whois-prod-spokes';

let handler: () => Promise<void>;
beforeAll(async () => {
  enterLambda({
    ...{ STACK_SET: 'spokes', CALL_AS: 'DELEGATED_ADMIN', HUB_BUS_ARN: BUS, HUB_REGION: 'eu-west-1' },
    ...{ HUB_ACCOUNT: HUB, UNITS: 'ou-ab12-work,ou-ab12-test', REGIONS: 'eu-west-1,us-east-1' },
    EXCEPT_ACCOUNTS: `${EXCEPT},222233334444`,
  });
  ({ handler } = await import('../../functions/roll-out.ts'));
});
afterAll(leaveLambda);
beforeEach(() => {
  bus.reset().on(PutEventsCommand).resolves({ FailedEntryCount: 0 });
  stackSets.reset();
  organizations.reset();
  organizations.on(ListAccountsForParentCommand).resolves({ Accounts: [] });
  organizations.on(ListOrganizationalUnitsForParentCommand).resolves({ OrganizationalUnits: [] });
});

const MANAGEMENT = '000011112222';
const account = (Id: string, State: 'ACTIVE' | 'SUSPENDED' | 'CLOSED' = 'ACTIVE') => ({
  ...{ Id, State, Arn: `arn:aws:organizations::${MANAGEMENT}:account/o-exampleorgid/${Id}` },
});

function reported() {
  const [entry] = bus.commandCalls(PutEventsCommand)[0]?.args[0].input.Entries ?? [];
  return JSON.parse(entry?.Detail ?? '');
}

const stack = (
  Account: string,
  Status: 'CURRENT' | 'OUTDATED',
  DetailedStatus: 'SUCCEEDED' | 'PENDING' | 'FAILED',
) => ({
  ...{ Account, Region: 'eu-west-1', Status, StackInstanceStatus: { DetailedStatus } },
  ...(DetailedStatus === 'FAILED' && { StatusReason: 'denied' }),
});

describe('the function that reports a roll-out', () => {
  it('tells the hub which accounts have a spoke and where one failed, from all pages of the list', async () => {
    stackSets
      .on(ListStackInstancesCommand, { StackSetName: 'spokes', CallAs: 'DELEGATED_ADMIN' })
      .resolvesOnce({ Summaries: [stack('444455556666', 'CURRENT', 'SUCCEEDED')], NextToken: 'more' })
      .resolvesOnce({
        Summaries: [
          stack('777788889999', 'OUTDATED', 'FAILED'),
          stack('888899990000', 'OUTDATED', 'PENDING'),
          {
            ...{ Account: '999900001111', Region: 'eu-west-1', Status: 'OUTDATED' },
            StackInstanceStatus: { DetailedStatus: 'SKIPPED_SUSPENDED_ACCOUNT' },
          },
        ],
      });
    await handler();
    const [sent] = bus.commandCalls(PutEventsCommand);
    const [entry] = sent?.args[0].input.Entries ?? [];
    expect(entry).toMatchObject({ EventBusName: BUS, Source: 'eks-whois.spoke', DetailType: 'Roll-out report' });
    expect(JSON.parse(entry?.Detail ?? '')).toEqual({
      deployed: { 'eu-west-1': ['444455556666'] },
      failed: [{ account: '777788889999', region: 'eu-west-1', why: 'denied' }],
      missing: {},
    });
  });

  it('tells the hub which accounts of the units StackSets has no stack for, but not those that are never to have one', async () => {
    organizations
      .on(ListAccountsForParentCommand, { ParentId: 'ou-ab12-work' })
      .resolves({ Accounts: [account(MANAGEMENT), account(HUB), account(EXCEPT)] })
      .on(ListOrganizationalUnitsForParentCommand, { ParentId: 'ou-ab12-work' })
      .resolves({ OrganizationalUnits: [{ Id: 'ou-ab12-team' }] })
      .on(ListAccountsForParentCommand, { ParentId: 'ou-ab12-team' })
      .resolvesOnce({ Accounts: [account('444455556666')], NextToken: 'more' })
      .resolvesOnce({ Accounts: [account('777788889999'), account('999900001111', 'SUSPENDED')] })
      .on(ListAccountsForParentCommand, { ParentId: 'ou-ab12-test' })
      .resolves({ Accounts: [account('888899990000', 'CLOSED')] });
    const Summaries = [stack('444455556666', 'CURRENT', 'SUCCEEDED'), stack('777788889999', 'OUTDATED', 'PENDING')];
    stackSets.on(ListStackInstancesCommand).resolves({ Summaries });
    await handler();
    expect(reported()).toEqual({
      deployed: { 'eu-west-1': ['444455556666'] },
      failed: [],
      missing: { 'us-east-1': ['444455556666', '777788889999'] },
    });
  });

  it('reports the stacks also if it may not list the accounts, and then fails with the reason', async () => {
    organizations.on(ListAccountsForParentCommand).rejects(new Error('not authorized'));
    stackSets.on(ListStackInstancesCommand).resolves({ Summaries: [stack('444455556666', 'CURRENT', 'SUCCEEDED')] });
    await expect(handler()).rejects.toThrow(/not which accounts are missing: .*not authorized/);
    expect(reported()).toEqual({ deployed: { 'eu-west-1': ['444455556666'] }, failed: [] });
  });

  it('reports at most as many spokes and failures as fit into an event, and how many it left out', async () => {
    const Accounts = Array.from({ length: 1_200 }, (_, at) => account(String(200_000_000_000 + at)));
    organizations.on(ListAccountsForParentCommand, { ParentId: 'ou-ab12-test' }).resolves({ Accounts });
    const Summaries = Array.from({ length: 17_000 }, (_, at) =>
      stack(String(100_000_000_000 + at), 'CURRENT', 'SUCCEEDED'),
    );
    stackSets
      .on(ListStackInstancesCommand)
      .resolves({ Summaries: [...Summaries, stack('777788889999', 'OUTDATED', 'FAILED')] });
    await handler();
    const [entry] = bus.commandCalls(PutEventsCommand)[0]?.args[0].input.Entries ?? [];
    const detail = JSON.parse(entry?.Detail ?? '');
    expect(detail.deployed['eu-west-1']).toHaveLength(9_000);
    expect(detail.missing).toEqual({ 'eu-west-1': Accounts.slice(0, 1_000).map(({ Id }) => Id) });
    expect(detail.left).toBe(8_000 + 2 * 1_200 - 1_000);
    expect(detail.failed).toEqual([{ account: '777788889999', region: 'eu-west-1', why: 'denied' }]);
    expect(entry?.Detail?.length).toBeLessThan(200_000);
  });

  it('fails if the hub does not accept the report, and says why', async () => {
    stackSets.on(ListStackInstancesCommand).resolves({ Summaries: [] });
    bus.on(PutEventsCommand).resolves({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'AccessDenied' }] });
    await expect(handler()).rejects.toThrow("The hub's bus refused the report: AccessDenied");
  });
});
