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

/** The tables on this machine's disk, behind a DynamoDB on loopback that answers only requests to its secret URL. */
export interface LocalTables {
  readonly url: string;
  /** The signal that aborts if the tables can no longer be written, with a reason for a person. */
  readonly broken: AbortSignal;
  stop(): Promise<void>;
}

/** Returns the folder of dynalite's files. */
export function storeIn(folder: string): string {
  return join(folder, 'dynamodb');
}

/**
 * Creates missing tables. Returns the service's time when it last ran here; undefined the first time.
 * @throws LocalError if the folder cannot be written or its store cannot be read.
 */
export async function makeTables(folder: string): Promise<EpochMillis | undefined> {
  await makeFolder(folder);
  const time = await readTime(timeFileIn(folder));
  await (await openTables(folder)).stop();
  return time;
}

/**
 * Stores the service's time.
 * @throws LocalError if it cannot be written.
 */
export function keepTime(folder: string, at: number): Promise<void> {
  return writeTime(timeFileIn(folder), at);
}

function timeFileIn(folder: string): string {
  return join(folder, 'time.json');
}

/**
 * Opens the store in the folder. Creates it if there is none.
 * @throws LocalError if the folder cannot be written or its store cannot be read.
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
 * Opens the existing tables for a feed.
 * @throws LocalError if another process has them open, or they cannot be read.
 */
export async function openToFeed(folder: string): Promise<FedDatabase> {
  try {
    return await FedDatabase.open(storeIn(folder), LOCAL_TABLES);
  } catch (error) {
    throw cannotRead(folder, error);
  }
}

/** Closes the server without waiting for requests, since a broken store never answers some of them. */
function abandon(server: Server): void {
  server.close();
  server.closeAllConnections();
}

function cannotRead(folder: string, error: unknown): LocalError {
  return new LocalError(
    `The store in ${folder} cannot be read: it is damaged, or another eks-whois is using it. ` +
      'Stop the other one. If there is none, move the folder away: the next start fills it again from your logs.',
    { cause: error },
  );
}

const ANOTHER_FOLDER = 'Choose another folder with --data.';

async function makeFolder(folder: string): Promise<void> {
  try {
    await makeFolders(folder);
    if (!(await stat(folder)).isDirectory())
      throw new LocalError(`${folder} is a file, not a folder. ${ANOTHER_FOLDER}`);
    await writeSomething(join(folder, '.writable'));
  } catch (error) {
    if (error instanceof LocalError) throw error;
    throw new LocalError(`${folder} ${failureOf(error, 'written')}. ${ANOTHER_FOLDER}`, { cause: error });
  }
}

/**
 * Disk space in bytes that is enough to open the tables. They do not report why they cannot be opened, so this is
 * checked first.
 */
const ROOM = 64 * 1024;

async function writeSomething(file: string): Promise<void> {
  try {
    await writeFile(file, Buffer.alloc(ROOM));
  } finally {
    await rm(file, { force: true });
  }
}

/** Returns the file's text; undefined if there is no file yet. */
async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new LocalError(`${file} ${failureOf(error)}. ${ANOTHER_FOLDER}`, { cause: error });
  }
}

async function readTime(file: string): Promise<EpochMillis | undefined> {
  const text = await readIfThere(file);
  const at = text === undefined ? undefined : /^\{"at":(\d+(?:\.\d+)?)\}\s*$/.exec(text)?.[1];
  if (text !== undefined && at === undefined) {
    throw new LocalError(`${file} is damaged. Move its folder away: the next start fills it again from your logs.`);
  }
  return at === undefined ? undefined : epochMillis(Number(at));
}

/**
 * Writes the time completely or not at all: the process may be killed at any moment, and the next start continues from
 * this time.
 */
async function writeTime(file: string, at: number): Promise<void> {
  const temporary = `${file}.new`;
  try {
    await writeFile(temporary, `${JSON.stringify({ at })}\n`);
    await rename(temporary, file);
  } catch (error) {
    throw new LocalError(
      `${temporary} ${failureOf(error, 'written')}. Make room there, or choose another folder with --data.`,
      {
        cause: error,
      },
    );
  }
}

/**
 * Waits until the table is active. dynalite activates a table shortly after its response. If it ends before that, the
 * table never becomes active.
 */
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
      await client.send(new CreateTableCommand(parameters as CreateTableCommandInput)); // The SDK's type is mutable.
    }
    for (const name of Object.values(LOCAL_TABLES)) await untilActive(client, name);
  } finally {
    client.destroy();
  }
}
