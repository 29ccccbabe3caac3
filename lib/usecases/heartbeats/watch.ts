import { commonLag, type Expectations, fleetTroubles, lastingSilence } from '../../heartbeats/fleet.ts';
import { accountOfTrouble, type Trouble, troubleText } from '../../heartbeats/trouble.ts';
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
 * The maximum number of troubles of one account with a name, and of those without an account. Whoever hands events over chooses the names of its clusters,
 * and can make it unknown whose they are.
 */
export const MOST_OF_ACCOUNT = 5;

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
  const found = fleetTroubles({ sources, clusters, reports, volumes: today }, now, expected);
  for (const trouble of shownOf(found))
    metrics.add('FleetTrouble', trouble.what === 'more' ? trouble.count : 1, troubleText(trouble));
}

/** Returns the troubles to name, by turns, with one for all that are left out of an account and one for all others. */
function shownOf(found: readonly Trouble[]): readonly Trouble[] {
  const ofAccounts = [...Map.groupBy(found, accountOfTrouble)].flatMap(([account, of]) =>
    withMore(of, MOST_OF_ACCOUNT, account === undefined ? {} : { account }),
  );
  return withMore(
    inTurns(ofAccounts, (trouble) => [accountOfTrouble(trouble)]),
    MOST_TROUBLES,
  );
}

function withMore(
  troubles: readonly Trouble[],
  most: number,
  of: { readonly account?: string } = {},
): readonly Trouble[] {
  const count = troubles.length - most;
  return count > 0 ? [...troubles.slice(0, most), { what: 'more', count, ...of }] : troubles;
}
