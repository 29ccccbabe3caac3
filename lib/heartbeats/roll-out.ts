import { type JsonObject, present } from '../json.ts';
import { DAY, type EpochMillis, epochMillis, HOUR, MINUTE } from '../time.ts';
import type { StackReport } from './report.ts';

/** The report of an account that deploys an organization's spokes: which of them are deployed, and which failed. */
export interface RollOut {
  /** The account that EventBridge states. */
  readonly accountId: string;
  /** The time at which the hub received it. */
  readonly at: EpochMillis;
  readonly spokes: readonly RegionAccounts[];
  readonly failed: readonly FailedSpoke[];
  /** Accounts of the organizational units for which StackSets has no stack. Absent if the account could not list the accounts of its units. */
  readonly missing?: readonly RegionAccounts[] | undefined;
  /** The number of spokes, failures and missing spokes that the report left out. */
  readonly left?: number | undefined;
}

/** Accounts with the same state of their spoke in a Region. */
export interface RegionAccounts {
  readonly region: string;
  /** The time at which this state was first reported. */
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

/** The maximum number of spokes, missing ones included, and of failures of a report. An entry of PutEvents may have 256 KB, and an item of DynamoDB 400 KB. */
export const MOST_SPOKES = 10_000;
export const MOST_MISSING = 1_000;
export const MOST_FAILED = 300;
export const LONGEST_CAUSE = 200;

/** States in which StackSets is at work, or will never create a stack. */
const NO_FAILURE = ['PENDING', 'RUNNING', 'SKIPPED_SUSPENDED_ACCOUNT'];

/** The accounts and Regions that are to have a spoke. */
export interface SpokeTargets {
  readonly accounts: readonly string[];
  readonly regions: readonly string[];
}

/**
 * Returns the report of a StackSet's stacks, as the detail of an event on the hub's bus.
 * @param targets undefined if they are not known. The report then says nothing about missing spokes.
 */
export function rollOutDetail(instances: readonly StackInstance[], targets: SpokeTargets | undefined): JsonObject {
  const known = new Set(instances.map(({ Account = '', Region = '' }) => placeId(Account, Region)));
  const missing = targets?.regions.flatMap((region) =>
    targets.accounts.filter((account) => !known.has(placeId(account, region))).map((account) => ({ account, region })),
  );
  const shownMissing = missing?.slice(0, MOST_MISSING);
  const deployed = instances.filter(({ Status }) => Status === 'CURRENT');
  const shown = deployed.slice(0, MOST_SPOKES - (shownMissing?.length ?? 0));
  const failed = instances.filter(
    ({ Status, StackInstanceStatus }) =>
      Status !== 'CURRENT' && !NO_FAILURE.includes(StackInstanceStatus?.DetailedStatus ?? ''),
  );
  const shownFailed = failed.slice(0, MOST_FAILED);
  const found = deployed.length + failed.length + (missing?.length ?? 0);
  const left = found - shown.length - shownFailed.length - (shownMissing?.length ?? 0);
  return present({
    deployed: byRegion(shown.map(({ Account: account = '', Region: region = '' }) => ({ account, region }))),
    failed: shownFailed.map(({ Account: account = '', Region: region = '', StatusReason }) => ({
      ...{ account, region, why: StatusReason?.slice(0, LONGEST_CAUSE) },
    })),
    missing: shownMissing && byRegion(shownMissing),
    left: left === 0 ? undefined : left,
  });
}

function byRegion(places: readonly { readonly account: string; readonly region: string }[]): JsonObject {
  const groups = Map.groupBy(places, ({ region }) => region);
  return Object.fromEntries([...groups].map(([region, of]) => [region, of.map(({ account }) => account)]));
}

/** The statement of a roll-out about the spoke of an account and Region. */
export interface ListedSpoke {
  /** The account that reported it, and when. */
  readonly by: string;
  readonly at: EpochMillis;
  /** `missing`: the account is in the organizational units, but StackSets has no stack for it. */
  readonly state: 'deployed' | 'failed' | 'missing';
  /** The time from which the spoke has been deployed or missing. Absent if deploying it failed. */
  readonly since?: EpochMillis | undefined;
  /** The reason why it failed. */
  readonly why?: string | undefined;
}

/** The age at which the last report of a roll-out counts as silence, in milliseconds. A roll-out is reported each hour. */
const SILENT_ROLL_OUT = 3 * HOUR;
/**
 * How long a spoke may have been deployed before its first report, or after its last one, in milliseconds. It reports every ten minutes.
 */
export const UNHEARD_SPOKE = HOUR;

/** Times are rounded up to a multiple of this before they are stored, in milliseconds. So most spokes share a time. */
const SAME_TIME = 10 * MINUTE;

/**
 * Returns whether a report of the next hour lists the spoke as missing too. A single report may have come before StackSets
 * began to work, for example when a Region is added.
 * @param at the time of the latest report.
 */
export function isLongMissing(at: EpochMillis, since: EpochMillis): boolean {
  return at - since >= UNHEARD_SPOKE - SAME_TIME;
}

/**
 * Returns the roll-out with the time from which each spoke has been reported as deployed, or as missing. Only the last hour matters, so
 * all earlier times become the same one. Spokes with the same time are stored together, because an item of DynamoDB has no room
 * for the time of each.
 */
export function withSinceOfSpokes(rollOut: RollOut, before: RollOut | undefined): RollOut {
  const earliest = rollOut.at - UNHEARD_SPOKE;
  const spokes = withSince(rollOut.spokes, before?.spokes, earliest);
  const missing = rollOut.missing && withSince(rollOut.missing, before?.missing, earliest);
  return present({ ...rollOut, spokes, missing });
}

function withSince(
  reported: readonly RegionAccounts[],
  before: readonly RegionAccounts[] | undefined,
  earliest: number,
): readonly RegionAccounts[] {
  const known = new Map(eachAccount(before).map(({ id, since }) => [id, since]));
  const all = eachAccount(reported).map(({ id, since, ...of }) => {
    const rounded = Math.ceil((known.get(id) ?? since) / SAME_TIME) * SAME_TIME;
    return { ...of, since: epochMillis(Math.max(earliest, rounded)) };
  });
  const groups = Map.groupBy(all, ({ region, since }) => `${region} ${since}`);
  return [...groups.values()].flatMap((of) => {
    const [first] = of;
    return first === undefined
      ? []
      : [{ region: first.region, since: first.since, accounts: of.map(({ account }) => account) }];
  });
}

function eachAccount(reported: readonly RegionAccounts[] = []) {
  return reported.flatMap(({ region, since, accounts }) =>
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
    const failed = rollOut.failed.map(({ accountId, region, why }) => {
      return { id: placeId(accountId, region), ...of, state: 'failed', why } as const;
    });
    const listed = (state: 'deployed' | 'missing', places: RollOut['missing']) =>
      eachAccount(places).map(({ id, since }) => ({ id, ...of, state, since }));
    return [...failed, ...listed('missing', rollOut.missing), ...listed('deployed', rollOut.spokes)];
  });
  return Map.groupBy(all, ({ id }) => id);
}

/**
 * Returns whether no report of the roll-out came for hours. If all its spokes were removed, nothing more is expected a day later.
 */
export function isSilentRollOut(rollOut: RollOut, stacks: ReadonlyMap<string, StackReport>, now: EpochMillis): boolean {
  if (now - rollOut.at < SILENT_ROLL_OUT) return false;
  if (now - rollOut.at < DAY) return true;
  return eachAccount(rollOut.spokes).some(({ id }) => stacks.get(id)?.isLast === undefined && stacks.has(id));
}
