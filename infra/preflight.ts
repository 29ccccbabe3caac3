import type { JsonObject } from '../lib/json.ts';
import { quoted } from '../lib/shell.ts';
import { type Change, changesBetween } from './kept-parameters.ts';
import type { Plan, PlannedTable } from './plan.ts';
import { differences, type TableShape } from './table-shape.ts';

/** The state of an account before a deployment, as far as the plan needs it. */
export interface Account {
  /** The stack's status, or undefined if there is no such stack. */
  readonly stackStatus?: string | undefined;
  /** The names of the tables that belong to the stack. */
  readonly stackTables: readonly string[];
  /** The existing log groups, by name, with the names of their subscription filters. */
  readonly logGroups: ReadonlyMap<string, readonly string[]>;
  /** The log groups to which the deployed stack subscribes. */
  readonly stackLogGroups: readonly string[];
  /** The other parts of the deployed stack (`partsIn`). */
  readonly stackParts: readonly string[];
  /** The parameters of the deployed stack (`parametersToStore`), or undefined if there is no such stack. */
  readonly stackParameters?: JsonObject | undefined;
  /** The existing tables, by name. */
  readonly tables: ReadonlyMap<string, PresentTable>;
  /** The concurrent executions that no function has reserved, or undefined if they could not be read. */
  readonly unreservedConcurrency?: number | undefined;
  /** The actions that were denied and that only warnings need. */
  readonly denied: readonly string[];
}

/** A table that exists in the account. */
export interface PresentTable {
  readonly shape: TableShape;
  /** The attribute by which items expire, '' if they do not expire, or undefined if it could not be read. */
  readonly ttl?: string | undefined;
}

/** A result of the check before a deployment. */
export interface Finding {
  /** `stop`: the deployment would fail, or lose something. */
  readonly weight: 'stop' | 'warning';
  readonly text: string;
}

/** Returns what could go wrong in a deployment, each with what to do. */
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

/** Returns a warning at every deployment that leaves reads out. */
function unrecordedFindings({ parameters: { record } }: Plan): Finding[] {
  if (record === undefined || record === 'all') return [];
  return [
    warning(
      `Some reads are not recorded (record=${String(record)}). A session that does only such reads gets no actor and raises no alert.`,
    ),
  ];
}

/** Returns a warning for checks that were denied. These checks could only have led to warnings. */
function deniedFindings({ denied }: Account): Finding[] {
  if (denied.length === 0) return [];
  return [
    warning(`Some checks were skipped, because these credentials lack ${denied.join(', ')}. The deployment continues.`),
  ];
}

/** The option of `npm run deploy` that allows a deployment to remove clusters, accounts and other parts. */
export const ALLOW_REMOVALS = '--allow-removals';

const stop = (text: string): Finding => ({ weight: 'stop', text });
const warning = (text: string): Finding => ({ weight: 'warning', text });

/** The states in which CloudFormation refuses an update (User Guide, "Understand stack creation and update events"). */
const DELETE_ONLY = ['ROLLBACK_COMPLETE', 'ROLLBACK_FAILED', 'CREATE_FAILED', 'REVIEW_IN_PROGRESS'];

function stackFindings({ stackName }: Plan, { stackStatus = '' }: Account): Finding[] {
  const is = `The stack ${stackName} has the status ${stackStatus}`;
  const command = (verb: string) => `aws cloudformation ${verb} --stack-name ${stackName}`;
  if (DELETE_ONLY.includes(stackStatus))
    return [stop(`${is}: its creation failed, and it can only be deleted. Run: ${command('delete-stack')}`)];
  if (stackStatus === 'DELETE_FAILED')
    return [stop(`${is}. Find the reason in its events and fix it. Then run: ${command('delete-stack')}`)];
  if (stackStatus === 'UPDATE_ROLLBACK_FAILED')
    return [stop(`${is}. Find the reason in its events and fix it. Then run: ${command('continue-update-rollback')}`)];
  const isBusy = stackStatus.endsWith('_IN_PROGRESS');
  return isBusy ? [stop(`The stack ${stackName} is changing (${stackStatus}). Wait until that is done.`)] : [];
}

function lossesOf(plan: Plan, account: Account): Finding[] {
  return [...lostSubscriptions(plan, account), ...lostParts(plan, account), ...lostParameters(plan, account)];
}

/**
 * Returns a stop if log groups lose their subscription, which loses later events. One cause is that the command line
 * leaves out `clusters`.
 */
function lostSubscriptions({ subscriptions }: Plan, { stackLogGroups }: Account): Finding[] {
  const kept = new Set(subscriptions.map(({ logGroup }) => logGroup));
  const lost = stackLogGroups.filter((logGroup) => !kept.has(logGroup));
  if (lost.length === 0) return [];
  return [
    stop(
      `The deployment would remove the subscription to ${lost.join(' and ')}. Use the same parameters as before. If you want to remove it, add ${ALLOW_REMOVALS}.`,
    ),
  ];
}

/**
 * Returns a stop if other parts would be removed. Causes are that `accounts` is left out, or that a spoke is deployed
 * over the hub.
 */
function lostParts({ parts }: Plan, { stackParts }: Account): Finding[] {
  const lost = stackParts.filter((part) => !parts.includes(part));
  if (lost.length === 0) return [];
  return [
    stop(
      `The deployment would remove ${lost.join(', ')}. Use the same parameters as before. If you want to remove it, add ${ALLOW_REMOVALS}.`,
    ),
  ];
}

/**
 * The parameters that `lostSubscriptions` and `lostParts` report by their effect: log groups, queues, functions,
 * access.
 */
const REPORTED_BY_EFFECT = ['stack', 'clusters', 'trail', 'trailLogGroup', 'accounts', 'tables'];

/** Returns a stop if other parameters would lose a value of the last deployment. */
function lostParameters(plan: Plan, { stackParameters }: Account): Finding[] {
  if (stackParameters === undefined) return [];
  const lost = changesOf(plan, stackParameters).filter(({ takesAway }) => takesAway);
  const unreported = lost.filter(({ name }) => !REPORTED_BY_EFFECT.includes(name));
  if (unreported.length === 0) return [];
  const again = unreported.map(({ name, before }) => `--param ${quoted(`${name}=${before}`)}`).join(' ');
  const names = unreported.map(({ name, before, after }) => `${name} (${before} → ${after || 'none'})`).join(', ');
  return [
    stop(
      `The deployment would take back parameters of the stack: ${names}. To keep them, add ${again}. To take them back, add ${ALLOW_REMOVALS}.`,
    ),
  ];
}

/** Returns the parameters that this deployment changes. */
export function changesOf({ parameters }: Plan, deployed: JsonObject): readonly Change[] {
  return changesBetween(deployed, parameters);
}

/** The limit of CloudWatch Logs (CloudWatch Logs quotas, "Subscription filters"). */
const FILTERS_PER_LOG_GROUP = 2;

function logGroupFindings({ logGroup, filterName }: Plan['subscriptions'][number], { logGroups }: Account): Finding[] {
  const filters = logGroups.get(logGroup);
  if (filters === undefined) return [stop(`The log group ${logGroup} does not exist. ${howToMake(logGroup)}`)];
  if (filters.includes(filterName) || filters.length < FILTERS_PER_LOG_GROUP) return [];
  return [
    stop(
      `The log group ${logGroup} has no free subscription: ${filters.join(' and ')} use both. Remove one, or let one of them pass events on.`,
    ),
  ];
}

function howToMake(logGroup: string): string {
  const cluster = /^\/aws\/eks\/(.+)\/cluster$/.exec(logGroup)?.[1];
  if (cluster === undefined) return "Let the trail write to it, or set trailLogGroup to the trail's log group.";
  const logging = `'{"clusterLogging":[{"types":["audit"],"enabled":true}]}'`;
  return `If the cluster is in this Region, turn on its audit log: aws eks update-cluster-config --name ${cluster} --logging ${logging}`;
}

function ownTableFindings({ name }: PlannedTable, { tables, stackTables }: Account): Finding[] {
  if (!tables.has(name) || stackTables.includes(name)) return [];
  return [
    stop(
      `The table ${name} is left from an earlier deployment. To use it and its records, add --param tables=existing. If you need nothing in it, delete it: aws dynamodb update-table --table-name ${name} --no-deletion-protection-enabled && aws dynamodb delete-table --table-name ${name}`,
    ),
  ];
}

function expectedTableFindings({ name, shape, ttl }: PlannedTable, { tables }: Account): Finding[] {
  const present = tables.get(name);
  if (present === undefined) return [stop(`The table ${name} does not exist. Leave out tables=existing.`)];
  const wrong = differences(present.shape, shape);
  if (wrong.length > 0)
    return [
      stop(`The table ${name} belongs to another version: ${wrong.join(', ')}. Use that version, or other tables.`),
    ];
  return [...(present.ttl === undefined || present.ttl === ttl ? [] : [stop(howToExpire(name, ttl, present.ttl))])];
}

/**
 * Returns how to turn on expiry. If another attribute is on, it must be turned off first (DynamoDB API Reference,
 * UpdateTimeToLive).
 */
function howToExpire(name: string, ttl: string, present: string): string {
  const command = (attribute: string, enabled: boolean) =>
    `aws dynamodb update-time-to-live --table-name ${name} --time-to-live-specification Enabled=${enabled},AttributeName=${attribute}`;
  const first = present === '' ? '' : `${command(present, false)}. One hour later, run: `;
  return `The table ${name} would keep its items forever: ${present === '' ? 'no items expire' : `items expire by ${present}`}. Run: ${first}${command(ttl, true)}`;
}

/**
 * The executions that Lambda keeps for functions without a reservation (Lambda Developer Guide, "Configuring reserved
 * concurrency").
 */
const LEFT_UNRESERVED = 100;
/** The executions that the service needs: four functions at once, and room for a burst of batches. */
const FEW = 50;

/** Returns how many executions other accounts can use at once: for their events, and for their grants. */
function executionsOfOthers({ stack, organization, accounts, queueConcurrency }: Plan['parameters']): number {
  const hasOthers = organization !== '' || (Array.isArray(accounts) && accounts.length > 0);
  return stack === 'hub' && hasOthers && typeof queueConcurrency === 'number' ? 2 * queueConcurrency : 0;
}

function concurrencyFindings(
  { reservedConcurrency, parameters }: Plan,
  { unreservedConcurrency: free }: Account,
): Finding[] {
  if (free === undefined) return [];
  if (reservedConcurrency > 0 && free - reservedConcurrency < LEFT_UNRESERVED) {
    return [
      warning(
        `Lambda refuses ingestConcurrency=${reservedConcurrency} unless it is already reserved: ${free} executions are unreserved, and ${LEFT_UNRESERVED} must stay unreserved. Leave it out, or request a higher quota.`,
      ),
    ];
  }
  const forOthers = executionsOfOthers(parameters);
  if (free >= FEW && free < FEW + forOthers) {
    return [
      warning(
        `Lambda runs only ${free} functions at once in this account, and other accounts can use ${forOthers} of them. With ${FEW + forOthers} or more, they cannot use all. Request a higher quota, or lower queueConcurrency.`,
      ),
    ];
  }
  if (free >= FEW) return [];
  return [
    warning(
      `Lambda runs only ${free} functions at once in this account. Request a higher quota before you add busy clusters.`,
    ),
  ];
}
