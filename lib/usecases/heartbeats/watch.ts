import type { Silence } from '../../attribution/silence.ts';
import { type Heartbeat, SHORTEST_PAUSE, silentSince } from '../../heartbeats/heartbeat.ts';
import { type Trouble, troubleText } from '../../heartbeats/trouble.ts';
import { asClusterKey, clusterText, fieldsOfKey } from '../../identity/cluster.ts';
import type { Metrics } from '../../ports/metrics.ts';
import { type EpochMillis, MINUTE, SECOND } from '../../time.ts';
import { keepFound } from '../grants/wake.ts';
import type { HearingService } from './hear.ts';

/** What has to be heard. */
export interface Expectations {
  /** For how long a cluster must be silent to be in trouble, in milliseconds. 0 for no alarm. */
  readonly clusterSilence: number;
  /** Names of clusters of the service's own account that must be heard, even if they never were. */
  readonly clusters: readonly string[];
  /** Whether a trail sends grants. */
  readonly hasTrail: boolean;
}

export interface WatchService extends HearingService {
  readonly metrics: Metrics;
  readonly expected: Expectations;
}

/** How late CloudTrail's records usually are at most, in milliseconds (FACTS). A source that is silent for less may just be late. */
export const LATE_RECORDS = 15 * MINUTE;

/** For how long the lag of a cluster's last delivery counts, in milliseconds. */
const RECENT = 10 * MINUTE;

/** The most troubles with a name in one run. Each name is a metric that costs money. */
export const MOST_TROUBLES = 100;

/**
 * Looks at all heartbeats, and counts what is silent in the metrics, by its name. A source that is silent now becomes a fact, so that
 * answers by name say that grants may be missing.
 */
export async function watch(service: WatchService): Promise<void> {
  const { heartbeats, clock, metrics, expected } = service;
  const now = clock();
  const [sources, clusters] = await Promise.all([heartbeats.all('source'), heartbeats.all('cluster')]);
  const silences = sources.flatMap((source) => lastingSilence(source, now) ?? []);
  const facts = silences.map((silence) => ({ silence }));
  if (facts.length > 0) await keepFound(facts, service, now);
  metrics.add('ClusterLag', lagOf(clusters, now) / SECOND);
  if (expected.clusterSilence === 0) return;
  const troubles = [
    ...neverHeard(sources, clusters, expected),
    ...clusters.flatMap((cluster) => silentCluster(cluster, now, expected) ?? []),
    ...silences.map(({ accountId, region }) => ({ what: 'source-silent', accountId, region }) as const),
  ];
  const more = troubles.length - MOST_TROUBLES;
  const shown = more > 0 ? [...troubles.slice(0, MOST_TROUBLES), { what: 'more', count: more } as const] : troubles;
  for (const trouble of shown) metrics.add('FleetTrouble', 1, troubleText(trouble));
}

function lastingSilence(source: Heartbeat, now: EpochMillis): Silence | undefined {
  const from = silentSince(source, now, { shortest: SHORTEST_PAUSE, late: LATE_RECORDS });
  return from === undefined ? undefined : { ...placeOfSource(source), from };
}

/** Returns the account and Region of a source. */
export function placeOfSource({ id }: Pick<Heartbeat, 'id'>): { readonly accountId: string; readonly region: string } {
  const [accountId = '', region = ''] = id.split(' ');
  return { accountId, region };
}

function silentCluster(cluster: Heartbeat, now: EpochMillis, { clusterSilence }: Expectations): Trouble | undefined {
  const since = silentSince(cluster, now, { shortest: clusterSilence, late: 0 });
  return since === undefined ? undefined : { what: 'cluster-silent', cluster: nameOfCluster(cluster) };
}

function nameOfCluster({ id }: Pick<Heartbeat, 'id'>): string {
  return clusterText(fieldsOfKey(asClusterKey(id)));
}

/** Returns what was never heard, as after the first deployment: it ends when the first event arrives. */
function neverHeard(
  sources: readonly Heartbeat[],
  clusters: readonly Heartbeat[],
  { hasTrail, clusters: names }: Expectations,
): readonly Trouble[] {
  const heard = new Set(clusters.map(({ id }) => fieldsOfKey(asClusterKey(id)).cluster));
  const missing = names.filter((name) => !heard.has(name));
  return [
    ...missing.map((name) => ({ what: 'never-heard', kind: 'cluster', name }) as const),
    ...(clusters.length === 0 && names.length === 0 ? [{ what: 'never-heard', kind: 'cluster' } as const] : []),
    ...(sources.length === 0 && hasTrail ? [{ what: 'never-heard', kind: 'source' } as const] : []),
  ];
}

function lagOf(clusters: readonly Heartbeat[], now: EpochMillis): number {
  return Math.max(0, ...clusters.filter(({ heardAt }) => now - heardAt <= RECENT).map(({ lag }) => lag));
}
