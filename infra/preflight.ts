import { isDeepStrictEqual } from 'node:util';
import { type JsonObject, listAt } from '../lib/json.ts';
import type { Plan, PlannedTable } from './plan.ts';

/** What is in the account already, as far as the plan touches it. */
export interface Account {
  /** Undefined where there is no such stack. */
  readonly stackStatus?: string | undefined;
  /** The names of the tables that belong to the stack. */
  readonly stackTables: readonly string[];
  /** By name: those that exist, with the names of their subscription filters. */
  readonly logGroups: ReadonlyMap<string, readonly string[]>;
  /** The log groups that the stack subscribes to as it is deployed. */
  readonly stackLogGroups: readonly string[];
  /** By name: those that exist. */
  readonly tables: ReadonlyMap<string, PresentTable>;
  /** Concurrent executions that no function has reserved; undefined where the account did not say. */
  readonly unreservedConcurrency?: number | undefined;
}

export interface PresentTable {
  readonly arn: string;
  readonly indexes: readonly string[];
  readonly policy?: JsonObject;
}

export interface Finding {
  /** `stop`: the deployment would fail, or lose something. */
  readonly weight: 'stop' | 'warning';
  readonly text: string;
}

/** What stands in the way of a deployment, and what to do about it. */
export function findingsOf(plan: Plan, account: Account, { mayUnsubscribe = false } = {}): Finding[] {
  return [
    ...stackFindings(plan, account),
    ...(mayUnsubscribe ? [] : lostSubscriptions(plan, account)),
    ...plan.subscriptions.flatMap((each) => logGroupFindings(each, account)),
    ...plan.tables.flatMap((table) => ownTableFindings(table, account)),
    ...plan.expectedTables.flatMap((table) => expectedTableFindings(table, account)),
    ...concurrencyFindings(plan, account),
  ];
}

/** The option of `npm run deploy` by which clusters are taken out. */
export const UNSUBSCRIBE = '--unsubscribe';

const stop = (text: string): Finding => ({ weight: 'stop', text });
const warning = (text: string): Finding => ({ weight: 'warning', text });

function stackFindings({ stackName }: Plan, { stackStatus = '' }: Account): Finding[] {
  if (stackStatus === 'ROLLBACK_COMPLETE') {
    return [
      stop(
        `Stack ${stackName} failed when it was first made and can only be deleted: aws cloudformation delete-stack --stack-name ${stackName}`,
      ),
    ];
  }
  const isBusy = stackStatus.endsWith('_IN_PROGRESS');
  return isBusy ? [stop(`Stack ${stackName} is being changed (${stackStatus}): wait until that is done.`)] : [];
}

/** A command line that leaves out `clusters` would take them from the service, and what comes then is lost. */
function lostSubscriptions({ subscriptions }: Plan, { stackLogGroups }: Account): Finding[] {
  const kept = new Set(subscriptions.map(({ logGroup }) => logGroup));
  const lost = stackLogGroups.filter((logGroup) => !kept.has(logGroup));
  if (lost.length === 0) return [];
  return [
    stop(
      `The stack reads ${lost.join(' and ')}, and would not any more. Give the same parameters as before, or ${UNSUBSCRIBE} if that is meant.`,
    ),
  ];
}

/** CloudWatch Logs quotas, "Subscription filters". */
const FILTERS_PER_LOG_GROUP = 2;

function logGroupFindings({ logGroup, filterName }: Plan['subscriptions'][number], { logGroups }: Account): Finding[] {
  const filters = logGroups.get(logGroup);
  if (filters === undefined) return [stop(`Log group ${logGroup} does not exist. ${howToMake(logGroup)}`)];
  if (filters.includes(filterName) || filters.length < FILTERS_PER_LOG_GROUP) return [];
  return [
    stop(
      `Log group ${logGroup} has no free subscription: ${filters.join(' and ')} take both. Remove one, or let one of them hand events on.`,
    ),
  ];
}

function howToMake(logGroup: string): string {
  const cluster = /^\/aws\/eks\/(.+)\/cluster$/.exec(logGroup)?.[1];
  if (cluster === undefined) return "Let the trail write to it, or name the trail's log group in trailLogGroup.";
  const logging = `'{"clusterLogging":[{"types":["audit"],"enabled":true}]}'`;
  return `If the cluster is in this Region, switch its audit log on: aws eks update-cluster-config --name ${cluster} --logging ${logging}`;
}

function ownTableFindings({ name }: PlannedTable, { tables, stackTables }: Account): Finding[] {
  if (!tables.has(name) || stackTables.includes(name)) return [];
  return [
    stop(
      `Table ${name} is left from an earlier deployment. Go on with it: --param tables=existing. Or delete it, with all it holds.`,
    ),
  ];
}

function expectedTableFindings({ name, indexes, policy }: PlannedTable, { tables }: Account): Finding[] {
  const present = tables.get(name);
  if (present === undefined) return [stop(`Table ${name} does not exist: leave out tables=existing.`)];
  const missing = indexes.filter((index) => !present.indexes.includes(index));
  if (missing.length > 0)
    return [stop(`Table ${name} is of another version: it lacks the index ${missing.join(', ')}.`)];
  return policy === undefined || saysAll(present.policy, policy) ? [] : [warning(howToLetWrite(present.arn, policy))];
}

/** Whether a policy has all statements of another, each as it is. */
function saysAll(present: JsonObject | undefined, wanted: JsonObject): boolean {
  const statements = listAt(present, 'Statement') ?? [];
  return (listAt(wanted, 'Statement') ?? []).every((each) => statements.some((said) => isDeepStrictEqual(said, each)));
}

function howToLetWrite(arn: string, policy: JsonObject): string {
  return `Other accounts may not write to ${arn}, since it is no part of the stack (tables=existing). Let them, with what else its policy must say: aws dynamodb put-resource-policy --resource-arn ${arn} --policy '${JSON.stringify(policy)}'`;
}

/** Lambda leaves at least these to functions that reserve none (Lambda Developer Guide, "Configuring reserved concurrency"). */
const LEFT_UNRESERVED = 100;
/** Four functions side by side, and room for a burst of batches. */
const FEW = 50;

function concurrencyFindings({ reservedConcurrency }: Plan, { unreservedConcurrency: free }: Account): Finding[] {
  if (free === undefined) return [];
  if (reservedConcurrency > 0 && free - reservedConcurrency < LEFT_UNRESERVED) {
    return [
      warning(
        `Lambda refuses ingestConcurrency=${reservedConcurrency} unless it is reserved already: ${free} executions are unreserved, and ${LEFT_UNRESERVED} must stay so. Leave it out, or ask for a higher quota.`,
      ),
    ];
  }
  if (free >= FEW) return [];
  return [
    warning(
      `Lambda runs only ${free} functions at once in this account: ask for a higher quota before busy clusters are added.`,
    ),
  ];
}
