import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SentRequests } from '../../lib/adapters/dynamodb/database.ts';
import { DynamoDbDirectory } from '../../lib/adapters/dynamodb/dynamodb-directory.ts';
import { recordItem } from '../../lib/adapters/dynamodb/record-item.ts';
import { type DynamoDbStores, dynamoDbStores } from '../../lib/adapters/dynamodb/stores.ts';
import type { TableNames } from '../../lib/adapters/dynamodb/tables.ts';
import { DAY } from '../../lib/time.ts';
import { NOW } from '../contract/now.ts';
import { KEEP } from '../contract/over.ts';
import { RunningDynalite } from '../contract/running-dynalite.ts';
import { fillTable } from './filled-table.ts';
import { type Fact, recordOf } from './world.ts';

const EXPIRES = 2_000_000_000;

/** The folder with the tables of a DynamoDB that does not run. */
export interface FilledWorld {
  readonly folder: string;
  readonly tables: TableNames;
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** The world of a million records, for one file after the other. */
    readonly filled: FilledWorld;
  }
}

/** Fills a DynamoDB. What is filed beside records is filed by storing them; of what is like others, one does it. */
export async function filledWorld(facts: readonly Fact[]): Promise<FilledWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'eks-whois-million-'));
  const dynalite = await RunningDynalite.start(folder);
  const { tables, records } = await dynalite.stores(() => NOW);
  const claims = {
    database: new SentRequests(dynalite.client),
    table: tables.claims,
    clock: () => NOW,
    keep: KEEP.records,
  };
  const firstOf = (group: (fact: Fact) => string) =>
    [...Map.groupBy(facts, group).values()].flatMap(([fact]) => (fact === undefined ? [] : recordOf(fact)));
  await new DynamoDbDirectory(claims).note(
    firstOf(({ at, cluster, namespace, who }) => `${Math.floor(at / DAY)} ${cluster} ${namespace} ${who}`),
  );
  await records.insert(firstOf(({ cluster, namespace }) => `${cluster} ${namespace}`));
  await records.insert(firstOf(({ who }) => who));
  await dynalite.stop();
  await fillTable(
    folder,
    tables.records,
    facts.values().map((fact) => recordItem(recordOf(fact), 1, EXPIRES)),
  );
  return { folder, tables };
}

/** Starts it, with the stores over it. */
export async function runningWorld({
  folder,
  tables,
}: FilledWorld): Promise<{ readonly dynalite: RunningDynalite; readonly stores: DynamoDbStores }> {
  const dynalite = await RunningDynalite.start(folder);
  return { dynalite, stores: dynamoDbStores({ client: dynalite.client, tables, clock: () => NOW, keep: KEEP }) };
}
