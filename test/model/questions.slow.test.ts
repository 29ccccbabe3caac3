import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import type { ReadRecord } from '../../lib/ports/records.ts';
import { MINUTE, parseInstant } from '../../lib/time.ts';
import { matcherOf } from '../../lib/usecases/query/filter.ts';
import { pagesOf } from '../../lib/usecases/query/pages.ts';
import { isInRange, questionParameters, type RecordsQuestion } from '../../lib/usecases/query/question.ts';
import { RecordsInMemory } from '../../lib/usecases/query/records-in-memory.ts';
import { queryRecords } from '../../lib/usecases/query/records-query.ts';
import { worldNumbers } from '../builders/chance.ts';
import { NOW } from '../contract/now.ts';
import { RunningDynalite } from '../contract/running-dynalite.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores } from '../usecases/service.ts';
import { AskedWorld, identityOf, microsOf, type WorldStores } from './asked-world.ts';

const MEMORY_WORLDS = worldNumbers(40, 1_000);
const CORRECTED_WORLDS = worldNumbers(40, 1_000);
const DYNALITE_WORLDS = worldNumbers(1, 8);
const QUESTIONS = 10;
const PAGES = [1, 3, 100];
/** Limits the pages: each costs dynalite some tens of requests. */
const [FEW_QUESTIONS, FEW_PAGES] = [5, [2, 100]];

type Between = (page: number) => Promise<unknown>;

/** Returns the answer to a question, read page by page. */
async function answered(
  question: RecordsQuestion,
  limit: number,
  stores: WorldStores,
  between: Between = async () => undefined,
): Promise<readonly AuditRecord[]> {
  const records: AuditRecord[] = [];
  let cursor: string | undefined;
  for (let page = 1; ; page += 1) {
    const answer = await queryRecords({ question, limit, cursor }, stores);
    records.push(...answer.records);
    ({ cursor } = answer);
    if (cursor === undefined) return records;
    expect(answer.records).toHaveLength(limit); // pages are full, or the last
    await between(page);
  }
}

/** Returns the records as commands keep those of files. */
function recordsInMemory(all: readonly ReadRecord[]): RecordsInMemory {
  const records = new RecordsInMemory({ now: NOW, holdersOf: () => [] });
  for (const { record } of all) records.add(record, undefined);
  return records;
}

async function answeredInMemory(
  question: RecordsQuestion,
  limit: number,
  records: RecordsInMemory,
): Promise<readonly AuditRecord[]> {
  const found: AuditRecord[] = [];
  for await (const page of pagesOf(question, (request) => records.records(request), { limit })) {
    found.push(...page.records);
    expect(placesOf(page.records)).toEqual(placesOf(page.records).toSorted((a, b) => b - a));
  }
  return found;
}

/** Returns the result of the files' filters over the same records. */
function selected(records: readonly ReadRecord[], { filter, range }: RecordsQuestion): readonly ReadRecord[] {
  const isMeant = matcherOf(filter);
  return records.filter(({ record }) => isMeant(record) && isInRange(record, range));
}

const reportOf = (question: RecordsQuestion, seed: number) =>
  `seed ${seed}: ${JSON.stringify(questionParameters(question))}`;
/**
 * Returns the records as texts, with fields in one order: tables have another order than records that were never
 * stored.
 */
const texts = (records: readonly AuditRecord[]) =>
  records.map((record) =>
    JSON.stringify(record, (_key, value: unknown) => (isJsonObject(value) ? sorted(value) : value)),
  );
const sorted = (value: JsonObject) => Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
const placesOf = (records: readonly AuditRecord[]) => records.map(({ time = '' }) => microsOf(parseInstant(time)));

async function expectAlike(
  world: AskedWorld,
  all: readonly ReadRecord[],
  seed: number,
  { questions, pages } = { questions: QUESTIONS, pages: PAGES },
): Promise<number> {
  let found = 0;
  const inMemory = recordsInMemory(all);
  for (let turn = 0; turn < questions; turn += 1) {
    const question = world.question(all.map(({ record }) => record));
    const wanted = selected(all, question).map(({ record }) => record);
    for (const limit of pages)
      expect(texts(await answeredInMemory(question, limit, inMemory)).toSorted(), reportOf(question, seed)).toEqual(
        texts(wanted).toSorted(),
      );
    const answers = await Promise.all(pages.map((limit) => answered(question, limit, world.stores)));
    const [first = []] = answers;
    expect(texts(first).toSorted(), reportOf(question, seed)).toEqual(texts(wanted).toSorted());
    for (const other of answers) expect(texts(other), reportOf(question, seed)).toEqual(texts(first));
    if (!isByStatus(question))
      expect(placesOf(first), reportOf(question, seed)).toEqual(placesOf(first).toSorted((a, b) => b - a));
    found += first.length;
  }
  return found;
}

/** Returns whether records come claim by claim. */
function isByStatus({ filter: { status, candidate } }: RecordsQuestion): boolean {
  return status?.any !== undefined || candidate?.any !== undefined;
}

describe('a question of records', () => {
  it('finds the same records of the same world over files, the API and tables, in one order for any page size', async () => {
    let found = 0;
    for (const seed of MEMORY_WORLDS) {
      const world = await AskedWorld.of(seed, (clock) => memoryStores(calmWorld(clock)));
      await world.grants();
      await world.events();
      await world.service.settleFor(40);
      found += await expectAlike(world, all(world), seed);
    }
    expect(found).toBeGreaterThan(MEMORY_WORLDS.length * QUESTIONS);
  });

  it('has no record twice if settle corrects records between two pages, and each that matches before and after', async () => {
    let corrected = 0;
    for (const seed of CORRECTED_WORLDS) {
      const world = await AskedWorld.of(seed, (clock) => memoryStores(calmWorld(clock)));
      await world.events();
      await world.service.settle();
      const before = all(world);
      const question = world.question(before.map(({ record }) => record));
      const found = await answered(question, world.draw.pick([1, 2, 3]), world.stores, async (page) => {
        if (page === 1) await world.grants();
        await world.service.settle();
        world.service.clock.pass(10 * MINUTE);
      });
      const ids = found.map(identityOf);
      expect(ids.length, reportOf(question, seed)).toBe(new Set(ids).size);
      const after = all(world);
      const always = new Set(selected(after, question).map(({ id }) => id));
      for (const { id, record } of selected(before, question))
        if (always.has(id)) expect(ids, reportOf(question, seed)).toContain(identityOf(record));
      if (JSON.stringify(before) !== JSON.stringify(after)) corrected += 1;
    }
    expect(corrected).toBeGreaterThan(CORRECTED_WORLDS.length / 8); // a new filter makes other questions: some of them have one page
  });

  describe('over dynalite', () => {
    let dynalite: RunningDynalite;
    beforeAll(async () => {
      dynalite = await RunningDynalite.start();
    });
    afterAll(() => dynalite.stop());

    it('means the same records too', async () => {
      for (const seed of DYNALITE_WORLDS) {
        const world = await AskedWorld.of(seed, (clock) => dynalite.stores(clock));
        const memory = await AskedWorld.of(seed, (clock) => memoryStores(calmWorld(clock)));
        for (const each of [world, memory]) {
          await each.grants();
          await each.events();
          await each.service.settleFor(2);
        }
        await expectAlike(world, all(memory), seed, { questions: FEW_QUESTIONS, pages: FEW_PAGES });
      }
    });
  });
});

/** Returns every record of a world in memory. */
function all({ stores }: AskedWorld): readonly ReadRecord[] {
  const { records } = stores;
  if (!('all' in records) || typeof records.all !== 'function') throw new Error('no world in memory');
  return records.all();
}
