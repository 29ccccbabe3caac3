import { type FilterChange, isLaterChange } from '../../cloudtrail/filter-change.ts';
import {
  changesPauses,
  endsPause,
  filled,
  HEARD_KINDS,
  type HeardKind,
  type Heartbeat,
  heard,
  type Pause,
} from '../../heartbeats/heartbeat.ts';
import { MOST_REGIONS, type ReportedCluster, type StackReport, withSince } from '../../heartbeats/report.ts';
import type { ClusterKey } from '../../identity/cluster.ts';
import type { HeartbeatChange, Heartbeats } from '../../ports/heartbeats.ts';
import { RecentMap } from '../../recent-map.ts';
import { type EpochMillis, MINUTE } from '../../time.ts';
import { current, expiry } from '../expiry.ts';
import { changeItem } from './change-item.ts';
import { filterChange } from './change-shape.ts';
import type { TableHandle } from './database.ts';
import { checkedKey, fitted, type Key } from './keys.ts';
import { type Item, queryRequest } from './requests.ts';
import { exactOptional, flag, instant, listOf, number, objectOf, oneOf, read, text } from './shape.ts';
import { TABLES } from './tables.ts';

const heartbeat = objectOf<Heartbeat>({
  kind: oneOf(HEARD_KINDS),
  id: text,
  first: instant,
  last: instant,
  heardAt: instant,
  lag: number,
  pauses: listOf(objectOf<Pause>({ from: instant, to: instant, isSilence: flag })),
});

interface HeartbeatUpdate {
  readonly change: HeartbeatChange | undefined;
  /** The heartbeat as it is stored now. */
  readonly stored: Heartbeat | undefined;
}

/** The most heartbeats that a process remembers. */
const MOST_REMEMBERED = 5_000;

/** Heartbeats in the claims table: an item for each source and each cluster. */
export class DynamoDbHeartbeats implements Heartbeats {
  readonly #of: TableHandle;
  readonly #known = new RecentMap<string, Heartbeat>(MOST_REMEMBERED);

  constructor(of: TableHandle) {
    this.#of = of;
  }

  async hear(
    kind: HeardKind,
    id: string,
    times: readonly EpochMillis[],
    mayBegin = true,
  ): Promise<HeartbeatChange | undefined> {
    const key = keyOf(kind, id);
    const isNews = (known: Heartbeat | undefined, now: EpochMillis) =>
      known === undefined || now >= known.heardAt + MINUTE || changesPauses(known, times);
    if (!isNews(this.#known.get(key.sort), this.#of.clock())) return undefined;
    const { change, stored } = await changeItem<HeartbeatUpdate>(this.#of, key, 'Deliver it again.', (item, now) => {
      const before = item && readHeartbeat(item);
      const isTaken = mayBegin || before !== undefined;
      const after = isTaken && isNews(before, now) ? heard(before, { kind, id }, times, now) : undefined;
      if (after === undefined) return { result: { change: undefined, stored: before } };
      const written = { heartbeat: after, expires: expiry(now, this.#of.keep) };
      return { item: written, result: { change: { before, after }, stored: after } };
    });
    if (stored !== undefined) this.#known.set(key.sort, stored);
    return change;
  }

  async fill(kind: HeardKind, id: string, times: readonly EpochMillis[]): Promise<HeartbeatChange | undefined> {
    return changeItem<HeartbeatChange | undefined>(this.#of, keyOf(kind, id), 'Load it again.', (item, now) => {
      const before = item && readHeartbeat(item);
      if (before === undefined || !endsPause(before, times)) return { result: undefined };
      const after = filled(before, times);
      return { item: { heartbeat: after, expires: expiry(now, this.#of.keep) }, result: { before, after } };
    });
  }

  async report(report: StackReport): Promise<boolean> {
    const key = checkedKey({ partition: REPORTS, sort: fitted(`${report.accountId} ${report.region}`) });
    return changeItem<boolean>(this.#of, key, 'Deliver it again.', async (item, now) => {
      const before = item && read(reportShape, item.report, 'report');
      if (before !== undefined && before.at > report.at) return { result: true };
      if (before === undefined && !(await this.#hasRoomFor(report))) return { result: false };
      return { item: { report: withSince(report, before), expires: expiry(now, this.#of.keep) }, result: true };
    });
  }

  /** Returns whether the account may have a stack in one more Region. */
  async #hasRoomFor({ accountId }: StackReport): Promise<boolean> {
    const { database, table, clock } = this.#of;
    const ofAccount = { from: `${accountId} `, to: `${accountId} ~`, limit: MOST_REGIONS } as const;
    const request = queryRequest(table, TABLES.claims.key, { hash: REPORTS, order: 'ascending', ...ofAccount });
    return current(await database.query(request), clock()).length < MOST_REGIONS;
  }

  async changeFilter(cluster: ClusterKey, change: FilterChange): Promise<void> {
    await changeItem<void>(this.#of, filterKey(cluster), 'Deliver it again.', (item, now) => {
      const before = item && read(filterChange, item.change, 'change');
      if (before !== undefined && !isLaterChange(change, before)) return { result: undefined };
      return { item: { change, expires: expiry(now, this.#of.keep) }, result: undefined };
    });
  }

  async filterChanges(clusters: readonly ClusterKey[]): Promise<readonly FilterChange[]> {
    const { database, table, clock } = this.#of;
    const items = await database.getAll(table, clusters.map(filterKey));
    return current(items, clock()).map(({ change }) => read(filterChange, change, 'change'));
  }

  async reports(): Promise<readonly StackReport[]> {
    const { database, table, clock } = this.#of;
    const request = queryRequest(table, TABLES.claims.key, { hash: REPORTS, order: 'ascending' });
    return current(await database.query(request), clock()).map(({ report }) => read(reportShape, report, 'report'));
  }

  async all(kind: HeardKind): Promise<readonly Heartbeat[]> {
    const { database, table, clock } = this.#of;
    const keyRange = { hash: partitionOf(kind), order: 'ascending' } as const;
    const items = await database.query(queryRequest(table, TABLES.claims.key, keyRange));
    return current(items, clock()).map(readHeartbeat);
  }
}

const reportShape = objectOf<StackReport>({
  accountId: text,
  region: text,
  version: text,
  at: instant,
  isLast: exactOptional(flag),
  clusters: listOf(
    objectOf<ReportedCluster>({
      name: text,
      standing: text,
      isUnheard: flag,
      why: exactOptional(text),
      since: instant,
    }),
  ),
});

const REPORTS = 'reports of stacks';
const FILTERS = 'filters of clusters';

function filterKey(cluster: ClusterKey): Key {
  return checkedKey({ partition: FILTERS, sort: fitted(cluster) });
}

function readHeartbeat(item: Item): Heartbeat {
  return read(heartbeat, item.heartbeat, 'heartbeat');
}

function partitionOf(kind: HeardKind): string {
  return `heartbeats of ${kind}s`;
}

function keyOf(kind: HeardKind, id: string): Key {
  return checkedKey({ partition: partitionOf(kind), sort: fitted(id) });
}
