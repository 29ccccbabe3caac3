import { createRequire } from 'node:module';

/**
 * Adds the method `return` to the iterators of abstract-level 3. dynalite 4.0.0 calls it to end the reads of a Query
 * (dynalite/db/index.js, `createValueStream`), but the iterators only have `close`
 * (abstract-level/abstract-iterator.js). Without it, each Query leaves an iterator open, and LevelDB keeps its snapshot
 * with obsolete files and tables. Load this module before dynalite.
 */
interface Iterators {
  readonly prototype: { close(): Promise<void>; return?: () => Promise<void> };
}

const level = createRequire(createRequire(import.meta.url).resolve('dynalite')).resolve('level');
const abstractLevel = createRequire(level)('abstract-level') as Readonly<Record<string, Iterators>>; // It has no types.

for (const name of ['AbstractKeyIterator', 'AbstractValueIterator']) {
  const iterators = abstractLevel[name];
  if (iterators === undefined)
    throw new Error(`abstract-level has no ${name}. Check whether dynalite closes its iterators now.`);
  iterators.prototype.return ??= function () {
    return this.close();
  };
}
