import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Database, SentRequests } from '../../lib/adapters/dynamodb/database.ts';
import {
  deleteRequest,
  type Item,
  indexRequest,
  type KeyRange,
  putRequest,
  queryRequest,
} from '../../lib/adapters/dynamodb/requests.ts';
import { TABLES } from '../../lib/adapters/dynamodb/tables.ts';
import { LOCAL_TABLES, openTables, storeIn } from '../../local/service/local-tables.ts';
import { FedDatabase } from '../../local/tables/fed-database.ts';
import { cases } from '../builders/chance.ts';
import { Folder } from '../builders/command.ts';

/** The claims table has all that there is: a key of two texts, an index by number and one by text. */
const TABLE = LOCAL_TABLES.claims;
const { key, indexes } = TABLES.claims;

const text = fc.constantFrom('a', 'b', 'ab', 'B', 'é', '\ud83d\ude00', '~', 'a/', '0', ' ');
const number = fc.constantFrom(-1, 0, 1, 2, 10, 1.5, 1e21, 1_773_111_132_000);
const range = fc.constantFrom(0, 1, 9, 10);
const keyOf = fc.record({ partition: text, sort: text });
const value = fc.oneof(
  text,
  number,
  fc.boolean(),
  fc.constantFrom(null, undefined, '', new Uint8Array([1, 2, 3]), [], {}, [{ deep: ['x', undefined, 7] }]),
);
const item = fc
  .tuple(
    keyOf,
    fc.record(
      { dueList: text, due: range, statusList: text, statusSort: text, expires: range, revision: range, rank: text },
      { requiredKeys: [] },
    ),
    fc.record({ owner: text, until: range, asOf: range, value }, { requiredKeys: [] }),
  )
  .map((parts): Item => Object.assign({}, ...parts));

const condition = fc.oneof(
  range.map((seconds) => ['isNew', { ':seconds': seconds }] as const),
  fc.tuple(range, text).map(([seconds, rank]) => ['isOfSmallerRank', { ':seconds': seconds, ':rank': rank }] as const),
  range.map((revision) => ['isAsRead', { ':revision': revision }] as const),
  range.map((at) => ['isAnnouncedAt', { ':at': at }] as const),
  range.map((asOf) => ['isNotOlder', { ':asOf': asOf }] as const),
  fc.tuple(text, range).map(([owner, now]) => ['isFree', { ':owner': owner, ':now': now }] as const),
);

const order = fc.constantFrom('ascending', 'descending');
const limit = fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined });
const spanOf = <T extends string | number>(bound: fc.Arbitrary<T>) =>
  fc
    .record({ hash: text, order, limit, ends: fc.option(fc.tuple(bound, bound), { nil: undefined }) })
    .map(({ limit: most, ends, ...rest }): KeyRange => {
      const [from, to] = ends ?? [];
      const isTurned = from !== undefined && to !== undefined && Buffer.compare(bytesOf(from), bytesOf(to)) > 0;
      const bounds = isTurned ? ([to, from] as const) : ends;
      return { ...rest, ...(bounds && { from: bounds[0], to: bounds[1] }), ...(most !== undefined && { limit: most }) };
    });

/** DynamoDB refuses a range whose end lies before its start. */
function bytesOf(bound: string | number): Buffer {
  return typeof bound === 'string' ? Buffer.from(bound) : Buffer.from(String(bound + 100).padStart(6, '0'));
}

interface Step {
  readonly writes: boolean;
  run(on: Database): Promise<unknown>;
}

const writing = (run: Step['run']): Step => ({ writes: true, run });
const reading = (run: Step['run']): Step => ({ writes: false, run });

const [BY_DUE, BY_STATUS] = indexes;

const step: fc.Arbitrary<Step | 'write' | 'reopen'> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(item, condition)
      .map(([put, [name, values]]): Step => writing((on) => on.put(putRequest(TABLE, put, name, values)))),
  },
  {
    weight: 3,
    arbitrary: fc.array(item, { maxLength: 4 }).map((items): Step => writing((on) => on.putAll(TABLE, items))),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(keyOf, fc.option(condition, { nil: undefined }))
      .map(([gone, when]): Step => writing((on) => on.delete(deleteRequest(TABLE, gone, when?.[0], when?.[1])))),
  },
  { weight: 2, arbitrary: keyOf.map((answerTo): Step => reading((on) => on.get(TABLE, answerTo))) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.array(keyOf, { maxLength: 5 }),
        fc.option(fc.constant(['partition', 'sort', 'rank']), { nil: undefined }),
      )
      .map(
        ([keys, names]): Step =>
          reading(async (on) => {
            const found = keys.length === 0 ? [] : await on.getAll(TABLE, keys, names);
            return found.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
          }),
      ),
  },
  {
    weight: 3,
    arbitrary: spanOf(text).map((span): Step => reading((on) => answerTo(on, queryRequest(TABLE, key, span), span))),
  },
  {
    weight: 3,
    arbitrary: spanOf(range).map(
      (span): Step => reading((on) => answerTo(on, indexRequest(TABLE, BY_DUE, span), span)),
    ),
  },
  {
    weight: 3,
    arbitrary: spanOf(text).map(
      (span): Step => reading((on) => answerTo(on, indexRequest(TABLE, BY_STATUS, span), span)),
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom('write', 'reopen') },
);

/** Reads page by page if there is a limit, each page after the last key of the one before. */
async function answerTo(
  on: Database,
  request: Parameters<Database['query']>[0],
  { limit: most }: KeyRange,
): Promise<unknown> {
  const names = [key.hash, key.range, ...namesOf(request.IndexName)];
  const sortName = names.at(-1) ?? '';
  if (most === undefined) return sorted(await on.query(request), sortName);
  const pages: Item[] = [];
  for (let after: Item | undefined; ; ) {
    const page = await on.query({ ...request, ...(after && { ExclusiveStartKey: { ...after } }) });
    pages.push(...page);
    if (page.length < most || pages.length > 200) return sorted(pages, sortName);
    const last = page.at(-1) ?? {};
    after = Object.fromEntries(names.map((name) => [name, last[name]]));
  }
}

function namesOf(index: string | undefined): readonly string[] {
  return indexes.flatMap(({ name, hash, range: sort }) => (name === index ? [hash, sort] : []));
}

/** DynamoDB says no order for what has one range key in an index: here by that of the texts. */
function sorted(items: readonly Item[], rangeName: string): readonly Item[] {
  const groups: Item[][] = [];
  for (const each of items) {
    const last = groups.at(-1);
    if (last?.[0]?.[rangeName] === each[rangeName]) last?.push(each);
    else groups.push([each]);
  }
  const textOf = (each: Item) => JSON.stringify([each.partition, each.sort]);
  return groups.flatMap((group) => group.toSorted((a, b) => (textOf(a) < textOf(b) ? -1 : 1)));
}

/** A dynalite in that folder, asked by the SDK. */
async function asking<T>(folder: string, work: (database: Database) => Promise<T>): Promise<T> {
  const tables = await openTables(folder);
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ endpoint: tables.url, region: 'us-east-1', credentials, maxAttempts: 1 });
  try {
    return await work(new SentRequests(client));
  } finally {
    client.destroy();
    await tables.stop();
  }
}

/** Returns the result of the step, or that it was refused. */
async function outcomeOf(step: Step, on: Database): Promise<unknown> {
  try {
    return { answer: await step.run(on) };
  } catch {
    return { refused: true };
  }
}

/** The tables that a feed has open, closed and opened again where the steps say so. */
class FeedRun {
  readonly #folder: string;
  #database: FedDatabase | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async database(): Promise<FedDatabase> {
    this.#database ??= await FedDatabase.open(storeIn(this.#folder), LOCAL_TABLES);
    return this.#database;
  }

  async close(): Promise<void> {
    const database = this.#database;
    this.#database = undefined;
    await database?.close();
  }
}

async function compare(
  steps: readonly (Step | 'write' | 'reopen')[],
  feeding: FeedRun,
  dynalite: Database,
): Promise<void> {
  for (const each of steps) {
    const fed = await feeding.database();
    if (each === 'write') await fed.write();
    else if (each === 'reopen') await feeding.close();
    else expect(await outcomeOf(each, fed)).toEqual(await outcomeOf(each, dynalite));
  }
}

it('answers every request as dynalite does, and dynalite reads the data that it stored', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 80 }), async (steps) => {
      using folder = new Folder();
      const [own, other] = [folder.at('fed'), folder.at('other')];
      await (await openTables(own)).stop();
      const feeding = new FeedRun(own);
      await asking(other, async (dynalite) => {
        await compare(steps, feeding, dynalite).finally(() => feeding.close());
        const questions = steps.filter((each) => typeof each !== 'string').filter(({ writes }) => !writes);
        await asking(own, async (left) => {
          for (const each of questions) expect(await outcomeOf(each, left)).toEqual(await outcomeOf(each, dynalite));
        });
      });
    }),
    { numRuns: cases(10), endOnFailure: true },
  );
});
