import { CloudFormationClient, ListStackInstancesCommand } from '@aws-sdk/client-cloudformation';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mockClient } from '../builders/mock-client.ts';
import { enterLambda, leaveLambda } from './within-lambda.ts';

const stackSets = mockClient(CloudFormationClient);
const bus = mockClient(EventBridgeClient);
const BUS = 'arn:aws:events:eu-west-1:111122223333:event-bus/eks-whois-prod-spokes';

let handler: () => Promise<void>;
beforeAll(async () => {
  enterLambda({ STACK_SET: 'spokes', CALL_AS: 'DELEGATED_ADMIN', HUB_BUS_ARN: BUS, HUB_REGION: 'eu-west-1' });
  ({ handler } = await import('../../functions/roll-out.ts'));
});
afterAll(leaveLambda);

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
    bus.on(PutEventsCommand).resolves({ FailedEntryCount: 0 });
    await handler();
    const [sent] = bus.commandCalls(PutEventsCommand);
    const [entry] = sent?.args[0].input.Entries ?? [];
    expect(entry).toMatchObject({ EventBusName: BUS, Source: 'eks-whois.spoke', DetailType: 'Roll-out report' });
    expect(JSON.parse(entry?.Detail ?? '')).toEqual({
      deployed: { 'eu-west-1': ['444455556666'] },
      failed: [{ account: '777788889999', region: 'eu-west-1', why: 'denied' }],
    });
  });

  it('reports at most as many spokes and failures as fit into an event, and each failure before any cut', async () => {
    const reset = () => bus.reset().on(PutEventsCommand).resolves({ FailedEntryCount: 0 });
    reset();
    const Summaries = Array.from({ length: 17_000 }, (_, at) =>
      stack(String(100_000_000_000 + at), 'CURRENT', 'SUCCEEDED'),
    );
    stackSets
      .on(ListStackInstancesCommand)
      .resolves({ Summaries: [...Summaries, stack('777788889999', 'OUTDATED', 'FAILED')] });
    await handler();
    const [entry] = bus.commandCalls(PutEventsCommand)[0]?.args[0].input.Entries ?? [];
    const detail = JSON.parse(entry?.Detail ?? '');
    expect(detail.deployed['eu-west-1']).toHaveLength(10_000);
    expect(detail.failed).toEqual([{ account: '777788889999', region: 'eu-west-1', why: 'denied' }]);
    expect(entry?.Detail?.length).toBeLessThan(200_000);
  });

  it('fails if the hub does not accept the report, and says why', async () => {
    stackSets.on(ListStackInstancesCommand).resolves({ Summaries: [] });
    bus.on(PutEventsCommand).resolves({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'AccessDenied' }] });
    await expect(handler()).rejects.toThrow("The hub's bus refused the report: AccessDenied");
  });
});
