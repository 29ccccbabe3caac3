import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  DynamoDBClient,
  ListTablesCommand,
} from '@aws-sdk/client-dynamodb';
import '../tables/closed-iterators.ts';
import dynalite from 'dynalite';
import { TABLES, type TableId, type TableNames, tableParameters } from '../../lib/adapters/dynamodb/tables.ts';
import { makeFolders } from '../../lib/adapters/files/folders.ts';
import { failureOf } from '../../lib/adapters/files/paths.ts';
import { type EpochMillis, epochMillis } from '../../lib/time.ts';
import { listenPrivately } from '../loopback/guard.ts';
import { FedDatabase } from '../tables/fed-database.ts';
import { LocalError } from './local-error.ts';
import { cannotWrite, isForLackOfRoom, unlessBroken, watchStore } from './store-watch.ts';

export const LOCAL_TABLES: TableNames = {
  sessions: 'local-sessions',
  claims: 'local-claims',
  records: 'local-records',
};

/** The tables on this machine's disk, behind a DynamoDB on loopback that answers only those who know its URL. */
export interface LocalTables {
  readonly url: string;
  /** Aborted once they can be written no more, with a reason for a person. */
  readonly broken: AbortSignal;
  stop(): Promise<void>;
}

/** Where dynalite's files lie in it. */
export function storeIn(folder: string): string {
  return join(folder, 'dynamodb');
}

/**
 * Makes the tables where they are not there, and answers with the service's time when it last ran here; undefined the first time.
 * @throws LocalError where the folder cannot be written, or its store cannot be read.
 */
export async function makeTables(folder: string): Promise<EpochMillis | undefined> {
  await makeFolder(folder);
  const time = await readTime(timeFileIn(folder));
  await (await openTables(folder)).stop();
  return time;
}

/** @throws LocalError where it cannot be written. */
export function keepTime(folder: string, at: number): Promise<void> {
  return writeTime(timeFileIn(folder), at);
}

function timeFileIn(folder: string): string {
  return join(folder, 'time.json');
}

/**
 * Opens the store in the folder, or makes it.
 * @throws LocalError where the folder cannot be written, or its store cannot be read.
 */
export async function openTables(folder: string): Promise<LocalTables> {
  await makeFolder(folder);
  const server = dynalite({ path: storeIn(folder), createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  const url = await listenPrivately(server);
  const watch = watchStore(folder);
  try {
    await unlessBroken(createMissing(url), watch.broken);
  } catch (error) {
    watch.stop();
    throw isForLackOfRoom(error) ? cannotWrite(folder, error) : cannotRead(folder, error);
  }
  const { broken } = watch;
  const stop = async () => {
    await (broken.aborted ? abandon(server) : new Promise<void>((resolve) => server.close(() => resolve())));
    watch.stop();
  };
  return { url, broken, stop };
}

/**
 * Opens the tables, which exist, for a feed.
 * @throws LocalError where somebody else has them open meanwhile, or they cannot be read.
 */
export async function openToFeed(folder: string): Promise<FedDatabase> {
  try {
    return await FedDatabase.open(storeIn(folder), LOCAL_TABLES);
  } catch (error) {
    throw cannotRead(folder, error);
  }
}

/** A store that broke has requests that it never answers, and would wait for them. */
function abandon(server: Server): void {
  server.close();
  server.closeAllConnections();
}

function cannotRead(folder: string, error: unknown): LocalError {
  return new LocalError(
    `The store in ${folder} cannot be read: it is damaged, or another eks-whois is using it. ` +
      'Stop the other one, or move the folder away; it is filled again from your logs.',
    { cause: error },
  );
}

const ANOTHER_FOLDER = 'give another folder with --data.';

async function makeFolder(folder: string): Promise<void> {
  try {
    await makeFolders(folder);
    if (!(await stat(folder)).isDirectory()) throw new LocalError(`${folder} is a file, no folder: ${ANOTHER_FOLDER}`);
    await writeSomething(join(folder, '.writable'));
  } catch (error) {
    if (error instanceof LocalError) throw error;
    throw new LocalError(`${folder} ${failureOf(error, 'written')}: ${ANOTHER_FOLDER}`, { cause: error });
  }
}

/** Room enough for the tables to be opened, which do not say why they cannot be. */
const ROOM = 64 * 1024;

async function writeSomething(file: string): Promise<void> {
  try {
    await writeFile(file, Buffer.alloc(ROOM));
  } finally {
    await rm(file, { force: true });
  }
}

/** The first time there is none. */
async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new LocalError(`${file} ${failureOf(error)}: ${ANOTHER_FOLDER}`, { cause: error });
  }
}

async function readTime(file: string): Promise<EpochMillis | undefined> {
  const text = await readIfThere(file);
  const at = text === undefined ? undefined : /^\{"at":(\d+(?:\.\d+)?)\}\s*$/.exec(text)?.[1];
  if (text !== undefined && at === undefined) {
    throw new LocalError(`${file} is damaged: move its folder away; it is filled again from your logs.`);
  }
  return at === undefined ? undefined : epochMillis(Number(at));
}

/** Whole or not at all: this may be killed at any moment, and goes on from here when it is started again. */
async function writeTime(file: string, at: number): Promise<void> {
  const temporary = `${file}.new`;
  try {
    await writeFile(temporary, `${JSON.stringify({ at })}\n`);
    await rename(temporary, file);
  } catch (error) {
    throw new LocalError(`${temporary} ${failureOf(error, 'written')}: make room there, or ${ANOTHER_FOLDER}`, {
      cause: error,
    });
  }
}

/** dynalite makes a table active a moment after it answers, and one that it left before that never again. */
async function untilActive(client: DynamoDBClient, TableName: string): Promise<void> {
  for (;;) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    if (Table?.TableStatus === 'ACTIVE') return;
    await setTimeout(1);
  }
}

async function createMissing(endpoint: string): Promise<void> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
  try {
    const { TableNames: there = [] } = await client.send(new ListTablesCommand({}));
    for (const id of Object.keys(TABLES) as TableId[]) {
      if (there.includes(LOCAL_TABLES[id])) continue;
      const parameters: unknown = structuredClone(tableParameters(id, LOCAL_TABLES[id]));
      await client.send(new CreateTableCommand(parameters as CreateTableCommandInput)); // readonly there, mutable here
    }
    for (const name of Object.values(LOCAL_TABLES)) await untilActive(client, name);
  } finally {
    client.destroy();
  }
}
