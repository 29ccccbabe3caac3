import { commonLag, type Expectations, fleetTroubles, lastingSilence } from '../../heartbeats/fleet.ts';
import { accountOfTrouble, type Trouble, troubleText } from '../../heartbeats/trouble.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { Volumes } from '../../ports/volumes.ts';
import { RecentMap } from '../../recent-map.ts';
import { DAY, type EpochMillis, SECOND } from '../../time.ts';
import { inTurns } from '../../turns.ts';
import { keepFound } from '../grants/wake.ts';
import type { HearingService } from './hear.ts';

export interface WatchService extends HearingService {
  readonly metrics: Metrics;
  readonly volumes: Volumes;
  readonly expected: Expectations;
  /** The troubles that this process reported by name before. If absent, only those of this run count. */
  readonly named?: NamedTroubles | undefined;
}

/** Limits the troubles that one run reports by name. Each name is a metric, which costs money. */
export const MOST_TROUBLES = 100;
/**
 * Limits how many troubles of one account are reported by name, and how many without an account. Accounts that hand
 * events over choose the names of their clusters. They can also hide whose clusters these are.
 */
export const MOST_OF_ACCOUNT = 5;
/**
 * Limits how many different troubles of one account are reported by name within a day. Otherwise an account could
 * report other clusters each minute. Each time, five metrics and five messages would result.
 */
export const MOST_OF_DAY = 20;

/**
 * The troubles of each account that were reported by name within a day. They are not stored, because one process of
 * settle does nearly all runs.
 */
export class NamedTroubles {
  readonly #accounts = new RecentMap<string | undefined, Map<string, EpochMillis>>(MOST_REMEMBERED);

  /** Returns whether the trouble may be reported by name. If so, notes that it was. */
  take(trouble: Trouble, now: EpochMillis): boolean {
    const [account, text] = [accountOfTrouble(trouble), troubleText(trouble)];
    const before = [...(this.#accounts.get(account) ?? [])].filter(([, at]) => at > now - DAY);
    const named = new Map(before);
    if (!named.has(text) && named.size >= MOST_OF_DAY) return false;
    this.#accounts.set(account, named.set(text, named.get(text) ?? now));
    return true;
  }
}

const MOST_REMEMBERED = 2_000;

/**
 * Checks all heartbeats and reports, and counts each trouble in the metrics by its name. A source that is silent now
 * becomes a fact. Answers by session name then say that grants may be missing.
 */
export async function watch(service: WatchService): Promise<void> {
  const { heartbeats, volumes, clock, metrics, expected, named = new NamedTroubles() } = service;
  const now = clock();
  const [sources, clusters, reports, rollOuts, today] = await Promise.all([
    heartbeats.all('source'),
    heartbeats.all('cluster'),
    heartbeats.reports(),
    heartbeats.rollOuts(),
    volumes.today(),
  ]);
  const facts = sources.flatMap((source) => {
    const silence = lastingSilence(source, now);
    return silence === undefined ? [] : [{ silence }];
  });
  if (facts.length > 0) await keepFound(facts, service, now);
  metrics.add('ClusterLag', commonLag(clusters, now) / SECOND);
  const found = fleetTroubles({ sources, clusters, reports, rollOuts, volumes: today }, now, expected);
  for (const trouble of shownOf(found, (each) => named.take(each, now)))
    metrics.add('FleetTrouble', trouble.what === 'more' ? trouble.count : 1, troubleText(trouble));
}

/**
 * Returns the troubles to report by name, with the accounts in turn. One more stands for the rest of each account, and
 * one for all others.
 */
function shownOf(found: readonly Trouble[], mayHaveName: (trouble: Trouble) => boolean): readonly Trouble[] {
  const ofAccounts = [...Map.groupBy(found, accountOfTrouble)].flatMap(([account, of]) => {
    const shown = of.slice(0, MOST_OF_ACCOUNT).filter(mayHaveName);
    return withMore(shown, of.length - shown.length, account === undefined ? {} : { account });
  });
  const all = inTurns(ofAccounts, (trouble) => [accountOfTrouble(trouble)]);
  return withMore(all.slice(0, MOST_TROUBLES), all.length - MOST_TROUBLES);
}

function withMore(
  troubles: readonly Trouble[],
  count: number,
  of: { readonly account?: string } = {},
): readonly Trouble[] {
  return count > 0 ? [...troubles, { what: 'more', count, ...of }] : troubles;
}
