import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DynamoDBClient,
  ListTablesCommand,
} from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { TABLES, type TableId, type TableNames, tableParameters } from '../../lib/adapters/dynamodb/tables.ts';
import { makeFolders } from '../../lib/adapters/files/folders.ts';
import { failureOf } from '../../lib/adapters/files/paths.ts';
import { type EpochMillis, epochMillis } from '../../lib/time.ts';
import { listenPrivately } from '../loopback/guard.ts';
import { LocalFault } from './local-fault.ts';

export const LOCAL_TABLES: TableNames = {
  sessions: 'local-sessions',
  claims: 'local-claims',
  records: 'local-records',
};

/** The tables on this machine's disk, behind a DynamoDB on loopback that answers only those who know its URL. */
export interface LocalTables {
  readonly url: string;
  /** The service's time when it last ran here; undefined the first time. */
  readonly time: EpochMillis | undefined;
  keepTime(at: number): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Opens the store in the folder, or makes it.
 * @throws LocalFault where the folder cannot be written, or its store cannot be read.
 */
export async function openTables(folder: string): Promise<LocalTables> {
  const timeFile = join(folder, 'time.json');
  await makeFolder(folder);
  const time = await readTime(timeFile);
  const server = dynalite({ path: join(folder, 'dynamodb'), createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  const url = await listenPrivately(server);
  const stop = () => new Promise<void>((resolve) => server.close(() => resolve()));
  try {
    await withoutCrash(createMissing(url));
  } catch (error) {
    throw new LocalFault(
      `The store in ${folder} cannot be read: it is damaged, or another eks-whois is using it. ` +
        'Stop the other one, or move the folder away; it is filled again from your logs.',
      { cause: error },
    );
  }
  return { url, time, stop, keepTime: (at) => writeTime(timeFile, at) };
}

/** dynalite throws what is wrong with its files outside of any promise, where it would end the process. */
async function withoutCrash<T>(work: Promise<T>): Promise<T> {
  let crash: (error: unknown) => void = () => undefined;
  const crashed = new Promise<never>((_, reject) => {
    crash = reject;
  });
  process.on('uncaughtException', crash);
  try {
    return await Promise.race([work, crashed]);
  } finally {
    process.off('uncaughtException', crash);
    work.catch(() => undefined); // the connection that the crash cut; told already
  }
}

const ANOTHER_FOLDER = 'give another folder with --data.';

async function makeFolder(folder: string): Promise<void> {
  try {
    await makeFolders(folder);
    if (!(await stat(folder)).isDirectory()) throw new LocalFault(`${folder} is a file, no folder: ${ANOTHER_FOLDER}`);
    await writeFile(join(folder, '.writable'), '');
  } catch (error) {
    if (error instanceof LocalFault) throw error;
    throw new LocalFault(`${folder} ${failureOf(error)}: ${ANOTHER_FOLDER}`, { cause: error });
  }
}

/** The first time there is none. */
async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new LocalFault(`${file} ${failureOf(error)}: ${ANOTHER_FOLDER}`, { cause: error });
  }
}

async function readTime(file: string): Promise<EpochMillis | undefined> {
  const text = await readIfThere(file);
  const at = text === undefined ? undefined : /^\{"at":(\d+(?:\.\d+)?)\}\s*$/.exec(text)?.[1];
  if (text !== undefined && at === undefined) {
    throw new LocalFault(`${file} is damaged: move its folder away; it is filled again from your logs.`);
  }
  return at === undefined ? undefined : epochMillis(Number(at));
}

/** Whole or not at all: this may be killed at any moment, and goes on from here when it is started again. */
async function writeTime(file: string, at: number): Promise<void> {
  const temporary = `${file}.new`;
  await writeFile(temporary, `${JSON.stringify({ at })}\n`);
  await rename(temporary, file);
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
  } finally {
    client.destroy();
  }
}
