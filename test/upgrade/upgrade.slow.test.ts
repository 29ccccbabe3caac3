import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TABLES, type TableDefinition, type TableId } from '../../lib/adapters/dynamodb/tables.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { RunningDynalite } from '../contract/running-dynalite.ts';
import { Service, SetClock } from '../usecases/service.ts';
import { definitionsOf, itemsOf, STOPPED, takenOver, VERSIONS } from './tables-before.ts';

/** docs/upgrade.md promises these. */
describe.each(VERSIONS)('over the tables of %s', (version) => {
  let dynalite: RunningDynalite;
  let service: Service;
  beforeAll(async () => {
    dynalite = await RunningDynalite.start();
    const clock = new SetClock(STOPPED);
    service = new Service(await takenOver(version, dynalite, clock.now), clock, { withoutLookups: true });
  });
  afterAll(() => dynalite.stop());

  const before = itemsOf(version).flatMap(({ table, item }) =>
    table === 'records' ? (item.record?.M?.auditId?.S ?? []) : [],
  );

  const answers = async () => {
    const all = new Map<string, AuditRecord['attribution']>();
    for (const auditId of new Set(before))
      for (const record of await service.recordsOf(auditId)) all.set(`${auditId} ${record.stage}`, record.attribution);
    return all;
  };

  it('CloudFormation can update the tables in one step, with all that is in them', () => {
    const earlier = definitionsOf(version);
    for (const id of Object.keys(TABLES) as TableId[]) {
      const now: TableDefinition = TABLES[id];
      expect(now.key, id).toEqual(earlier[id].key);
      expect(now.ttl, id).toBe(earlier[id].ttl);
      // One index comes or goes in an update (CloudFormation, AWS::DynamoDB::Table, "GlobalSecondaryIndexes").
      const changed = [...now.indexes, ...earlier[id].indexes].filter(
        (index) => !(isIn(now, index) && isIn(earlier[id], index)),
      );
      expect(changed.length, id).toBeLessThanOrEqual(1);
    }
  });

  it('every record is found, and those who were named stay named; what was open ends', async () => {
    const found = await answers();
    expect(found.size).toBeGreaterThan(100);
    expect([...found.values()].some(({ status }) => status === 'pending')).toBe(true);
    await service.settleFor(60);
    const settled = await answers();
    expect([...settled.keys()]).toEqual([...found.keys()]);
    for (const [key, { status, actor }] of found) {
      if (status === 'attributed') expect(settled.get(key), key).toMatchObject({ status, actor });
    }
  });
});

function isIn({ indexes }: TableDefinition, index: TableDefinition['indexes'][number]): boolean {
  return indexes.some((each) => JSON.stringify(each) === JSON.stringify(index));
}
