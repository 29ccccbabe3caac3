import { describe, expect, it } from 'vitest';
import type { StoredRecord } from '../../lib/ports/records.ts';
import { epochMillis } from '../../lib/time.ts';
import { queryRecords } from '../../lib/usecases/query/records-query.ts';
import { MOST_PARTITIONS } from '../../lib/usecases/query/search-plan.ts';
import { utc } from '../builders/company.ts';
import { asking } from '../builders/question.ts';
import { NOW } from '../contract/now.ts';
import { storedRecord } from '../contract/stored-record.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores } from '../usecases/service.ts';

function event(number: number, namespace: string, time = utc('12:10:00')): StoredRecord {
  const objectRef = { resource: 'pods', namespace, name: `web-${number}`, apiVersion: 'v1' };
  return storedRecord({ auditID: `event-${number}`, objectRef, requestReceivedTimestamp: time }, [], 'prod');
}

async function serviceOf(records: readonly StoredRecord[]) {
  const stores = memoryStores(calmWorld(() => NOW));
  await stores.records.insert(records);
  return stores;
}

describe('more namespaces than are merged', () => {
  const many = Array.from({ length: 2 * MOST_PARTITIONS }, (_, at) => event(at, `n-${at % (MOST_PARTITIONS + 50)}`));
  const idOf = ({ record }: StoredRecord) => String(record.auditId);

  async function pages(
    service: Awaited<ReturnType<typeof serviceOf>>,
    question: object,
    limit: number,
    first?: string,
  ) {
    const found: string[] = [];
    let [cursor, count]: [string | undefined, number] = [first, 0];
    do {
      const page = await queryRecords({ question: asking({ ...question }), limit, cursor }, service);
      expect(page.records.length === limit || page.cursor === undefined || page.examined > 0).toBe(true);
      expect(page.inOrder).toBe(false);
      found.push(...page.records.map(({ auditId }) => auditId));
      cursor = page.cursor;
      count += 1;
      if (count === 1) await service.records.insert([event(9_999, 'n-new', utc('11:00:00'))]);
    } while (cursor !== undefined && count < 200);
    return found;
  }

  it('are read in groups, each record once for any page size, and marked as not in order of time', async () => {
    for (const limit of [300, 1_000]) {
      const service = await serviceOf(many);
      const found = await pages(service, { cluster: 'prod' }, limit);
      expect(new Set(found).size).toBe(found.length);
      expect(many.map(idOf).filter((id) => !found.includes(id))).toEqual([]);
    }
    const wanted = many.slice(700, 703).map(idOf);
    const objects = wanted.map((id) => id.replace('event-', 'web-'));
    const found = await pages(await serviceOf(many), { cluster: 'prod', object: objects }, 2);
    expect(found.toSorted()).toEqual(wanted.toSorted());
  });

  it('are read on from where a page ended when they were fewer', async () => {
    const service = await serviceOf(many.slice(0, 600));
    const question = asking({ cluster: 'prod' });
    const { records, cursor } = await queryRecords({ question, limit: 100 }, service);
    const later = many.slice(600).map((stored) => ({ ...stored, at: epochMillis(Date.parse(utc('11:00:00'))) }));
    await service.records.insert(later);
    const found = await pages(service, { cluster: 'prod' }, 300, cursor);
    const all = [...records.map(({ auditId }) => String(auditId)), ...found];
    expect(new Set(all).size).toBe(all.length);
    expect(many.map(idOf).filter((id) => !all.includes(id))).toEqual([]);
  });
});
