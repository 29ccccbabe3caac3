import { CloudFormationClient, paginateListStackInstances } from '@aws-sdk/client-cloudformation';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { ROLL_OUT, rollOutDetail, type StackInstance } from '../lib/heartbeats/roll-out.ts';

const { STACK_SET: StackSetName, CALL_AS, HUB_BUS_ARN: EventBusName, HUB_REGION: region } = process.env;
const client = new CloudFormationClient({});
const bus = new EventBridgeClient({ ...(region !== undefined && { region }) });

/**
 * Lists the stacks of the StackSet of an organization's spokes, and reports them to the hub. Its code is part of the organization's template, so it has
 * no code of other packages than the AWS SDK of Lambda's runtime.
 * @throws Error if the hub's bus does not accept the report.
 */
export async function handler(): Promise<void> {
  const CallAs = CALL_AS === 'DELEGATED_ADMIN' ? 'DELEGATED_ADMIN' : 'SELF';
  const instances: StackInstance[] = [];
  for await (const { Summaries = [] } of paginateListStackInstances({ client }, { StackSetName, CallAs }))
    instances.push(...Summaries);
  const Detail = JSON.stringify(rollOutDetail(instances));
  const entry = { EventBusName, Source: ROLL_OUT.source, DetailType: ROLL_OUT.detailType, Detail };
  const { FailedEntryCount, Entries } = await bus.send(new PutEventsCommand({ Entries: [entry] }));
  if (FailedEntryCount !== 0) throw new Error(`The hub's bus refused the report: ${Entries?.[0]?.ErrorCode}`);
}
