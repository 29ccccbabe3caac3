import type { Silence } from '../../attribution/silence.ts';
import { type TrailSource, trailSourceOf } from '../../cloudtrail/trail-source.ts';
import { mapConcurrently } from '../../concurrency.ts';
import { isWithin, SHORTEST_PAUSE } from '../../heartbeats/heartbeat.ts';
import { MOST_REGIONS } from '../../heartbeats/report.ts';
import { placeId } from '../../heartbeats/roll-out.ts';
import { MOST_NEW_CLUSTERS } from '../../heartbeats/volume.ts';
import { type ClusterKey, clusterKeyOf } from '../../identity/cluster.ts';
import type { JsonObject } from '../../json.ts';
import type { Clock } from '../../ports/clock.ts';
import type { HeartbeatChange, Heartbeats } from '../../ports/heartbeats.ts';
import type { SessionStore } from '../../ports/sessions.ts';
import type { Volumes } from '../../ports/volumes.ts';
import type { EpochMillis } from '../../time.ts';
import { keepFound, type WakeStores } from '../grants/wake.ts';
import type { DeliveredEvent } from '../ingest/batch.ts';
import { isEndOfLongRequest } from '../ingest/ingest.ts';

export interface HearingService extends WakeStores {
  readonly heartbeats: Heartbeats;
  readonly sessions: SessionStore;
  readonly clock: Clock;
}

/**
 * Notes that the sources of these records were heard. If a silence begins or ends with them, it becomes a fact. Answers
 * that may lack a grant of that time are then decided again.
 */
export async function hearSources(
  records: readonly { readonly record: JsonObject }[],
  service: HearingService,
): Promise<void> {
  await eachSource(records, service, hearSource);
}

/** Notes records that were loaded long after they were written. Their times no longer count as silent. */
export async function fillSilences(
  records: readonly { readonly record: JsonObject }[],
  service: HearingService,
): Promise<void> {
  await eachSource(records, service, async (source, times, { heartbeats }) => {
    const change = await heartbeats.fill('source', sourceId(source), times);
    return change === undefined ? [] : changedSilences(change, times);
  });
}

type SourceListener = (
  source: TrailSource,
  times: readonly EpochMillis[],
  service: HearingService,
) => Promise<readonly Omit<Silence, 'accountId' | 'region'>[]>;

/** Notes the calls of each source. Stores the silences that began, ended or became shorter. */
async function eachSource(
  records: readonly { readonly record: JsonObject }[],
  service: HearingService,
  hear: SourceListener,
): Promise<void> {
  const calls = records.flatMap(({ record }) => trailSourceOf(record) ?? []);
  const silences = await mapConcurrently([...Map.groupBy(calls, sourceId).values()], async (of) => {
    const [source] = of;
    if (source === undefined) return [];
    const { accountId, region } = source;
    const times = of.map(({ at }) => at);
    return (await hear(source, times, service)).map((silence) => ({ accountId, region, ...silence }));
  });
  const facts = silences.flat().map((silence) => ({ silence }));
  if (facts.length > 0) await keepFound(facts, service, service.clock());
}

/** Returns the name of a source: its account and Region. */
export function sourceId({ accountId, region }: Pick<TrailSource, 'accountId' | 'region'>): string {
  return placeId(accountId, region);
}

async function hearSource(source: TrailSource, times: readonly EpochMillis[], service: HearingService) {
  const change = await service.heartbeats.hear('source', sourceId(source), times);
  if (change === undefined || change === 'over-limit') return [];
  const changed = changedSilences(change, times);
  const open = await openSilence(change, source, service.sessions);
  if (open === undefined || changed.some(({ from }) => from === open.from)) return changed;
  return [...changed, { from: open.from, to: open.from }];
}

/**
 * Returns the silences that are new, and those that late records ended or shortened. If a late record splits a
 * silence, its second part is a new silence.
 */
function changedSilences({ before, after }: HeartbeatChange, times: readonly EpochMillis[]) {
  const old = (before?.pauses ?? []).filter(({ isSilence }) => isSilence);
  const present = after.pauses.filter(({ isSilence }) => isSilence);
  const shortened = old.flatMap(({ from, to }) => {
    if (!times.some((at) => isWithin({ from, to }, at))) return [];
    return { from, to: present.find((pause) => pause.from === from)?.to ?? from };
  });
  const news = present.filter(({ from }) => !old.some((pause) => pause.from === from));
  return [...shortened, ...news.map(({ from, to }) => ({ from, to }))];
}

/**
 * Returns the open silence that settle noted before this source was heard again. Undefined if there is none. The caller
 * ends it at its beginning: if its records were only late, there was no silence.
 */
async function openSilence(
  { before, after }: HeartbeatChange,
  { accountId, region }: TrailSource,
  sessions: SessionStore,
): Promise<Silence | undefined> {
  if (before === undefined || after.heardAt - before.heardAt < SHORTEST_PAUSE) return undefined;
  const known = await sessions.answer([{ kind: 'silences-of-account', accountId }], 'any');
  return known
    .flatMap(({ silence }) => silence ?? [])
    .find((silence) => silence.region === region && silence.to === undefined);
}

/**
 * Limits the clusters that are noted from one delivery. A delivery comes from one log group, so its clusters differ
 * only in their Region.
 */
const MOST_OF_DELIVERY = MOST_REGIONS;

/**
 * Notes that the clusters of these events were heard. An account that hands over events may have invented its clusters.
 * So it can add only a limited number of new clusters, for each day and in all. Beyond the limit, only clusters that
 * were heard before are noted.
 */
export async function hearClusters(
  events: readonly DeliveredEvent[],
  { heartbeats, volumes }: { readonly heartbeats: Heartbeats; readonly volumes: Volumes },
  handedOverBy?: string,
): Promise<void> {
  const times = new Map<ClusterKey, EpochMillis[]>();
  for (const { event, site } of events) {
    // The end of a long request arrives long after the time in it, so it says nothing about a late delivery.
    if (event.at === undefined || isEndOfLongRequest(event)) continue;
    const key = clusterKeyOf(site);
    const known = times.get(key);
    if (known === undefined) times.set(key, [event.at]);
    else known.push(event.at);
  }
  if (handedOverBy === undefined)
    await mapConcurrently([...times], async ([key, of]) => await heartbeats.hear('cluster', key, of));
  else await hearHandedOver([...times].slice(0, MOST_OF_DELIVERY), { heartbeats, volumes }, handedOverBy);
}

async function hearHandedOver(
  times: readonly (readonly [ClusterKey, readonly EpochMillis[]])[],
  { heartbeats, volumes }: { readonly heartbeats: Heartbeats; readonly volumes: Volumes },
  sender: string,
): Promise<void> {
  for (const [key, of] of times) {
    const mayBegin = (await volumes.of(sender)).newClusters < MOST_NEW_CLUSTERS;
    const change = await heartbeats.hear('cluster', key, of, { sender, mayBegin });
    if (change === 'over-limit') await volumes.add(sender, { newClusters: 1, leftOutClusters: 1 });
    else if (change !== undefined && change.before === undefined) await volumes.add(sender, { newClusters: 1 });
  }
}
