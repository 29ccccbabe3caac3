import { isJsonObject, type JsonObject, listAt } from '../lib/json.ts';
import { quoted } from '../lib/shell.ts';
import { type Change, changesBetween } from './kept-parameters.ts';
import type { Plan, PlannedTable } from './plan.ts';
import { differences, type TableShape } from './table-shape.ts';

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
  /** What else it has as it is deployed (`partsIn`). */
  readonly stackParts: readonly string[];
  /** What it was deployed with (`kept`); undefined where a version deployed it that kept nothing. */
  readonly stackParameters?: JsonObject | undefined;
  /** By name: those that exist. */
  readonly tables: ReadonlyMap<string, PresentTable>;
  /** Concurrent executions that no function has reserved; undefined where the account did not say. */
  readonly unreservedConcurrency?: number | undefined;
  /** The actions that the account denied of those by which no deployment stands or falls. */
  readonly denied: readonly string[];
}

export interface PresentTable {
  readonly arn: string;
  readonly shape: TableShape;
  /** The attribute by which items expire, '' where none do; undefined where the account did not say. */
  readonly ttl?: string | undefined;
  readonly policy?: JsonObject;
}

export interface Finding {
  /** `stop`: the deployment would fail, or lose something. */
  readonly weight: 'stop' | 'warning';
  readonly text: string;
}

/** What stands in the way of a deployment, and what to do about it. */
export function findingsOf(plan: Plan, account: Account, { mayRemove = false } = {}): Finding[] {
  return [
    ...stackFindings(plan, account),
    ...(mayRemove ? [] : lossesOf(plan, account)),
    ...plan.subscriptions.flatMap((each) => logGroupFindings(each, account)),
    ...plan.tables.flatMap((table) => ownTableFindings(table, account)),
    ...plan.expectedTables.flatMap((table) => expectedTableFindings(table, account)),
    ...concurrencyFindings(plan, account),
    ...deniedFindings(account),
    ...unrecordedFindings(plan),
  ];
}

/** Whoever deploys is told each time, as whoever looks at the counts is. */
function unrecordedFindings({ parameters: { record } }: Plan): Finding[] {
  if (record === undefined || record === 'all') return [];
  return [
    warning(
      `Not everything is recorded (record=${String(record)}): sessions that do nothing but read these are neither named nor alerted about.`,
    ),
  ];
}

/** What would have been a warning at most. */
function deniedFindings({ denied }: Account): Finding[] {
  if (denied.length === 0) return [];
  return [warning(`Not looked at, since these credentials may not: ${denied.join(', ')}. The deployment goes on.`)];
}

/** The option of `npm run deploy` by which clusters, accounts and whole parts are taken out. */
export const ALLOW_REMOVALS = '--allow-removals';

const stop = (text: string): Finding => ({ weight: 'stop', text });
const warning = (text: string): Finding => ({ weight: 'warning', text });

/** CloudFormation User Guide, "Understand stack creation and update events": the states in which it refuses an update. */
const DELETE_ONLY = ['ROLLBACK_COMPLETE', 'ROLLBACK_FAILED', 'CREATE_FAILED', 'REVIEW_IN_PROGRESS'];

function stackFindings({ stackName }: Plan, { stackStatus = '' }: Account): Finding[] {
  const is = `Stack ${stackName} is in the state ${stackStatus}`;
  const command = (verb: string) => `aws cloudformation ${verb} --stack-name ${stackName}`;
  if (DELETE_ONLY.includes(stackStatus))
    return [stop(`${is}: it was never made to the end and can only be deleted: ${command('delete-stack')}`)];
  if (stackStatus === 'DELETE_FAILED')
    return [
      stop(`${is}: its events say what stands in the way. Then delete it to the end: ${command('delete-stack')}`),
    ];
  if (stackStatus === 'UPDATE_ROLLBACK_FAILED')
    return [stop(`${is}: mend what its events name, then let it end: ${command('continue-update-rollback')}`)];
  const isBusy = stackStatus.endsWith('_IN_PROGRESS');
  return isBusy ? [stop(`Stack ${stackName} is being changed (${stackStatus}): wait until that is done.`)] : [];
}

function lossesOf(plan: Plan, account: Account): Finding[] {
  return [...lostSubscriptions(plan, account), ...lostParts(plan, account), ...lostParameters(plan, account)];
}

/** A command line that leaves out `clusters` would take them from the service, and what comes then is lost. */
function lostSubscriptions({ subscriptions }: Plan, { stackLogGroups }: Account): Finding[] {
  const kept = new Set(subscriptions.map(({ logGroup }) => logGroup));
  const lost = stackLogGroups.filter((logGroup) => !kept.has(logGroup));
  if (lost.length === 0) return [];
  return [
    stop(
      `The stack reads ${lost.join(' and ')}, and would not any more. Give the same parameters as before, or ${ALLOW_REMOVALS} if that is meant.`,
    ),
  ];
}

/** So would one that leaves out `accounts`, or says `stack=ingest-only` where the hub is. */
function lostParts({ parts }: Plan, { stackParts }: Account): Finding[] {
  const lost = stackParts.filter((part) => !parts.includes(part));
  if (lost.length === 0) return [];
  return [
    stop(
      `The stack would lose ${lost.join(', ')}. Give the same parameters as before, or ${ALLOW_REMOVALS} if that is meant.`,
    ),
  ];
}

/** Told by what is lost with them: log groups, queues, functions, access. */
const TOLD_OTHERWISE = ['stack', 'clusters', 'trail', 'trailLogGroup', 'accounts', 'tables'];

/** So would one that leaves out whatever else was chosen the last time. */
function lostParameters(plan: Plan, { stackParameters, stackParts }: Account): Finding[] {
  if (stackParameters === undefined) return stackParts.length === 0 ? [] : [warning(NOTHING_KEPT)];
  const lost = changesOf(plan, stackParameters).filter(({ takesAway }) => takesAway);
  const untold = lost.filter(({ name }) => !TOLD_OTHERWISE.includes(name));
  if (untold.length === 0) return [];
  const again = untold.map(({ name, before }) => `--param ${quoted(`${name}=${before}`)}`).join(' ');
  const names = untold.map(({ name, before, after }) => `${name} (${before} → ${after || 'none'})`).join(', ');
  return [
    stop(
      `The stack would lose what it was deployed with: ${names}. Give it again, ${again}, or ${ALLOW_REMOVALS} if that is meant.`,
    ),
  ];
}

const NOTHING_KEPT =
  'The stack was deployed by a version that kept no parameters: what this deployment changes beside its parts cannot be told. From now on it can.';

/** The deployed parameters beside the new ones, those that differ. */
export function changesOf({ parameters }: Plan, deployed: JsonObject): readonly Change[] {
  return changesBetween(deployed, parameters);
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
      `Table ${name} is left from an earlier deployment. Go on with it and what it holds: --param tables=existing. Only where it holds nothing that you need, delete it: aws dynamodb update-table --table-name ${name} --no-deletion-protection-enabled && aws dynamodb delete-table --table-name ${name}`,
    ),
  ];
}

function expectedTableFindings({ name, shape, ttl }: PlannedTable, { tables }: Account): Finding[] {
  const present = tables.get(name);
  if (present === undefined) return [stop(`Table ${name} does not exist: leave out tables=existing.`)];
  const wrong = differences(present.shape, shape);
  if (wrong.length > 0) return [stop(`Table ${name} is of another version: ${wrong.join(', ')}.`)];
  return [
    ...(present.ttl === undefined || present.ttl === ttl ? [] : [stop(howToExpire(name, ttl, present.ttl))]),
    ...(letsSpokesWrite(present) ? [warning(howToCloseTable(present.arn))] : []),
  ];
}

/** An attribute has to be switched off before another can be switched on (DynamoDB API Reference, UpdateTimeToLive). */
function howToExpire(name: string, ttl: string, present: string): string {
  const command = (attribute: string, enabled: boolean) =>
    `aws dynamodb update-time-to-live --table-name ${name} --time-to-live-specification Enabled=${enabled},AttributeName=${attribute}`;
  const first = present === '' ? '' : `${command(present, false)}, and an hour later: `;
  return `Table ${name} would keep its items for ever: ${present === '' ? 'no items expire' : `items expire by ${present}`}. ${first}${command(ttl, true)}`;
}

/** By the statement that an earlier version had whoever deployed put into the policy. */
function letsSpokesWrite({ policy }: PresentTable): boolean {
  const statements = listAt(policy, 'Statement') ?? [policy?.Statement];
  return statements.some((each) => isJsonObject(each) && each.Sid === 'IngestOfOtherAccounts');
}

function howToCloseTable(arn: string): string {
  return `Other accounts may write to ${arn} and overwrite what is there, for ingest-only stacks of an earlier version. Once those are deployed anew, take the statement IngestOfOtherAccounts out of its policy, or the policy where it says nothing else: aws dynamodb delete-resource-policy --resource-arn ${arn}`;
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
