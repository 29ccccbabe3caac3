import { type Expectations, type FleetRow, fleetRows, silentSource } from '../../heartbeats/fleet.ts';
import { type Heartbeat, silentSince } from '../../heartbeats/heartbeat.ts';
import type { StackReport } from '../../heartbeats/report.ts';
import type { RollOut } from '../../heartbeats/roll-out.ts';
import { NO_VOLUME, sumOf, type Volume } from '../../heartbeats/volume.ts';
import { asClusterKey, type ClusterFields } from '../../identity/cluster.ts';
import { present } from '../../json.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Heartbeats } from '../../ports/heartbeats.ts';
import type { Volumes } from '../../ports/volumes.ts';
import { DAY, type EpochMillis, formatInstant, SECOND } from '../../time.ts';
import { fewerInTurns } from '../../turns.ts';
import { attributedChanges, type ChangeLookup, type ChangeRow, homeOf, newestFirst } from '../changes/changes.ts';
import type { PartialRollOut } from './partial-roll-out.ts';

/** The answer of `GET /fleet`. */
export interface FleetAnswer {
  readonly at: string;
  readonly fleet: readonly FleetEntry[];
  /** The number of rows that were left out, because the answer has a limit. */
  readonly left?: number;
  /** The reports of roll-outs that are not complete. */
  readonly partialRollOuts?: readonly PartialRollOut[];
}

/** A row of the fleet: an account and Region, and either one cluster or none. */
export interface FleetEntry extends ClusterFields {
  readonly region?: string;
  readonly events?: HeardEntry;
  readonly grants?: HeardEntry;
  /** The latest change to the subscription filters of the cluster's log group, and who made it. */
  readonly filter?: FilterChangeEntry;
  readonly subscription?: { readonly standing: string; readonly why?: string };
  readonly stack?: { readonly version: string; readonly reportedAt: string; readonly removed?: true };
  /** What each account that deploys spokes of an organization reports about this account and Region. */
  readonly rollOut?: readonly RollOutEntry[];
  /** The volume that all clusters of the account sent today (UTC), and what the ceiling left out of it. */
  readonly today?: Volume;
  readonly troubles: readonly string[];
}

export interface RollOutEntry {
  readonly reportedBy: string;
  readonly state: 'deployed' | 'failed' | 'missing';
  readonly why?: string;
}

/** A change of a subscription filter. The caller chose the filter's name: escape it before you show it. */
export interface FilterChangeEntry
  extends Pick<ChangeRow, 'time' | 'eventName' | 'eventId' | 'caller' | 'attribution'> {
  readonly filterName?: string | undefined;
  readonly ip?: string | undefined;
}

/** When a source of grants or a cluster was last heard. */
export interface HeardEntry {
  /** The time of the latest event or grant. */
  readonly last: string;
  /** When the hub last received anything from it. */
  readonly heardAt: string;
  readonly lagSeconds: number;
  readonly silentSince?: string;
  /** Silences that have ended, the latest first. */
  readonly silences: readonly { readonly from: string; readonly to: string }[];
}

/** The maximum number of rows of an answer. */
export const MOST_FLEET_ROWS = 4_000;

/**
 * The maximum number of changes of filters that are attributed to a person, the latest first. Each takes some requests.
 */
const MOST_ATTRIBUTED = 100;

export interface FleetService {
  readonly whois: ChangeLookup;
  readonly heartbeats: Heartbeats;
  readonly volumes: Volumes;
  readonly clock: Clock;
  readonly expected: Expectations;
}

/**
 * Returns when each account, Region and cluster was last heard. Rows with troubles come first. It reads only the hub's
 * table.
 * @param most the maximum number of rows.
 */
export async function fleet(
  { heartbeats, volumes, whois, clock, expected }: FleetService,
  most = MOST_FLEET_ROWS,
): Promise<FleetAnswer> {
  const [sources, clusters, reports, rollOuts, today] = await Promise.all([
    heartbeats.all('source'),
    heartbeats.all('cluster'),
    heartbeats.reports(),
    heartbeats.rollOuts(),
    volumes.today(),
  ]);
  const now = clock();
  const rows = fleetRows({ sources, clusters, reports, rollOuts, volumes: today }, now, expected);
  const left = rows.length - most;
  const listed = fewerInTurns(rows, accountsOfRow, most);
  const filters = await filtersOf(listed, heartbeats, whois);
  const partial = partialRollOuts(rollOuts, now);
  return {
    at: formatInstant(now),
    fleet: listed.map((row) => entryOf(row, filters.get(row.clusterArn), now, expected)),
    ...(left > 0 && { left }),
    ...(partial.length > 0 && { partialRollOuts: partial }),
  };
}

function partialRollOuts(rollOuts: readonly RollOut[], now: EpochMillis): readonly PartialRollOut[] {
  const partial = rollOuts.filter(
    ({ at, missing, left }) => now - at < DAY && (left !== undefined || missing === undefined),
  );
  return partial.map(({ accountId, missing, left }) =>
    present({ reportedBy: accountId, left, accountsUnlisted: missing === undefined || undefined }),
  );
}

/**
 * Returns the accounts among which a row is counted when space is shared. A row that only roll-outs report may be
 * invented. So it counts for the accounts that reported it.
 */
function accountsOfRow({ accountId, origin, grants, stack, cluster, today, listed = [] }: FleetRow) {
  const isHeard = [grants, stack, cluster, today].some((each) => each !== undefined);
  return isHeard || listed.length === 0 ? [accountId ?? origin?.handedOverBy] : listed.map(({ by }) => by);
}

/** Returns, for each cluster's ARN, the latest change of its subscription filters. */
async function filtersOf(
  rows: readonly FleetRow[],
  heartbeats: Heartbeats,
  whois: ChangeLookup,
): Promise<ReadonlyMap<string | undefined, FilterChangeEntry>> {
  const clusters = [...new Set(rows.flatMap(({ clusterArn }) => clusterArn ?? []))];
  const changes = (await heartbeats.filterChanges(clusters.map(asClusterKey))).toSorted(newestFirst);
  const latest = await attributedChanges(changes.slice(0, MOST_ATTRIBUTED), whois);
  return new Map(
    changes.map((change, at) => {
      const { at: when, eventName, eventId, filterName, caller, ip } = change;
      const time = formatInstant(when);
      const { attribution } = latest[at] ?? {};
      const entry = { time, eventName, eventId, filterName, caller, ip, attribution };
      return [homeOf(change).clusterArn, present<FilterChangeEntry>(entry)];
    }),
  );
}

function entryOf(
  row: FleetRow,
  filter: FilterChangeEntry | undefined,
  now: EpochMillis,
  { clusterSilence }: Expectations,
): FleetEntry {
  const { accountId, region, cluster, clusterArn, origin, events, grants, reported, stack, listed, today, troubles } =
    row;
  const ofEvents =
    events && clusterSilence > 0 ? silentSince(events, now, { shortest: clusterSilence, late: 0 }) : undefined;
  const ofGrants = grants && silentSource(grants, now);
  return present<FleetEntry>({
    accountId,
    region,
    cluster,
    clusterArn,
    origin,
    events: events && heardEntry({ ...events, pauses: [] }, ofEvents),
    grants: grants && heardEntry(grants, ofGrants),
    filter,
    subscription: reported && present({ standing: reported.standing, why: reported.why }),
    stack: stack && stackEntry(stack),
    rollOut: listed?.map(({ by, state, why }) => present<RollOutEntry>({ reportedBy: by, state, why })),
    today: today && volumeEntry(today),
    troubles: troubles.map(({ what }) => what),
  });
}

/** Returns the volume without its account, because the row already has it. */
function volumeEntry(volume: Volume): Volume {
  return sumOf(NO_VOLUME, volume);
}

function stackEntry({ version, at, isLast }: StackReport): NonNullable<FleetEntry['stack']> {
  return { version, reportedAt: formatInstant(at), ...(isLast === true && { removed: true }) };
}

function heardEntry({ last, heardAt, lag, pauses }: Heartbeat, silent: EpochMillis | undefined): HeardEntry {
  const silences = pauses.filter(({ isSilence }) => isSilence).toReversed();
  return present<HeardEntry>({
    last: formatInstant(last),
    heardAt: formatInstant(heardAt),
    lagSeconds: Math.round(lag / SECOND),
    silentSince: silent && formatInstant(silent),
    silences: silences.map(({ from, to }) => ({ from: formatInstant(from), to: formatInstant(to) })),
  });
}
