import type { Item } from '../../lib/adapters/dynamodb/requests.ts';
import { attributesOf } from '../../local/tables/attributes.ts';
import { type Change, LevelStore } from '../../local/tables/level-store.ts';

/** In one write of its store. */
const AT_ONCE = 2_000;

/**
 * Puts new items into a table of a dynalite that is not running. By BatchWriteItem it takes 1,800 a second (measured, two busy
 * cores), which is nine minutes for a million; so, 5,000.
 */
export async function fillTable(path: string, table: string, items: Iterable<Item>): Promise<void> {
  const store = await LevelStore.open(path, [table]);
  let changes: Change[] = [];
  for (const item of items) {
    const attributes = attributesOf(item);
    changes.push({ table, key: attributes, item: attributes, isStored: false });
    if (changes.length < AT_ONCE) continue;
    await store.write(changes);
    changes = [];
  }
  await store.write(changes);
  await store.close();
}
