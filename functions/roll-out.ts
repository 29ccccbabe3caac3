import { CloudFormationClient, paginateListStackInstances } from '@aws-sdk/client-cloudformation';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import { activeAccountsBelow, isManagementAccount } from '../lib/adapters/aws/unit-accounts.ts';
import { ROLL_OUT, rollOutDetail, type SpokeTargets, type StackInstance } from '../lib/heartbeats/roll-out.ts';

const { STACK_SET: StackSetName, CALL_AS, HUB_BUS_ARN: EventBusName, HUB_REGION: region, HUB_ACCOUNT } = process.env;
const { UNITS = '', REGIONS = '', EXCEPT_ACCOUNTS = '' } = process.env;
const client = new CloudFormationClient({});
const bus = new EventBridgeClient({ ...(region !== undefined && { region }) });
// Organizations throttles an account that lists many units at a few requests a second.
const organizations = new OrganizationsClient({ maxAttempts: 10 });

/**
 * Reports the roll-out of an organization's spokes to the hub. The report has the stacks of the StackSet, and the
 * accounts that are to have one. The code is part of the organization's template. So it uses no packages but the AWS
 * SDK of Lambda's runtime.
 * @throws Error if the hub's bus does not accept the report.
 * @throws Error if the accounts cannot be listed, after the report was sent without them.
 */
export async function handler(): Promise<void> {
  const CallAs = CALL_AS === 'DELEGATED_ADMIN' ? 'DELEGATED_ADMIN' : 'SELF';
  // List the accounts first. An account that joins meanwhile then does not count as missing.
  const targets = await spokeTargets().catch((error: unknown) => new Error(String(error), { cause: error }));
  const instances: StackInstance[] = [];
  for await (const { Summaries = [] } of paginateListStackInstances({ client }, { StackSetName, CallAs }))
    instances.push(...Summaries);
  const Detail = JSON.stringify(rollOutDetail(instances, targets instanceof Error ? undefined : targets));
  const entry = { EventBusName, Source: ROLL_OUT.source, DetailType: ROLL_OUT.detailType, Detail };
  const { FailedEntryCount, Entries } = await bus.send(new PutEventsCommand({ Entries: [entry] }));
  if (FailedEntryCount !== 0) throw new Error(`The hub's bus refused the report: ${Entries?.[0]?.ErrorCode}`);
  if (targets instanceof Error)
    throw new Error(`The report was sent, but not which accounts are missing: ${targets.message}`, { cause: targets });
}

/**
 * Returns the accounts that are to have a spoke. StackSets deploys nothing to the management account. The template
 * leaves out the hub's account and the given ones.
 */
async function spokeTargets(): Promise<SpokeTargets> {
  const below = await activeAccountsBelow(organizations, UNITS.split(','));
  const leftOut = [HUB_ACCOUNT, ...EXCEPT_ACCOUNTS.split(',')];
  const accounts = below.filter((each) => !isManagementAccount(each) && !leftOut.includes(each.Id));
  return { accounts: accounts.flatMap(({ Id }) => Id ?? []), regions: REGIONS.split(',') };
}
