import type { JsonObject } from '../json.ts';
import { DAY, type EpochMillis, epochMillis, HOUR, MINUTE } from '../time.ts';
import type { StackReport } from './report.ts';

/** The report of an account that deploys an organization's spokes: which of them are deployed, and which failed. */
export interface RollOut {
  /** The account that EventBridge states. */
  readonly accountId: string;
  /** The time at which the hub received it. */
  readonly at: EpochMillis;
  readonly spokes: readonly DeployedSpokes[];
  readonly failed: readonly FailedSpoke[];
}

/** Accounts whose spoke in this Region was deployed. */
export interface DeployedSpokes {
  readonly region: string;
  /** The time at which they were first reported. */
  readonly since: EpochMillis;
  readonly accounts: readonly string[];
}

/** An account and Region in which the spoke could not be created or updated. */
export interface FailedSpoke {
  readonly accountId: string;
  readonly region: string;
  readonly why?: string | undefined;
}

/** The source and type of such a report on the hub's event bus. */
export const ROLL_OUT = { source: 'eks-whois.spoke', detailType: 'Roll-out report' } as const;

/** An entry of the list of a StackSet's stacks (CloudFormation API Reference, "StackInstanceSummary"). */
export interface StackInstance {
  readonly Account?: string | undefined;
  readonly Region?: string | undefined;
  readonly Status?: string | undefined;
  readonly StatusReason?: string | undefined;
  readonly StackInstanceStatus?: { readonly DetailedStatus?: string | undefined } | undefined;
}

/** The maximum number of spokes and of failures of a report. An entry of PutEvents may have 256 KB, and an item of DynamoDB 400 KB. */
export const MOST_SPOKES = 10_000;
export const MOST_FAILED = 300;
export const LONGEST_CAUSE = 200;

/** States in which StackSets is at work, or will never create a stack. */
const NO_FAILURE = ['PENDING', 'RUNNING', 'SKIPPED_SUSPENDED_ACCOUNT'];

/** Returns the report of a StackSet's stacks, as the detail of an event on the hub's bus. */
export function rollOutDetail(instances: readonly StackInstance[]): JsonObject {
  const deployed: Record<string, string[]> = {};
  const failed: JsonObject[] = [];
  let left = MOST_SPOKES;
  for (const { Account = '', Region = '', Status, StatusReason, StackInstanceStatus } of instances) {
    if (Status === 'CURRENT') {
      if (left === 0) continue;
      left -= 1;
      deployed[Region] ??= [];
      deployed[Region].push(Account);
    } else if (!NO_FAILURE.includes(StackInstanceStatus?.DetailedStatus ?? '') && failed.length < MOST_FAILED)
      failed.push({ account: Account, region: Region, why: StatusReason?.slice(0, LONGEST_CAUSE) });
  }
  return { deployed, failed };
}

/** The statement of a roll-out about the spoke of an account and Region. */
export interface ListedSpoke {
  /** The account that reported it, and when. */
  readonly by: string;
  readonly at: EpochMillis;
  /** The time since when it has been deployed. Absent if that failed. */
  readonly since?: EpochMillis | undefined;
  /** The reason why it failed. */
  readonly why?: string | undefined;
}

/** A roll-out is reported each hour. */
const SILENT_ROLL_OUT = 3 * HOUR;
/** How long a spoke may have been deployed before its first report, or after its last one, in milliseconds. It reports every ten minutes. */
export const UNHEARD_SPOKE = HOUR;

/** Times within such a period are stored as its end, in milliseconds. */
const SAME_TIME = 10 * MINUTE;

/**
 * Returns the roll-out with the times since when each spoke has been reported as deployed. Only the last hour matters, so earlier times become
 * one: an organization adds its accounts one by one, and an item of DynamoDB has no room for a time of each.
 */
export function withSinceOfSpokes(rollOut: RollOut, before: RollOut | undefined): RollOut {
  const earliest = rollOut.at - UNHEARD_SPOKE;
  const known = new Map(eachDeployed(before).map(({ id, since }) => [id, since]));
  const all = eachDeployed(rollOut).map(({ id, since, ...of }) => {
    const rounded = Math.ceil((known.get(id) ?? since) / SAME_TIME) * SAME_TIME;
    return { ...of, since: epochMillis(Math.max(earliest, rounded)) };
  });
  const groups = Map.groupBy(all, ({ region, since }) => `${region} ${since}`);
  const spokes = [...groups.values()].flatMap((of) => {
    const [first] = of;
    return first === undefined
      ? []
      : [{ region: first.region, since: first.since, accounts: of.map(({ account }) => account) }];
  });
  return { ...rollOut, spokes };
}

function eachDeployed(rollOut: RollOut | undefined) {
  return (rollOut?.spokes ?? []).flatMap(({ region, since, accounts }) =>
    accounts.map((account) => ({ id: placeId(account, region), account, region, since })),
  );
}

/** Returns the ID of an account and Region. */
export function placeId(accountId: string, region: string): string {
  return `${accountId} ${region}`;
}

/** Returns what the roll-outs of the last day say about each account and Region, by `placeId`. */
export function listedSpokes(
  rollOuts: readonly RollOut[],
  now: EpochMillis,
): ReadonlyMap<string, readonly ListedSpoke[]> {
  const recent = rollOuts.filter(({ at }) => now - at < DAY);
  const all = recent.flatMap((rollOut): readonly (ListedSpoke & { readonly id: string })[] => {
    const of = { by: rollOut.accountId, at: rollOut.at };
    const failed = rollOut.failed.map(({ accountId, region, why }) => ({ id: placeId(accountId, region), ...of, why }));
    return [...failed, ...eachDeployed(rollOut).map(({ id, since }) => ({ id, ...of, since }))];
  });
  return Map.groupBy(all, ({ id }) => id);
}

/**
 * Returns whether no report of the roll-out came for hours. If all its spokes were removed, nothing more is expected a day later.
 */
export function isSilentRollOut(rollOut: RollOut, stacks: ReadonlyMap<string, StackReport>, now: EpochMillis): boolean {
  if (now - rollOut.at < SILENT_ROLL_OUT) return false;
  if (now - rollOut.at < DAY) return true;
  return eachDeployed(rollOut).some(({ id }) => stacks.get(id)?.isLast === undefined && stacks.has(id));
}
