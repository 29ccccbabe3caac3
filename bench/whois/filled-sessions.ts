import { join } from 'node:path';
import db from 'dynalite/db/index.js';
import type { TableNames } from '../../lib/adapters/dynamodb/tables.ts';
import type { Clock } from '../../lib/ports/clock.ts';
import { epochMillis } from '../../lib/time.ts';
import { RunningDynalite } from '../../test/contract/running-dynalite.ts';
import { grantsOfDay, MIDNIGHT } from '../world/day.ts';
import { filledIn, type ItemPattern, patternsFor, shapeOf, sortOf, valuesOf } from './item-patterns.ts';
import { isKept, LatestPuts, type Put } from './latest-puts.ts';
import { SpilledPuts } from './spilled-puts.ts';

const SEED = 20_260_310;
/** Grants that the table is given in one go. */
export const AT_ONCE = 1_000;
/** Items in one write of dynalite's store. */
const A_BATCH = 2_000;

/** A sessions table of so many grants, and of the first of them the key, its session and a moment at which it was in use. */
export interface FilledSessions {
  readonly tables: TableNames;
  /** Of the day whose grants these are. */
  readonly seed: number;
  readonly accessKeyId: string;
  /** `AROA…:<session name>` */
  readonly principal: string;
  readonly at: string;
  /** One item of the table: the grant under its key. */
  readonly item: { readonly partition: string; readonly sort: string };
}

export interface FillOptions {
  readonly clock?: Clock;
  /** In how many seconds of the day all grants are made. */
  readonly within?: number;
}

/**
 * Fills the tables of a dynalite that is to run in this folder as `grants` would: the same items, straight into its store. They
 * are put in the order of their keys, which LevelDB takes without writing any again, and are in memory a part at a time; before
 * that they lie beside it on disk.
 */
export async function fillSessions(
  folder: string,
  grants: number,
  { clock = () => epochMillis(Date.now()), within }: FillOptions = {},
): Promise<FilledSessions> {
  const dynalite = await RunningDynalite.start(folder);
  const { tables } = await dynalite.stores(clock);
  await dynalite.stop();
  const [first] = grantsOfDay(SEED, grants, within);
  if (first === undefined) throw new Error('no grant to ask about');
  const [underKey] = await patternsFor(first, clock);
  if (underKey === undefined) throw new Error('no grant lies under its key');
  using puts = new SpilledPuts(join(folder, '..', 'puts'));
  await spill(puts, { grants, clock, within });
  await writeSorted(folder, tables.sessions, puts);
  return {
    tables,
    seed: SEED,
    accessKeyId: first.grant.key,
    principal: `${first.grant.roleId}:${first.grant.sessionName}`,
    at: new Date(MIDNIGHT + (first.grant.atSecond + 600) * 1_000).toISOString(),
    item: keyOf({ pattern: underKey, values: valuesOf(first) }),
  };
}

async function spill(
  puts: SpilledPuts,
  { grants, clock, within }: { readonly grants: number; readonly clock: Clock; readonly within: number | undefined },
): Promise<void> {
  const latest = new LatestPuts((put) => puts.add(fileOf(put), put));
  const known = new Map<string, readonly ItemPattern[]>();
  let count = 0;
  for (const made of grantsOfDay(SEED, grants, within)) {
    const shape = shapeOf(made);
    const patterns = known.get(shape) ?? (await patternsFor(made, clock));
    known.set(shape, patterns);
    const values = valuesOf(made);
    const addition = Math.floor(count / AT_ONCE);
    if (count % AT_ONCE === 0) latest.forgetBefore(addition - 1);
    for (const pattern of patterns) latest.put({ pattern, values }, addition);
    count += 1;
  }
  latest.forgetBefore(Number.POSITIVE_INFINITY);
}

/** The beginning of the key that dynalite makes of it. */
function fileOf({ pattern, values }: Put): string {
  return db.hashPrefix(filledIn(pattern.partition, values), 'S').slice(0, 2);
}

function keyOf({ pattern, values }: Put): FilledSessions['item'] {
  const sort = sortOf(filledIn(pattern.at, values), filledIn(pattern.same, values));
  return { partition: filledIn(pattern.partition, values), sort };
}

async function writeSorted(path: string, name: string, puts: SpilledPuts): Promise<void> {
  const store = db.create({ path });
  const table = await new Promise<Parameters<typeof db.createKey>[1]>((resolve, reject) =>
    store.getTable(name, (error, found) => (error ? reject(error) : resolve(found))),
  );
  const entries = store.getItemDb(name);
  let written = Promise.resolve();
  for (const file of puts.files()) {
    const latest = new Map<string, Put & { readonly sort: string }>();
    for (const put of file) {
      const { partition, sort } = keyOf(put);
      const key = db.createKey({ partition: { S: partition }, sort: { S: sort } }, table);
      const earlier = latest.get(key);
      if (earlier === undefined || isKept(put, earlier)) latest.set(key, { ...put, sort });
    }
    const keys = [...latest.keys()].sort();
    for (let from = 0; from < keys.length; from += A_BATCH) {
      const batch = keys.slice(from, from + A_BATCH).map((key) => entryOf(key, latest.get(key)));
      await written;
      written = new Promise<void>((resolve, reject) =>
        entries.batch(batch, (error) => (error ? reject(error) : resolve())),
      );
    }
  }
  await written;
  await new Promise<void>((resolve, reject) => store.db.close((error) => (error ? reject(error) : resolve())));
}

function entryOf(key: string, put: (Put & { readonly sort: string }) | undefined) {
  if (put === undefined) throw new Error(`nothing to be put at ${key}`);
  const value = filledIn(put.pattern.item, [...put.values, put.sort]);
  return { type: 'put', key, value, valueEncoding: 'utf8' } as const;
}
