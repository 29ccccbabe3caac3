import { commonLag, type Expectations, fleetTroubles, lastingSilence } from '../../heartbeats/fleet.ts';
import { accountOfTrouble, troubleText } from '../../heartbeats/trouble.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { Volumes } from '../../ports/volumes.ts';
import { SECOND } from '../../time.ts';
import { inTurns } from '../../turns.ts';
import { keepFound } from '../grants/wake.ts';
import type { HearingService } from './hear.ts';

export interface WatchService extends HearingService {
  readonly metrics: Metrics;
  readonly volumes: Volumes;
  readonly expected: Expectations;
}

/** The maximum number of troubles with a name in one run. Each name is a metric that costs money. */
export const MOST_TROUBLES = 100;

/**
 * Looks at all heartbeats and reports, and counts each trouble in the metrics, by its name. A source that is silent now becomes a fact, so
 * that answers by name say that grants may be missing.
 */
export async function watch(service: WatchService): Promise<void> {
  const { heartbeats, volumes, clock, metrics, expected } = service;
  const now = clock();
  const [sources, clusters, reports, today] = await Promise.all([
    heartbeats.all('source'),
    heartbeats.all('cluster'),
    heartbeats.reports(),
    volumes.today(),
  ]);
  const facts = sources.flatMap((source) => {
    const silence = lastingSilence(source, now);
    return silence === undefined ? [] : [{ silence }];
  });
  if (facts.length > 0) await keepFound(facts, service, now);
  metrics.add('ClusterLag', commonLag(clusters, now) / SECOND);
  if (expected.clusterSilence === 0) return;
  const found = fleetTroubles({ sources, clusters, reports, volumes: today }, now, expected);
  const troubles = inTurns(found, (trouble) => [accountOfTrouble(trouble)]);
  const more = troubles.length - MOST_TROUBLES;
  const shown = more > 0 ? [...troubles.slice(0, MOST_TROUBLES), { what: 'more', count: more } as const] : troubles;
  for (const trouble of shown) metrics.add('FleetTrouble', 1, troubleText(trouble));
}
