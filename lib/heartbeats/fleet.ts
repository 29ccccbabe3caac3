import {
  accountOfKey,
  asClusterKey,
  type ClusterFields,
  type ClusterKey,
  clusterArn,
  clusterHome,
  clusterText,
  fieldsOfKey,
} from '../identity/cluster.ts';
import { DAY, type EpochMillis, epochMillis, HOUR, MINUTE } from '../time.ts';
import { type Heartbeat, SHORTEST_PAUSE, silentSince } from './heartbeat.ts';
import type { ReportedCluster, StackReport } from './report.ts';
import {
  isLongMissing,
  isSilentRollOut,
  type ListedSpoke,
  listedSpokes,
  placeId,
  type RollOut,
  UNHEARD_SPOKE,
} from './roll-out.ts';
import { type Trouble, troubleText } from './trouble.ts';
import { type AccountVolume, hasManyNewClusters, isLeftOut, type Volume } from './volume.ts';

/** The facts that the hub knows about its fleet. */
export interface KnownFleet {
  readonly sources: readonly Heartbeat[];
  readonly clusters: readonly Heartbeat[];
  readonly reports: readonly StackReport[];
  /** The reports of the accounts that deploy an organization's spokes. */
  readonly rollOuts: readonly RollOut[];
  /** The volume that each account sent today. */
  readonly volumes: readonly AccountVolume[];
}

/** The sources and clusters that are expected to send. If one is silent, the service reports it. */
export interface Expectations {
  /**
   * How long a cluster must be silent before that is a trouble, in milliseconds. With 0, the silence of a cluster is
   * never a trouble.
   */
  readonly clusterSilence: number;
  /** Clusters that are expected to send events, even if they never did. Keys, because two accounts can have clusters of one name. */
  readonly clusters: readonly ClusterKey[];
  /** Other accounts that are expected to send: CloudTrail records, audit events of a cluster, or reports of a stack. */
  readonly accounts: readonly string[];
  /** Whether a trail sends grants. */
  readonly hasTrail: boolean;
  /** The number of records of an account and day at which events begin to be left out. 0 means no ceiling. */
  readonly ceiling: number;
}

/** The expectations of a deployment with the defaults. */
export const USUAL_EXPECTATIONS: Expectations = {
  clusterSilence: DAY,
  clusters: [],
  accounts: [],
  hasTrail: true,
  ceiling: 0,
};

/** An account and Region, with one of its clusters or with none. */
export interface FleetRow extends ClusterFields {
  readonly region?: string | undefined;
  /** The audit log of the cluster. Absent if it was never heard. */
  readonly events?: Heartbeat | undefined;
  /** The CloudTrail of the account and Region. Absent if it was never heard. */
  readonly grants?: Heartbeat | undefined;
  /** The stack's report of the cluster. Absent if no stack reports it. */
  readonly reported?: ReportedCluster | undefined;
  readonly stack?: StackReport | undefined;
  /** The statements of roll-outs about the spoke of the account and Region. */
  readonly listed?: readonly ListedSpoke[] | undefined;
  /** The volume that the account sent today. Absent if it sent nothing. */
  readonly today?: Volume | undefined;
  readonly troubles: readonly Trouble[];
}

/** How late CloudTrail's records usually are at most, in milliseconds (FACTS). A source that is silent for less may just be late. */
export const LATE_RECORDS = 15 * MINUTE;
/** How long a stack may be silent, in milliseconds. It reports every ten minutes. */
const SILENT_STACK = HOUR;
/**
 * How long a stack may send grants before the first one arrives, in milliseconds. Every account and Region with a stack has grants: Lambda assumes
 * the roles of its functions (FACTS).
 */
const UNHEARD_SOURCE = DAY;
/**
 * How long something that was removed on purpose counts as silent, in milliseconds: a cluster that was deleted or
 * unsubscribed, or a stack that was removed. Somebody should see this, because an attacker who took over the account
 * could do the same.
 */
const GONE = DAY;

/** Returns the time at which the CloudTrail of an account and Region became silent. Undefined if it is not silent. */
export function silentSource(source: Heartbeat, now: EpochMillis): EpochMillis | undefined {
  return silentSince(source, now, { shortest: SHORTEST_PAUSE, late: LATE_RECORDS });
}

/** Returns the account and Region of a source. */
export function placeOfSource({ id }: Pick<Heartbeat, 'id'>): { readonly accountId: string; readonly region: string } {
  const [accountId = '', region = ''] = id.split(' ');
  return { accountId, region };
}

/** Returns a row for each cluster, and one for each account and Region without any. Rows with troubles come first. */
export function fleetRows(fleet: KnownFleet, now: EpochMillis, expected: Expectations): readonly FleetRow[] {
  const places = new Map<string, Pick<FleetRow, 'grants' | 'stack' | 'listed'>>();
  for (const grants of fleet.sources) places.set(grants.id, { grants });
  for (const stack of fleet.reports) {
    const id = placeId(stack.accountId, stack.region);
    places.set(id, { ...places.get(id), stack });
  }
  const heard = new Set([...places.keys()].map((id) => placeOfSource({ id }).accountId));
  for (const [id, listed] of listedSpokes(fleet.rollOuts, now)) places.set(id, { ...places.get(id), listed });
  const clusters = clusterRows(fleet);
  const taken = new Set(clusters.map(({ accountId = '', region = '' }) => placeId(accountId, region)));
  for (const { accountId = '' } of clusters) heard.add(accountId);
  const empty = [...places.keys()].filter((id) => !taken.has(id)).map((id) => placeOfSource({ id }));
  const volumes = new Map(fleet.volumes.map((volume) => [volume.accountId, volume]));
  const placed = [...clusters, ...empty];
  const accounts = new Set(placed.map(({ accountId }) => accountId));
  const others = [...new Set([...fleet.volumes.map(({ accountId }) => accountId), ...expected.accounts])]
    .filter((accountId) => !accounts.has(accountId))
    .map((accountId) => ({ accountId }));
  const rows = [...placed, ...others].map((row: Omit<FleetRow, 'troubles'>): FleetRow => {
    const today = row.accountId === undefined ? undefined : volumes.get(row.accountId);
    const { accountId = '', region = '' } = row;
    const whole = { ...row, ...places.get(placeId(accountId, region)), today, troubles: [] };
    const isUnheard = !heard.has(accountId) && expected.accounts.includes(accountId);
    const unheard: Trouble[] = isUnheard ? [{ what: 'never-heard', kind: 'account', name: accountId }] : [];
    return { ...whole, troubles: [...unheard, ...troublesOf(whole, now, expected)] };
  });
  return rows.toSorted(byTrouble);
}

function clusterRows({ clusters, reports }: KnownFleet): Omit<FleetRow, 'troubles'>[] {
  const rows = new Map<string, Omit<FleetRow, 'troubles'>>();
  for (const events of clusters) {
    const fields = fieldsOfKey(asClusterKey(events.id));
    const { accountId, region } = clusterHome(fields);
    rows.set(events.id, { ...fields, accountId, region, events });
  }
  for (const { accountId, region, clusters: reported } of reports)
    for (const each of reported) {
      const arn = clusterArn({ name: each.name, accountId, region }) ?? each.name;
      const known = rows.get(arn) ?? { accountId, region, cluster: each.name, clusterArn: arn };
      rows.set(arn, { ...known, reported: each });
    }
  return [...rows.values()];
}

function troublesOf(row: FleetRow, now: EpochMillis, expected: Expectations): readonly Trouble[] {
  const { today, accountId } = row;
  const troubles: Trouble[] = row.cluster === undefined ? [] : clusterTroubles(row, now, expected);
  troubles.push(...placeTroubles(row, now, expected));
  if (accountId !== undefined && today !== undefined && isLeftOut(today, expected.ceiling))
    troubles.push({ what: 'over-ceiling', account: accountId });
  if (accountId !== undefined && today !== undefined && hasManyNewClusters(today))
    troubles.push({ what: 'many-new-clusters', account: accountId });
  return troubles;
}

/** Returns the troubles of the account and Region: its CloudTrail and its stack. */
function placeTroubles(row: FleetRow, now: EpochMillis, { hasTrail }: Expectations): Trouble[] {
  const { grants, stack } = row;
  const troubles = spokeTroubles(row, now);
  const since = grants && silentSource(grants, now);
  if (grants !== undefined && since !== undefined && !(stack?.isLast === true && now > since + GONE))
    troubles.push({ what: 'source-silent', ...placeOfSource(grants) });
  if (hasTrail && grants === undefined && isOverdue(stack, now))
    troubles.push({ what: 'source-unheard', accountId: stack.accountId, region: stack.region });
  if (stack !== undefined && now - stack.at >= SILENT_STACK && !(stack.isLast === true && now > stack.at + GONE))
    troubles.push({ what: 'stack-silent', accountId: stack.accountId, region: stack.region });
  return troubles;
}

/**
 * Returns the troubles that roll-outs show: a spoke could not be deployed, StackSets never tried to deploy it, it never reported although it
 * was deployed, or it reported its removal although it still counts as deployed. Whoever took over an account can remove its spoke.
 */
function spokeTroubles({ listed = [], stack, accountId, region }: FleetRow, now: EpochMillis): Trouble[] {
  if (accountId === undefined || region === undefined) return [];
  return listed.flatMap((spoke): Trouble[] => {
    const what = spokeTrouble(spoke, stack, now);
    return what === undefined ? [] : [{ what, by: spoke.by, accountId, region }];
  });
}

function spokeTrouble({ at, state, since = at }: ListedSpoke, stack: StackReport | undefined, now: EpochMillis) {
  if (state === 'failed') return 'spoke-failed';
  // A spoke that was deployed by hand reports too, so it is not missing.
  const isGone = stack === undefined || stack.isLast === true;
  if (state === 'missing') return isGone && isLongMissing(at, since) ? 'spoke-missing' : undefined;
  const isUnheard = stack === undefined ? now - since >= UNHEARD_SPOKE : isGone && at - stack.at >= UNHEARD_SPOKE;
  return isUnheard ? 'spoke-unheard' : undefined;
}

/** Returns whether a stack has been sending grants for so long that one must have arrived. */
function isOverdue(stack: StackReport | undefined, now: EpochMillis): stack is StackReport {
  return stack?.grantsSince !== undefined && stack.isLast !== true && now - stack.grantsSince >= UNHEARD_SOURCE;
}

function clusterTroubles(row: FleetRow, now: EpochMillis, { clusterSilence }: Expectations): Trouble[] {
  const { events, reported } = row;
  const cluster = clusterText(row);
  const troubles: Trouble[] = [];
  if (reported?.isUnheard === true) troubles.push({ what: 'cluster-unheard', cluster, standing: reported.standing });
  if (events !== undefined && isRecent(events, now) && events.lag > LATE_EVENTS)
    troubles.push({ what: 'cluster-late', cluster });
  if (clusterSilence === 0) return troubles;
  const since = events && silentSince(events, now, { shortest: clusterSilence, late: 0 });
  if (since !== undefined && !isKnownGone(row, now, since + clusterSilence))
    troubles.push({ what: 'cluster-silent', cluster });
  const expected = reported && epochMillis(reported.since + clusterSilence);
  if (events === undefined && expected !== undefined && now >= expected && !isKnownGone(row, now, expected))
    troubles.push({ what: 'never-heard', kind: 'cluster', name: cluster });
  return troubles;
}

/**
 * Returns whether the cluster is known to be gone, and its silence has raised the alarm for a day. It is known to be gone if the stack of
 * the account and Region was removed, has no such cluster, or says that somebody unsubscribed it.
 */
function isKnownGone({ stack, reported }: FleetRow, now: EpochMillis, begun: number): boolean {
  if (stack === undefined || now <= begun + GONE) return false;
  if (stack.isLast === true) return true;
  return now - stack.at < SILENT_STACK && (reported === undefined || reported.standing === UNSUBSCRIBED);
}

/** The standing of a cluster that somebody unsubscribed on purpose. */
export const UNSUBSCRIBED = 'unsubscribed';

/** Returns the troubles of the whole fleet, each once. */
export function fleetTroubles(fleet: KnownFleet, now: EpochMillis, expected: Expectations): readonly Trouble[] {
  const all = fleetRows(fleet, now, expected).flatMap(({ troubles }) => troubles);
  const each = new Map(all.map((trouble) => [troubleText(trouble), trouble]));
  return [...neverHeard(fleet, expected), ...rollOutTroubles(fleet, now), ...each.values()];
}

function rollOutTroubles({ rollOuts, reports }: KnownFleet, now: EpochMillis): readonly Trouble[] {
  const stacks = new Map(reports.map((stack) => [placeId(stack.accountId, stack.region), stack]));
  return rollOuts.flatMap((rollOut): Trouble[] => {
    const { accountId: account, at, missing } = rollOut;
    if (isSilentRollOut(rollOut, stacks, now)) return [{ what: 'roll-out-silent', account }];
    return missing === undefined && now - at < DAY ? [{ what: 'accounts-unlisted', account }] : [];
  });
}

/**
 * Returns a trouble for everything that was never heard, as after the first deployment. Such a trouble ends when the
 * first event arrives.
 */
function neverHeard({ sources, clusters }: KnownFleet, expected: Expectations): readonly Trouble[] {
  const source: Trouble[] = sources.length === 0 && expected.hasTrail ? [{ what: 'never-heard', kind: 'source' }] : [];
  if (expected.clusterSilence === 0) return source;
  const heard = new Set(clusters.map(({ id }) => id));
  const missing = expected.clusters.filter((key) => !heard.has(key));
  return [
    ...missing.map((name) => ({ what: 'never-heard', kind: 'cluster', name }) as const),
    ...(clusters.length === 0 && expected.clusters.length === 0
      ? [{ what: 'never-heard', kind: 'cluster' } as const]
      : []),
    ...source,
  ];
}

/** How long the lag of a cluster's last delivery counts, in milliseconds. */
const RECENT = 10 * MINUTE;
/** The minimum lag of a cluster that is late, in milliseconds. The audit log is usually delivered within three minutes (FACTS). */
const LATE_EVENTS = 15 * MINUTE;

function isRecent({ heardAt }: Heartbeat, now: EpochMillis): boolean {
  return now - heardAt <= RECENT;
}

/**
 * Returns the lag that at least half of the accounts have, in milliseconds. It counts accounts whose clusters were heard within ten minutes.
 * An account states the times of its events itself. So one late account does not change this lag: it is a trouble of its own clusters.
 */
export function commonLag(clusters: readonly Heartbeat[], now: EpochMillis): number {
  const recent = clusters.filter((each) => isRecent(each, now));
  const ofEach = Map.groupBy(recent, ({ id }) => accountOfKey(asClusterKey(id)));
  const lags = [...ofEach.values()].map((ofOne) => Math.max(...ofOne.map(({ lag }) => lag))).sort((a, b) => a - b);
  return lags[Math.floor((lags.length - 1) / 2)] ?? 0;
}

function byTrouble(a: FleetRow, b: FleetRow): number {
  const place = ({ accountId = '', region = '', cluster = '' }: FleetRow) => `${accountId} ${region} ${cluster}`;
  return Number(b.troubles.length > 0) - Number(a.troubles.length > 0) || (place(a) < place(b) ? -1 : 1);
}

/** Returns the silence of a source as a fact, from its last record on. */
export function lastingSilence(source: Heartbeat, now: EpochMillis) {
  const from = silentSource(source, now);
  return from === undefined ? undefined : { ...placeOfSource(source), from: epochMillis(from) };
}
