import { gunzipSync } from 'node:zlib';
import { sha256 } from '../../lib/adapters/digest.ts';
import { inflatePayload } from '../../lib/adapters/files/inflate.ts';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { RECORD_ALL } from '../../lib/audit/recording.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { Clock } from '../../lib/ports/clock.ts';
import type { RecordStore, StoredRecord } from '../../lib/ports/records.ts';
import { epochMillis, SECOND } from '../../lib/time.ts';
import { storeGrants } from '../../lib/usecases/grants/grants.ts';
import { readBatch } from '../../lib/usecases/ingest/batch.ts';
import { ingest } from '../../lib/usecases/ingest/ingest.ts';
import type { IngestService } from '../../lib/usecases/ingest/ingest-service.ts';
import { KeyMemory } from '../../lib/usecases/ingest/key-memory.ts';
import { calmWorld } from '../../test/stand-ins/memory/memory-world.ts';
import { memoryStores } from '../../test/usecases/service.ts';
import { median } from '../measure.ts';
import { type BenchLine, benchLine, OutputsDiffer, rounded } from '../result.ts';
import { newDay } from '../world/day.ts';
import { deliveryOf } from '../world/delivery.ts';

/** What `ingest` works on one full delivery, beside undoing and parsing it; the stores answer at once. */

const SEED = 20_260_310;
/** Sessions that are at work while a delivery gathers, and over how many seconds they began. */
const GRANTS = 50;
const BEGAN_WITHIN = 3_000;
/** With which a delivery comes to about 1 MB compressed, the most that CloudWatch Logs sends at once. */
const EVENTS = 8_000;
const ROUNDS = 7;
/** Rounds in which sessions come to be known, and code to be compiled. */
const WARM = 4;

const MIDNIGHT = Date.UTC(2026, 2, 10);

export async function* ingestRows(): AsyncGenerator<BenchLine> {
  yield await ingestRow('ingest', 0, 'CPU at most 230 ms');
  yield await ingestRow('ingest-system', 0.95, 'CPU at most 230 ms');
}

async function ingestRow(bench: string, system: number, reach: string): Promise<BenchLine> {
  const day = newDay(SEED, GRANTS, BEGAN_WITHIN);
  let now = epochMillis(0);
  const service = instantService(() => now);
  const grants = [...day.records].map((record) => ({ record: record as JsonObject, file: 'bench', place: '' }));
  await storeGrants(grants, service);
  const deliveries = Array.from({ length: ROUNDS + WARM }, (_, round) => {
    const during = [BEGAN_WITHIN + round * 60, BEGAN_WITHIN + (round + 1) * 60] as const;
    return {
      data: deliveryOf(EVENTS, () => day.event({ system, unknownKey: 0, during })),
      at: MIDNIGHT + during[1] * SECOND,
    };
  });
  const ours: number[] = [];
  const theirs: number[] = [];
  for (const [round, { data, at }] of deliveries.entries()) {
    now = epochMillis(at);
    const mine = await cpuOf(() => taken(data, service));
    const other = await cpuOf(async () => parsed(data));
    if (mine.result !== other.result) throw new OutputsDiffer(`${mine.result} records of ${other.result} events`);
    if (round < WARM) continue;
    ours.push(mine.seconds);
    theirs.push(other.seconds);
  }
  return benchLine(bench, {
    ours: { cpuMillis: rounded(median(ours) * 1e3) },
    against: { what: 'gunzip, JSON.parse, JSON.parse of each message', cpuMillis: rounded(median(theirs) * 1e3) },
    reach,
    note: `${EVENTS} events, ${(((deliveries[0]?.data.length ?? 0) * 3) / 4 / 1e6).toFixed(2)} MB compressed, ${system * 100} % of nodes`,
  });
}

async function cpuOf<T>(work: () => Promise<T>): Promise<{ readonly seconds: number; readonly result: T }> {
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return { seconds: (user + system) / 1e6, result };
}

async function taken(data: string, service: IngestService): Promise<number> {
  const payload = { awslogs: { data } };
  const id = sha256(JSON.stringify(payload));
  const batch = readBatch(payload, `delivery ${id}`, { inflate: inflatePayload });
  const { recorded } = await ingest(batch, { id, live: true }, service);
  return recorded;
}

/** What anything that reads a delivery has to do. */
function parsed(data: string): number {
  const text = gunzipSync(Buffer.from(data, 'base64')).toString('utf8');
  const { logEvents } = JSON.parse(text) as { logEvents: readonly { message: string }[] };
  return logEvents.map(({ message }) => JSON.parse(message) as unknown).length;
}

/** Stores in memory, but for records, which are taken and forgotten. */
function instantService(clock: Clock): IngestService {
  const stores = memoryStores(calmWorld(clock));
  const records = Object.assign(Object.create(stores.records) as RecordStore, {
    insert: async (all: readonly StoredRecord[]) => all.map(() => ({ outcome: 'inserted' as const })),
  });
  return {
    ...stores,
    records,
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
