import { gzipSync } from 'node:zlib';
import { sha256 } from '../../lib/adapters/digest.ts';
import { inflatePayload } from '../../lib/adapters/files/inflate.ts';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { RECORD_ALL } from '../../lib/audit/recording.ts';
import { ROLL_OUT } from '../../lib/heartbeats/roll-out.ts';
import { auditIdOf } from '../../lib/identity/audit-id.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { RecordStore } from '../../lib/ports/records.ts';
import { storeGrants } from '../../lib/usecases/grants/grants.ts';
import { REPORT, takeReport } from '../../lib/usecases/heartbeats/reports.ts';
import { readBatch } from '../../lib/usecases/ingest/batch.ts';
import { takeEvents, takeGrants, takeHandedOver } from '../../lib/usecases/ingest/deliveries.ts';
import { KeyMemory } from '../../lib/usecases/ingest/key-memory.ts';
import { auditEvent, roleUser } from '../builders/audit-event.ts';
import { utc } from '../builders/company.ts';
import { grant } from '../builders/trail-records.ts';
import { busEvent } from '../functions/deployed.ts';
import { MemoryOutbox } from '../stand-ins/memory/memory-outbox.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, SetClock } from '../usecases/service.ts';

const SENDER = '444455556666';
const AUDIT = { logGroup: '/aws/eks/prod/cluster', logStream: 'kube-apiserver-audit-1' };
const TRAIL = { logGroup: 'aws-cloudtrail-logs-1', logStream: `${SENDER}_CloudTrail_eu-west-1` };
const READING = { inflate: inflatePayload, samples: 1 };

type Insert = RecordStore['insert'];

const payload = (messages: readonly string[], of: JsonObject = {}): JsonObject => ({
  messageType: 'DATA_MESSAGE',
  owner: SENDER,
  ...AUDIT,
  ...of,
  logEvents: messages.map((message) => ({ id: '1', message })),
});
const events = (count: number) =>
  Array.from({ length: count }, (_, at) => JSON.stringify(auditEvent({ auditID: `e${at}` })));

/** A service in memory, and what an account hands over to it. */
function hub(ceiling: number) {
  const clock = new SetClock(utc('12:10:00'));
  const stores = memoryStores(calmWorld(clock.now));
  const outbox = new MemoryOutbox();
  const service = {
    ...stores,
    ...{ rejects: outbox, metrics: outbox, clock: clock.now, digest: sha256, settings: DEFAULT_SETTINGS },
    ...{ alertOn: [], memory: new KeyMemory(), recording: RECORD_ALL, ceiling },
  };
  const insert: Insert = (records) => stores.records.insert(records);
  /** Hands a delivery over; `insert` stands for the table of records. */
  const handOver = (of: JsonObject, { isRetried = false, by = insert }: { isRetried?: boolean; by?: Insert } = {}) => {
    const records = new Proxy(stores.records, {
      get: (target, name) => {
        const value: unknown = name === 'insert' ? by : Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const data = gzipSync(JSON.stringify(of)).toString('base64');
    return takeHandedOver(busEvent({ awslogs: { data } }, SENDER), READING, { ...service, records }, isRetried);
  };
  /** Hands a delivery over to an execution that Lambda ends before this insertion answers. */
  const cutOff = async (of: JsonObject, { isRetried = false, before = 1 } = {}) => {
    let inserted = 0;
    await new Promise<void>((resolve, reject) => {
      const by: Insert = (records) => {
        inserted += 1;
        if (inserted < before) return insert(records);
        resolve();
        return new Promise(() => undefined);
      };
      handOver(of, { isRetried, by }).catch(reject);
    });
  };
  const counted = async () => {
    const { recorded, attempted } = await stores.volumes.of(SENDER);
    return recorded + attempted;
  };
  return { stores, service, insert, handOver, cutOff, counted };
}

type Hub = ReturnType<typeof hub>;

/** The deliveries of the account, by the words of Example 10e. If there are two parts, the first happened before. */
const HANDED_OVER: Readonly<Record<string, (of: Hub) => readonly [unknown] | readonly [unknown, () => unknown]>> = {
  'three new events': ({ handOver }) => [handOver(payload(events(3)))],
  'the same three events again': ({ handOver }) => [
    handOver(payload(events(3))),
    () => handOver(payload(events(3)), { isRetried: true }),
  ],
  '4,001 new events, stored in one attempt': ({ handOver }) => [handOver(payload(events(4_001)))],
  '4,001 new events; the first attempt stored 2,000 and broke off': ({ cutOff }) => [
    cutOff(payload(events(4_001)), { before: 2 }),
  ],
  'the same, stored in the second attempt': ({ cutOff, handOver }) => [
    cutOff(payload(events(4_001)), { before: 2 }).then(() => handOver(payload(events(4_001)), { isRetried: true })),
  ],
  'one event, on which each of four attempts broke off': ({ cutOff }) => [
    [false, true, true, true].reduce<Promise<unknown>>(
      (before, isRetried) => before.then(() => cutOff(payload(events(1)), { isRetried })),
      Promise.resolve(),
    ),
  ],
  '2,001 new events, and a copy that is stored at the same time': (of) => [twoCopies(of)],
  'a copy of a delivery of 2,001 events and five rejected messages, which is stored': ({ handOver }) => [
    handOver(payload([...events(2_001), ...cutMessages(5)])),
    () => handOver(payload([...events(2_001), ...cutMessages(5)])),
  ],
  '2,001 new events and five rejected messages, stored in the second attempt': ({ cutOff, handOver }) => [
    cutOff(payload([...events(2_001), ...cutMessages(5)]), { before: 2 }).then(() =>
      handOver(payload([...events(2_001), ...cutMessages(5)]), { isRetried: true }),
    ),
  ],
  'three new events, and five messages that are rejected': ({ handOver }) => [
    handOver(payload([...events(3), ...cutMessages(5)])),
  ],
  '160 KiB of text in one message that is no event': ({ handOver }) => [handOver(ofBytes(160 * 1_024))],
  "one new event whose delivery states another account's log group, so it is refused": ({ handOver }) => [
    handOver(payload(events(1), { owner: '777788889999' })),
  ],
  'a report of a stack with ten clusters (no delivery of events)': ({ service }) => [takeReport(report(10), service)],
  'a report of a roll-out of ten spokes (no delivery of events)': ({ service }) => [takeReport(rollOut(10), service)],
  'three new events, which waited twice for a throttled table': (of) => [waitedFor(of)],
};

function cutMessages(count: number): readonly string[] {
  return Array.from({ length: count }, () => '{"cut');
}

/** Two executions store a delivery at once: neither finds what the other one stores. */
async function twoCopies({ handOver, insert }: Hub): Promise<void> {
  let release: () => void = () => undefined;
  const both = new Promise<void>((resolve) => {
    release = resolve;
  });
  let waiting = 0;
  const by: Insert = async (records) => {
    waiting += 1;
    if (waiting === 2) release();
    await both;
    return insert(records);
  };
  await Promise.all([1, 2].map(() => handOver(payload(events(2_001)), { by })));
}

async function waitedFor({ handOver }: Hub): Promise<void> {
  const throttled: Insert = () => Promise.reject(Object.assign(new Error('later'), { name: 'ThrottlingException' }));
  for (const isRetried of [false, true])
    await handOver(payload(events(3)), { isRetried, by: throttled }).catch(() => undefined);
  await handOver(payload(events(3)), { isRetried: true });
}

function ofBytes(bytes: number): JsonObject {
  const of = (text: string) => payload([`text ${text}`], { logStream: 'kube-scheduler-1' });
  return of('x'.repeat(bytes - Buffer.byteLength(JSON.stringify(of('')))));
}

function report(clusters: number): JsonObject {
  const detail = {
    ...{ region: 'eu-west-1', version: '0.1.0', at: utc('12:10:00') },
    clusters: Array.from({ length: clusters }, (_, at) => ({ name: `c${at}`, standing: 'subscribed', since: 0 })),
  };
  return { ...busEvent(detail, SENDER), source: REPORT.source, 'detail-type': REPORT.detailType };
}

function rollOut(spokes: number): JsonObject {
  const accounts = Array.from({ length: spokes }, (_, at) => String(100_000_000_000 + at));
  const envelope = busEvent({ deployed: { 'eu-west-1': accounts }, failed: [] }, SENDER);
  return { ...envelope, source: ROLL_OUT.source, 'detail-type': ROLL_OUT.detailType };
}

/** Returns what counts towards the ceiling of the account, as Example 10e says it. */
export async function countedFor(handedOver: string): Promise<string> {
  const of = hub(1_000_000);
  const [first, then] = HANDED_OVER[handedOver]?.(of) ?? [Promise.reject(new Error(`Nobody knows: ${handedOver}`))];
  await first;
  const before = then === undefined ? 0 : await of.counted();
  await then?.();
  return ((await of.counted()) - before).toLocaleString('en-US');
}

const KEY = 'ASIAALICESESSION0001';

/** Returns what becomes of a grant, as Example 10f says it: an event by its key is attributed only if it is stored. */
export async function grantUnderCeiling(how: string, records: string, ofEvents: string): Promise<string> {
  const { stores, service } = hub(100);
  await stores.volumes.add(SENDER, { grants: Number(records), recorded: Number(ofEvents) });
  const detail = grant({ session: 'alice-session', key: KEY, fields: { recipientAccountId: SENDER } });
  const envelope = { source: 'aws.sts', 'detail-type': 'AWS API Call via CloudTrail', account: SENDER, detail };
  const delivery = { id: 'grants', isLive: true };
  const fromLogGroup = readBatch(payload([JSON.stringify(detail)], TRAIL), 'grants', READING);
  if (how === 'by EventBridge') await takeGrants(readBatch(envelope, 'grants', READING), delivery, service);
  else if (how === "by the trail's log group") await takeGrants(fromLogGroup, delivery, service);
  else if (how === "by the log group of an organization's trail") {
    const ofOthers = payload([JSON.stringify(detail)], { ...TRAIL, owner: '999900001111' });
    await takeGrants(readBatch(ofOthers, 'grants', READING), delivery, service);
  } else if (how === 'found by a look-up') await storeGrants(fromLogGroup.trail, service);
  else throw new Error(`Nobody knows: ${how}`);
  const event = auditEvent({ auditID: 'a', user: roleUser({ session: 'alice-session', key: KEY }) });
  await takeEvents(readBatch(payload([JSON.stringify(event)]), 'own', READING), { id: 'own', isLive: false }, service);
  const { records: found } = await stores.records.query({ by: 'audit-id', auditId: auditIdOf('a') }, {}, { limit: 1 });
  return found[0]?.record.attribution.status === 'attributed' ? 'stored' : 'left out';
}
