import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand, paginateScan } from '@aws-sdk/lib-dynamodb';
import { sha256 } from '../../lib/adapters/digest.ts';
import { dynamoDbStores } from '../../lib/adapters/dynamodb/stores.ts';
import { type TableId, tableParameters } from '../../lib/adapters/dynamodb/tables.ts';
import { inflatePayload } from '../../lib/adapters/files/inflate.ts';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { RECORD_ALL } from '../../lib/audit/recording.ts';
import { mapConcurrently } from '../../lib/concurrency.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { Clock } from '../../lib/ports/clock.ts';
import { DAY, epochMillis, MINUTE } from '../../lib/time.ts';
import { storeGrants } from '../../lib/usecases/grants/grants.ts';
import { readBatch } from '../../lib/usecases/ingest/batch.ts';
import { ingest } from '../../lib/usecases/ingest/ingest.ts';
import type { IngestService } from '../../lib/usecases/ingest/ingest-service.ts';
import { KeyMemory } from '../../lib/usecases/ingest/key-memory.ts';
import { median } from '../measure.ts';
import { type BenchLine, benchLine, OutputsDiffer, rounded } from '../result.ts';
import { newDay } from '../world/day.ts';
import { deliveryOf } from '../world/delivery.ts';

/** How fast `ingest` stores records, beside a loop that puts the very same items with as many requests at once. */

const SEED = 20_260_310;
const GRANTS = 50;
const BEGAN_WITHIN = 3_000;
const EVENTS = 1_000;
const ROUNDS = 5;
/** Rounds in which sessions come to be known, and code to be compiled. */
const WARM = 3;

const MIDNIGHT = Date.UTC(2026, 2, 10);
const TABLE_NAMES = { sessions: 'sessions', claims: 'claims', records: 'records' };
/** Where the loop puts what `ingest` has put into `records`: a table of the same definition. */
const BARE = 'bare';

export async function* ingestStoreRows(): AsyncGenerator<BenchLine> {
  const server = spawn(process.execPath, [join(import.meta.dirname, '../world/dynalite-process.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const [port] = await once(server.stdout, 'data');
    yield await storeRow(`http://127.0.0.1:${String(port).trim()}`);
  } finally {
    server.stdin.end();
  }
}

interface Speed {
  readonly recordsPerSecond: number;
  readonly cpuMillis: number;
}

async function storeRow(endpoint: string): Promise<BenchLine> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const settings = { endpoint, region: 'eu-west-1', credentials };
  // Document clients of one client share its settings.
  const [client, bare] = [new DynamoDBClient(settings), new DynamoDBClient(settings)];
  await createTables(client);
  const documents = DynamoDBDocumentClient.from(bare);
  let now = epochMillis(MIDNIGHT + BEGAN_WITHIN * 1_000);
  const service = serviceOver(client, () => now);
  const day = newDay(SEED, GRANTS, BEGAN_WITHIN);
  await storeGrants(
    [...day.records].map((record) => ({ record: record as JsonObject, file: 'bench', place: '' })),
    service,
  );
  const [ours, theirs]: [Speed[], Speed[]] = [[], []];
  const stored = new Set<unknown>();
  for (let round = 0; round < WARM + ROUNDS; round += 1) {
    const from = BEGAN_WITHIN + round * 60;
    const data = deliveryOf(EVENTS, () => day.event({ system: 0, unknownKey: 0, during: [from, from + 60] }));
    now = epochMillis(now + MINUTE);
    const mine = await speedOf(() => taken(data, service));
    const items = (await itemsOf(documents)).filter(({ id }) => !stored.has(id));
    for (const { id } of items) stored.add(id);
    if (items.length !== EVENTS) throw new OutputsDiffer(`${items.length} records of ${EVENTS} events`);
    const other = await speedOf(() => put(items, documents));
    if (round < WARM) continue;
    ours.push(mine);
    theirs.push(other);
  }
  client.destroy();
  bare.destroy();
  return benchLine('ingest-store', {
    ours: medians(ours),
    against: { what: 'PutItem of the same items by the SDK, as many at once', ...medians(theirs) },
    reach: 'records a second at least 0.8',
    note: `deliveries of ${EVENTS} events of ${GRANTS} known sessions, dynalite in a process of its own`,
  });
}

async function createTables(client: DynamoDBClient): Promise<void> {
  const tables: readonly (readonly [TableId, string])[] = [
    ['sessions', TABLE_NAMES.sessions],
    ['claims', TABLE_NAMES.claims],
    ['records', TABLE_NAMES.records],
    ['records', BARE],
  ];
  for (const [id, name] of tables) {
    await client.send(new CreateTableCommand(structuredClone(tableParameters(id, name)) as never));
  }
}

function serviceOver(client: DynamoDBClient, clock: Clock): IngestService {
  const keep = { records: 90 * DAY, sessions: 97 * DAY };
  return {
    ...dynamoDbStores({ client, tables: TABLE_NAMES, clock, keep }),
    rejects: { keep: async () => undefined },
    metrics: { add: () => undefined },
    clock,
    digest: sha256,
    settings: DEFAULT_SETTINGS,
    alertOn: [],
    memory: new KeyMemory(),
    recording: RECORD_ALL,
  };
}

async function taken(data: string, service: IngestService): Promise<void> {
  const payload = { awslogs: { data } };
  const id = sha256(JSON.stringify(payload));
  await ingest(readBatch(payload, `delivery ${id}`, { inflate: inflatePayload }), { id, live: true }, service);
}

async function itemsOf(client: DynamoDBDocumentClient): Promise<JsonObject[]> {
  const items: JsonObject[] = [];
  for await (const page of paginateScan({ client }, { TableName: TABLE_NAMES.records }))
    items.push(...(page.Items ?? []));
  return items;
}

async function put(items: readonly JsonObject[], client: DynamoDBDocumentClient): Promise<void> {
  await mapConcurrently(items, (Item) => client.send(new PutCommand({ TableName: BARE, Item })));
}

async function speedOf(work: () => Promise<void>): Promise<Speed> {
  const [before, start] = [process.cpuUsage(), process.hrtime.bigint()];
  await work();
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const { user, system } = process.cpuUsage(before);
  return { recordsPerSecond: EVENTS / seconds, cpuMillis: (user + system) / 1e3 };
}

function medians(speeds: readonly Speed[]): Speed & Readonly<Record<string, number>> {
  return {
    recordsPerSecond: rounded(median(speeds.map(({ recordsPerSecond }) => recordsPerSecond))),
    cpuMillis: rounded(median(speeds.map(({ cpuMillis }) => cpuMillis))),
  };
}
