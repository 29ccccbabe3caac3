import { createRequire } from 'node:module';

/**
 * dynalite 4.0.0 ends what it reads for a Query by its iterator's `return`, which the iterators of abstract-level 3 do not
 * have (dynalite/db/index.js, `createValueStream`; abstract-level/abstract-iterator.js has `close`). So each Query left an
 * iterator open, with all that LevelDB must keep for it: its snapshot, and files and tables that would be gone. Loaded
 * before dynalite, this gives them one.
 */
interface Iterators {
  readonly prototype: { close(): Promise<void>; return?: () => Promise<void> };
}

const level = createRequire(createRequire(import.meta.url).resolve('dynalite')).resolve('level');
const abstractLevel = createRequire(level)('abstract-level') as Readonly<Record<string, Iterators>>; // it is JavaScript's

for (const name of ['AbstractKeyIterator', 'AbstractValueIterator']) {
  const iterators = abstractLevel[name];
  if (iterators === undefined)
    throw new Error(`abstract-level has no ${name}: see whether dynalite closes its iterators.`);
  iterators.prototype.return ??= function () {
    return this.close();
  };
}
