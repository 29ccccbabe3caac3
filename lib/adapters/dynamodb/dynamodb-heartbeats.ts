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
import {
  isNewReport,
  MOST_REGIONS,
  type ReportedCluster,
  type ReportTime,
  type StackReport,
  withSince,
} from '../../heartbeats/report.ts';
import {
  type FailedSpoke,
  placeId,
  type RegionAccounts,
  type RollOut,
  withSinceOfSpokes,
} from '../../heartbeats/roll-out.ts';
import { MOST_CLUSTERS } from '../../heartbeats/volume.ts';
import type { ClusterKey } from '../../identity/cluster.ts';
import type { HearOptions, HeartbeatChange, Heartbeats } from '../../ports/heartbeats.ts';
import { RecentMap } from '../../recent-map.ts';
import { type EpochMillis, HOUR, MINUTE } from '../../time.ts';
import { sha256 } from '../digest.ts';
import { current, expiry } from '../expiry.ts';
import { changeItem } from './change-item.ts';
import { filterChange } from './change-shape.ts';
import type { TableHandle } from './database.ts';
import { checkedKey, fitted, type Key } from './keys.ts';
import { type Item, queryRequest } from './requests.ts';
import { exactOptional, fieldsOf, flag, instant, listOf, number, objectOf, oneOf, read, text } from './shape.ts';
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

/**
 * An entry in the list of an account's items, which limits their number. It has the digest of the item's key, and the
 * time when the item was listed.
 */
interface Admission {
  readonly digest: string;
  readonly at: EpochMillis;
}

/**
 * The shape of the list of an account's items. It also has the time when it was last compared with the items that
 * exist.
 */
const admissionsShape = fieldsOf({
  admissions: listOf(objectOf<Admission>({ digest: text, at: instant })),
  checkedAt: number,
});

function admissionsIn(item: Item | undefined) {
  return item === undefined ? { admissions: [], checkedAt: 0 } : read(admissionsShape, item);
}

interface HeartbeatUpdate {
  readonly change: HeartbeatChange | 'over-limit' | undefined;
  /** The heartbeat as it is stored now. */
  readonly stored: Heartbeat | undefined;
}

/** Limits the heartbeats that a process remembers. */
const MOST_REMEMBERED = 5_000;

/** Heartbeats in the claims table: an item for each source and each cluster. */
export class DynamoDbHeartbeats implements Heartbeats {
  readonly #of: TableHandle;
  readonly #known = new RecentMap<string, Heartbeat>(MOST_REMEMBERED);
  /** The senders of clusters that were over the limit, by the cluster. A process tries each of them only once. */
  readonly #refused = new RecentMap<string, string>(MOST_REMEMBERED);
  /**
   * The times of the latest reports, by account and Region. A report can have 200 KB, so reading one costs as much as
   * many events.
   */
  readonly #reported = new RecentMap<string, ReportTime>(MOST_REMEMBERED);
  /** The times of the latest roll-outs, by account. A roll-out can have 150 KB. */
  readonly #rolledOut = new RecentMap<string, ReportTime>(MOST_REMEMBERED);
  /** The time at which an account was last found to have its maximum number of reports. */
  readonly #full = new RecentMap<string, EpochMillis>(MOST_REMEMBERED);

  constructor(of: TableHandle) {
    this.#of = of;
  }

  async hear(
    kind: HeardKind,
    id: string,
    times: readonly EpochMillis[],
    { sender, mayBegin = true }: HearOptions = {},
  ): Promise<HeartbeatChange | 'over-limit' | undefined> {
    const key = keyOf(kind, id);
    const isNews = (known: Heartbeat | undefined, now: EpochMillis) =>
      known === undefined || now >= known.heardAt + MINUTE || changesPauses(known, times);
    if (!isNews(this.#known.get(key.sort), this.#of.clock())) return undefined;
    if (sender !== undefined && this.#refused.get(key.sort) === sender) return undefined;
    const { change, stored } = await changeItem<HeartbeatUpdate>(
      this.#of,
      key,
      'Deliver it again.',
      async (item, now) => {
        const before = item && readHeartbeat(item);
        const isTaken = mayBegin || before !== undefined;
        const after = isTaken && isNews(before, now) ? heard(before, { kind, id }, times, now) : undefined;
        if (after === undefined) return { result: { change: undefined, stored: before } };
        if (before === undefined && sender !== undefined && !(await this.#admit(sender, key, MOST_CLUSTERS)))
          return { result: { change: 'over-limit', stored: undefined } };
        const written = { heartbeat: after, expires: expiry(now, this.#of.keep) };
        return { item: written, result: { change: { before, after }, stored: after } };
      },
    );
    if (stored !== undefined) this.#known.set(key.sort, stored);
    if (change === 'over-limit' && sender !== undefined) this.#refused.set(key.sort, sender);
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
    const { accountId, region, at, isLast } = report;
    const key = checkedKey({ partition: REPORTS, sort: fitted(placeId(accountId, region)) });
    const reported = this.#reported.get(key.sort);
    if (reported !== undefined && !isNewReport(report, reported)) return true;
    const last = await changeItem<ReportTime | undefined>(this.#of, key, 'Deliver it again.', async (item, now) => {
      const before = item && read(reportShape, item.report, 'report');
      if (before !== undefined && !isNewReport(report, before))
        return { result: { at: before.at, isLast: before.isLast } };
      if (before === undefined && !(await this.#admitReport(accountId, key))) return { result: undefined };
      const written = { report: withSince(report, before), expires: expiry(now, this.#of.keep) };
      return { item: written, result: { at, isLast } };
    });
    if (last !== undefined) this.#reported.set(key.sort, last);
    return last !== undefined;
  }

  /**
   * Returns whether the account may have a report of one more Region. If it may not, the process asks the table again
   * only after a minute.
   */
  async #admitReport(accountId: string, key: Key): Promise<boolean> {
    const now = this.#of.clock();
    const fullAt = this.#full.get(accountId);
    if (fullAt !== undefined && now < fullAt + MINUTE) return false;
    const isAdmitted = await this.#admit(accountId, key, MOST_REGIONS);
    if (!isAdmitted) this.#full.set(accountId, now);
    return isAdmitted;
  }

  /**
   * Returns whether the account may have one more item of this kind. One item lists all of these by digests, so that
   * two processes at once cannot exceed the limit. If the list is full, items that have expired are removed from it.
   * That reads the items of all accounts, so it is done once an hour.
   */
  async #admit(accountId: string, { partition, sort }: Key, most: number): Promise<boolean> {
    const place = checkedKey({ partition: `admitted ${partition}`, sort: fitted(accountId) });
    const own = digestOf(sort);
    return changeItem<boolean>(this.#of, place, 'Deliver it again.', async (item, now) => {
      const { admissions: listed, checkedAt } = admissionsIn(item);
      if (listed.some(({ digest }) => digest === own)) return { result: true };
      const isFull = listed.length >= most;
      if (isFull && now < checkedAt + HOUR) return { result: false };
      const present = isFull ? await this.#presentOf(listed, partition) : listed;
      const isAdmitted = present.length < most;
      const admissions = isAdmitted ? [...present, { digest: own, at: now }] : present;
      const expires = expiry(now, this.#of.keep);
      return { item: { admissions, checkedAt: isFull ? now : checkedAt, expires }, result: isAdmitted };
    });
  }

  /**
   * Returns the listed items that exist. Also returns those that were listed just now, because an item may be written
   * slightly later than it is listed.
   */
  async #presentOf(listed: readonly Admission[], partition: string): Promise<readonly Admission[]> {
    const { database, table, clock } = this.#of;
    const items = await database.query(queryRequest(table, TABLES.claims.key, { hash: partition, order: 'ascending' }));
    const present = new Set(current(items, clock()).map(({ sort }) => digestOf(read(text, sort, 'sort'))));
    return listed.filter(({ digest, at }) => present.has(digest) || at > clock() - HOUR);
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

  async rollOut(rollOut: RollOut): Promise<void> {
    const { accountId, at } = rollOut;
    if (!isNewReport(rollOut, this.#rolledOut.get(accountId))) return;
    const key = checkedKey({ partition: ROLL_OUTS, sort: fitted(accountId) });
    await changeItem<void>(this.#of, key, 'Deliver it again.', (item, now) => {
      const before = item && read(rollOutShape, item.rollOut, 'rollOut');
      if (!isNewReport(rollOut, before)) return { result: undefined };
      return {
        item: { rollOut: withSinceOfSpokes(rollOut, before), expires: expiry(now, this.#of.keep) },
        result: undefined,
      };
    });
    this.#rolledOut.set(accountId, { at });
  }

  async rollOuts(): Promise<readonly RollOut[]> {
    const { database, table, clock } = this.#of;
    const request = queryRequest(table, TABLES.claims.key, { hash: ROLL_OUTS, order: 'ascending' });
    const items = current(await database.query(request), clock());
    return items.map(({ rollOut }) => read(rollOutShape, rollOut, 'rollOut'));
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
  grantsSince: exactOptional(instant),
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

const regionAccounts = listOf(objectOf<RegionAccounts>({ region: text, since: instant, accounts: listOf(text) }));

const rollOutShape = objectOf<RollOut>({
  accountId: text,
  at: instant,
  spokes: regionAccounts,
  missing: exactOptional(regionAccounts),
  left: exactOptional(number),
  failed: listOf(objectOf<FailedSpoke>({ accountId: text, region: text, why: exactOptional(text) })),
});

const ROLL_OUTS = 'roll-outs';
const REPORTS = 'reports of stacks';
const FILTERS = 'filters of clusters';

/** Returns a digest that distinguishes the items of one account. */
function digestOf(sort: string): string {
  return sha256(sort).slice(0, 16);
}

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
