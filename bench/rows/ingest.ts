import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand, paginateScan } from '@aws-sdk/lib-dynamodb';
import { sha256 } from '../../lib/adapters/digest.ts';
import { type DynamoDbStores, dynamoDbStores } from '../../lib/adapters/dynamodb/stores.ts';
import { type TableId, tableParameters } from '../../lib/adapters/dynamodb/tables.ts';
import { inflatePayload } from '../../lib/adapters/files/inflate.ts';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { RECORD_ALL } from '../../lib/audit/recording.ts';
import { mapConcurrently } from '../../lib/concurrency.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { RecordStore, StoredRecord } from '../../lib/ports/records.ts';
import { epochMillis, SECOND } from '../../lib/time.ts';
import { storeGrants } from '../../lib/usecases/grants/grants.ts';
import { readBatch } from '../../lib/usecases/ingest/batch.ts';
import { ingest } from '../../lib/usecases/ingest/ingest.ts';
import type { IngestService } from '../../lib/usecases/ingest/ingest-service.ts';
import { KeyMemory } from '../../lib/usecases/ingest/key-memory.ts';
import { KEEP } from '../../test/contract/over.ts';
import { calmWorld } from '../../test/stand-ins/memory/memory-world.ts';
import { memoryStores } from '../../test/usecases/service.ts';
import { costOf, median } from '../measure.ts';
import type { AllSizes } from '../options.ts';
import { type BenchLine, benchLine, type Figures, OutputsDiffer, rounded } from '../result.ts';
import { deliveryOf, MIDNIGHT, newDay, SEED } from '../world/day.ts';

/**
 * Rows of `ingest` for one delivery: with stores that answer at once, compared with decoding and parsing it; with
 * dynalite, compared with putting the same items.
 */

/** Sessions active while a delivery is gathered, and the seconds over which they began. */
const GRANTS = 50;
const BEGAN_WITHIN = 3_000;

interface Rounds {
  /** Events in a delivery. */
  readonly events: number;
  /** Share of events by nodes. */
  readonly system: number;
  /** Twice as many rounds are measured. As many come before, in which sessions become known and code is compiled. */
  readonly pairs: number;
}

/** 8,000 events are about 1 MB compressed, the most that CloudWatch Logs sends at once. */
const FULL = { events: 8_000 };
const STORED = { events: 1_000, system: 0 };

type MeasuredRun = Awaited<ReturnType<typeof costOf>>;

/** Returns the cost of each round of `ingest`, and of the comparison, which gets the same delivery after it. */
async function inRounds(
  { events, system, pairs }: Rounds,
  storesBy: (clock: IngestService['clock']) => Omit<IngestService, keyof typeof REST | 'clock' | 'memory'>,
  other: (data: string) => Promise<{ readonly cost: MeasuredRun; readonly records: number }>,
) {
  let now = epochMillis(MIDNIGHT + BEGAN_WITHIN * SECOND);
  const clock = () => now;
  const service = { ...storesBy(clock), ...REST, clock, memory: new KeyMemory() };
  const day = newDay(SEED, GRANTS, BEGAN_WITHIN);
  const grants = [...day.records].map((record) => ({ record: record as JsonObject, file: 'bench', place: '' }));
  await storeGrants(grants, service);
  const [ours, theirs]: [MeasuredRun[], MeasuredRun[]] = [[], []];
  let bytes = 0;
  for (let round = 0; round < 3 * pairs; round += 1) {
    const from = BEGAN_WITHIN + round * 60;
    const data = deliveryOf(events, () => day.event({ system, unknownKey: 0, during: [from, from + 60] }));
    bytes ||= (data.length * 3) / 4;
    now = epochMillis(MIDNIGHT + (from + 60) * SECOND);
    const mine = await costOf(() => taken(data, service));
    const { cost, records } = await other(data);
    if (mine.result !== records) throw new OutputsDiffer(`${mine.result} records of ${records} events`);
    if (round < pairs) continue;
    ours.push(mine);
    theirs.push(cost);
  }
  return { ours, theirs, bytes };
}

/** The parts of the service that are the same over all stores. */
const REST = {
  rejects: { keep: async () => undefined },
  metrics: { add: () => undefined },
  digest: sha256,
  settings: DEFAULT_SETTINGS,
  alertOn: [],
  recording: RECORD_ALL,
} as const;

async function taken(data: string, service: IngestService): Promise<number> {
  const payload = { awslogs: { data } };
  const id = sha256(JSON.stringify(payload));
  const batch = readBatch(payload, `delivery ${id}`, { inflate: inflatePayload });
  return (await ingest(batch, { id, isLive: true }, service)).recorded;
}

function cpuMillis(costs: readonly MeasuredRun[]): number {
  return rounded(median(costs.map(({ cpuSeconds }) => cpuSeconds)) * 1e3);
}

export async function* ingestRows({ pairs }: AllSizes): AsyncGenerator<BenchLine> {
  yield await ingestRow('ingest', 0, pairs);
  yield await ingestRow('ingest-system', 0.95, pairs);
}

async function ingestRow(bench: string, system: number, pairs: number): Promise<BenchLine> {
  const { ours, theirs, bytes } = await inRounds({ ...FULL, system, pairs }, instantStores, async (data) => {
    const cost = await costOf(() => parsed(data));
    return { cost, records: cost.result };
  });
  return benchLine(bench, {
    ours: { cpuMillis: cpuMillis(ours) },
    against: { what: 'gunzip, JSON.parse, JSON.parse of each message', cpuMillis: cpuMillis(theirs) },
    reach: 'CPU at most 230 ms',
    note: `${FULL.events} events, ${(bytes / 1e6).toFixed(2)} MB compressed, ${system * 100} % of nodes`,
  });
}

/** Does what any reader of a delivery must do. */
function parsed(data: string): number {
  const text = gunzipSync(Buffer.from(data, 'base64')).toString('utf8');
  const { logEvents } = JSON.parse(text) as { logEvents: readonly { message: string }[] };
  return logEvents.map(({ message }) => JSON.parse(message) as unknown).length;
}

/** Returns stores in memory. Records are accepted and dropped. */
function instantStores(clock: IngestService['clock']) {
  const stores = memoryStores(calmWorld(clock));
  const records = Object.assign(Object.create(stores.records) as RecordStore, {
    insert: async (all: readonly StoredRecord[]) => all.map(() => ({ outcome: 'inserted' as const })),
  });
  return { ...stores, records };
}

const TABLE_NAMES = { sessions: 'sessions', claims: 'claims', records: 'records' };
/** Table of the same definition, into which the comparison puts the items of `records`. */
const BARE = 'bare';

export async function* ingestStoreRows({ pairs }: AllSizes): AsyncGenerator<BenchLine> {
  const server = spawn(process.execPath, [join(import.meta.dirname, '../world/dynalite-process.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const [port] = await once(server.stdout, 'data');
    yield await storeRow(`http://127.0.0.1:${String(port).trim()}`, pairs);
  } finally {
    server.stdin.end();
  }
}

async function storeRow(endpoint: string, pairs: number): Promise<BenchLine> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const settings = { endpoint, region: 'eu-west-1', credentials };
  // Document clients of one client share its settings.
  const [client, bare] = [new DynamoDBClient(settings), new DynamoDBClient(settings)];
  await createTables(client);
  const documents = DynamoDBDocumentClient.from(bare);
  const stored = new Set<unknown>();
  const storesBy = (clock: IngestService['clock']): DynamoDbStores =>
    dynamoDbStores({ client, tables: TABLE_NAMES, clock, keep: KEEP });
  const { ours, theirs } = await inRounds({ ...STORED, pairs }, storesBy, async () => {
    const items = (await itemsOf(documents)).filter(({ id }) => !stored.has(id));
    for (const { id } of items) stored.add(id);
    const put = (Item: JsonObject) => documents.send(new PutCommand({ TableName: BARE, Item }));
    return { cost: await costOf(() => mapConcurrently(items, put)), records: items.length };
  });
  client.destroy();
  bare.destroy();
  const figures = (costs: readonly MeasuredRun[]): Figures => ({
    recordsPerSecond: rounded(median(costs.map(({ wallSeconds }) => STORED.events / wallSeconds))),
    cpuMillis: cpuMillis(costs),
  });
  return benchLine('ingest-store', {
    ours: figures(ours),
    against: { what: 'PutItem of the same items by the SDK, as many at once', ...figures(theirs) },
    reach: 'records a second at least 0.8',
    note: `deliveries of ${STORED.events} events of ${GRANTS} known sessions, dynalite in a process of its own`,
  });
}

async function createTables(client: DynamoDBClient): Promise<void> {
  const tables = { ...TABLE_NAMES, [BARE]: BARE };
  for (const name of Object.values(tables)) {
    const id = name === BARE ? 'records' : (name as TableId); // our own constant's
    await client.send(new CreateTableCommand(structuredClone(tableParameters(id, name)) as never));
  }
}

async function itemsOf(client: DynamoDBDocumentClient): Promise<JsonObject[]> {
  const items: JsonObject[] = [];
  for await (const page of paginateScan({ client }, { TableName: TABLE_NAMES.records }))
    items.push(...(page.Items ?? []));
  return items;
}
