import type { Item } from '../../lib/adapters/dynamodb/requests.ts';
import { TABLES, type TableDefinition } from '../../lib/adapters/dynamodb/tables.ts';

/**
 * Returns what DynamoDB charges for a write, by its own rules, because dynalite does not count the indexes. It charges the
 * larger of the item before and after, in units of 1 KB. For each index, it charges one unit for an entry that comes or
 * goes, and two for one that moves. Source: DynamoDB Developer Guide, "Capacity unit consumption for write operations" and "Item sizes".
 */
export function writeUnits(table: keyof typeof TABLES, before: Item | undefined, after: Item): number {
  const definition: TableDefinition = TABLES[table];
  const own = Math.ceil(Math.max(before === undefined ? 0 : itemSize(before), itemSize(after)) / 1_024);
  const indexes = definition.indexes.map((index) => {
    const entry = (item: Item | undefined) =>
      item?.[index.hash] === undefined || item[index.range] === undefined
        ? undefined
        : JSON.stringify([item[index.hash], item[index.range]]);
    const [was, is] = [entry(before), entry(after)];
    return was === is ? 0 : (was === undefined ? 0 : 1) + (is === undefined ? 0 : 1);
  });
  return own + indexes.reduce((a, b) => a + b, 0);
}

export function itemSize(item: Item): number {
  return Object.entries(item).reduce(
    (sum, [name, value]) => (value === undefined ? sum : sum + Buffer.byteLength(name) + valueSize(value)),
    0,
  );
}

function valueSize(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'number') return Math.ceil(String(value).replace(/\D/g, '').length / 2) + 1;
  if (value instanceof Uint8Array) return value.length;
  if (Array.isArray(value)) return 3 + value.reduce((sum: number, entry) => sum + 1 + valueSize(entry), 0);
  if (typeof value === 'object' && value !== null) return 3 + itemSize({ ...value }) + Object.keys(value).length;
  return 1;
}
