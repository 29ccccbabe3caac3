import { expect, it } from 'vitest';
import { eventDigest } from '../../cli/attribute/event-digest.ts';
import { RECORD_FORMATS, recordFormat } from '../../cli/format/formats.ts';
import { readInput } from '../../lib/adapters/files/read-input.ts';
import { actionOf, attribute } from '../../lib/attribution/attribute.ts';
import {
  copyContent,
  copyPlace,
  isConflict,
  recordIdentity,
  statesAll,
  withConflict,
} from '../../lib/attribution/copies.ts';
import { KnownGrants } from '../../lib/attribution/known-grants.ts';
import { type AuditRecord, auditRecord, recordHead } from '../../lib/attribution/record.ts';
import { parseTrailRecord } from '../../lib/cloudtrail/record.ts';
import { isJsonObject, textAt } from '../../lib/json.ts';
import type { EventOfInput, RecordSource } from '../../lib/ports/input.ts';
import { parseInstant } from '../../lib/time.ts';
import { attributeFiles } from '../../lib/usecases/attribute/attribute-files.ts';
import { auditEvents } from '../../lib/usecases/attribute/audit-events.ts';
import { plainJson } from '../../lib/words/escape.ts';
import { worldNumbers } from '../builders/chance.ts';
import { rereadable, valuesSource } from '../builders/values-source.ts';
import { settingsOf } from '../evidence/settings.ts';
import { type Draw, drawFrom } from '../oracle/draw.ts';
import { generateWorld } from '../oracle/world.ts';

/** The engine remembers what it read and what the rules answered: nothing that comes out may show it. */

type World = ReturnType<typeof generateWorld>;

function settingsFor({ usernameTemplates: templates, trustedProxies: proxies, identityStores: stores }: World) {
  return settingsOf({ templates, proxies, stores });
}

/** The world's events, each several times at other times of its day, so that callers come again and again. */
function eventsOf({ audit }: World, draw: Draw): unknown[] {
  const moved = audit.flatMap((value) => {
    const time = isJsonObject(value) ? textAt(value, 'requestReceivedTimestamp') : undefined;
    const at = time === undefined ? undefined : parseInstant(time);
    if (!isJsonObject(value) || at === undefined) return [value];
    return [0, 0, 1, 1, 20, 20, 90].map((minutes) => ({
      ...value,
      requestReceivedTimestamp: new Date(at + draw.below(120_000) * (minutes - 10)).toISOString(),
    }));
  });
  return draw.shuffle(moved);
}

/** The records by the rules alone: each event is read by itself, and decided by itself. */
async function byRulesAlone(events: readonly unknown[], world: World): Promise<AuditRecord[]> {
  const settings = settingsFor(world);
  const index = new KnownGrants();
  const nothing = () => undefined;
  const trail: Parameters<RecordSource['read']>[0]['trail'] = (record) => {
    const facts = parseTrailRecord(record);
    if (typeof facts !== 'string') index.add(facts);
  };
  await valuesSource(world.cloudtrail).read({ trail, audit: nothing, ignored: nothing, reject: nothing }, nothing);
  const read: EventOfInput[] = [];
  for (const event of events) {
    // A source for each, so that none shares what was read of another.
    const source = auditEvents(valuesSource([event]), { known: {} });
    await source.read({ event: (each) => read.push(each), ignored: nothing, reject: nothing }, nothing);
  }
  for (const { token } of read) if (token !== undefined) index.add({ token });
  const distinct = new Map<string, EventOfInput>();
  for (const each of read) {
    const identity = recordIdentity(headOf(each));
    if (!distinct.has(identity)) distinct.set(identity, each);
  }
  const places = Map.groupBy([...distinct.values()].map(headOf), copyPlace);
  return [...distinct.values()].flatMap((each) => {
    const { event, site } = each;
    const content = copyContent(headOf(each));
    const others = (places.get(copyPlace(headOf(each))) ?? []).map(copyContent);
    if (others.some((other) => statesAll(other, content) && !statesAll(content, other))) return [];
    const answer = attribute(actionOf(event, site), { index, settings, settled: true });
    const record = auditRecord(event, answer, site);
    const isConflicting = others.some((other) => isConflict(other, content));
    return [isConflicting ? { ...record, attribution: withConflict(record.attribution) } : record];
  });
}

function headOf({ event, site }: EventOfInput) {
  return recordHead(event, site);
}

/** The records of files with these bytes. */
async function overBytes(files: readonly Buffer[], chunk: number, world: World): Promise<AuditRecord[]> {
  const source = bytesSource(files, chunk);
  const records: AuditRecord[] = [];
  await attributeFiles({
    audit: auditEvents(source, { known: {}, again: rereadable(source) }),
    cloudtrail: valuesSource(world.cloudtrail),
    settings: settingsFor(world),
    digest: eventDigest,
    record: (record) => records.push(record),
    reject: () => undefined,
    pause: () => undefined,
  });
  return records;
}

function bytesSource(files: readonly Buffer[], chunk: number): RecordSource {
  return {
    async read(sink) {
      for (const [number, bytes] of files.entries()) {
        const pieces = async function* () {
          for (let at = 0; at < bytes.length; at += chunk) yield { bytes: bytes.subarray(at, at + chunk), read: at };
        };
        await readInput({ file: `file ${number}`, counted: [], bytes: pieces() }, sink, () => undefined);
      }
    },
  };
}

/** The ways in which the same events can lie in files. */
function formsOf(events: readonly unknown[], draw: Draw) {
  const lines = events.map((event) => JSON.stringify(event));
  const cut = draw.below(lines.length);
  return {
    'JSON lines': [Buffer.from(lines.join('\n'))],
    'JSON lines of Windows': [Buffer.from(`${lines.join('\r\n')}\r\n`)],
    'two files': [lines.slice(0, cut), lines.slice(cut)].map((part) => Buffer.from(part.join('\n'))),
    'a JSON array': [Buffer.from(JSON.stringify(events))],
    'a list over many lines': [Buffer.from(JSON.stringify({ kind: 'EventList', items: events }, null, 2))],
  };
}

function textIn(name: (typeof RECORD_FORMATS)[number], records: readonly AuditRecord[]): string {
  const { record, end } = recordFormat(name);
  return records.map(record).join('') + end();
}

async function expectSame(seed: number): Promise<void> {
  const [world, draw] = [generateWorld(seed), drawFrom(seed)];
  const events = eventsOf(world, draw);
  const expected = await byRulesAlone(events, world);
  for (const [form, files] of Object.entries(formsOf(events, draw))) {
    const records = await overBytes(files, 200 + draw.below(20_000), world);
    expect(textIn('jsonl', records), `seed ${seed}, ${form}`).toBe(textIn('jsonl', expected));
    expect(records, `seed ${seed}, ${form}`).toEqual(expected);
  }
  const records = await overBytes(formsOf(events, draw)['JSON lines'], 4_096, world);
  for (const name of RECORD_FORMATS) {
    expect(textIn(name, records), `seed ${seed}, ${name}`).toBe(textIn(name, expected));
  }
}

it('for any world the rules alone give the same records, however the input is cut and in every format', async () => {
  for (const seed of worldNumbers(8, 1_000)) await expectSame(seed);
});

it('a record in JSON lines is its JSON', async () => {
  for (const seed of worldNumbers(8, 1_000)) {
    const world = generateWorld(seed);
    const records = await byRulesAlone(eventsOf(world, drawFrom(seed)), world);
    expect(textIn('jsonl', [...records, ...records])).toBe(
      [...records, ...records].map((record) => `${plainJson(record)}\n`).join(''),
    );
  }
});

it('callers that return after thousands of others get the same answers', async () => {
  const world = generateWorld(7);
  const events = eventsOf(world, drawFrom(7));
  const others = Array.from({ length: 5_000 }, (_, at) => ({
    auditID: `other-${at}`,
    user: { username: `system:serviceaccount:default:other-${at}` },
    requestReceivedTimestamp: '2026-03-10T12:00:00Z',
  }));
  const again = events.map((event, at) => (isJsonObject(event) ? { ...event, auditID: `again-${at}` } : event));
  const all = [...events, ...others, ...again];
  const file = Buffer.from(all.map((event) => JSON.stringify(event)).join('\n'));
  expect(await overBytes([file], 64 * 1024, world)).toEqual(await byRulesAlone(all, world));
});
