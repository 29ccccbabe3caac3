import type { Item } from '../../lib/adapters/dynamodb/requests.ts';
import type { IndexDefinition, KeyDefinition, TableDefinition } from '../../lib/adapters/dynamodb/tables.ts';
import { firstWhere } from '../../lib/by-halves.ts';
import { type Attribute, type Attributes, itemOf } from './attributes.ts';

/** The place of an item: in memory until it is written to the store, and for some time after. */
export interface Slot extends Place {
  readonly hash: string;
  /** The item. Undefined if only the store has it. */
  attributes: Attributes | undefined;
  /** Whether the item is deleted, also if the store still has it. */
  isGone: boolean;
  isStored: boolean;
  /** One entry for each index, in the order of the indexes. */
  entries: readonly (IndexEntry | undefined)[];
}

/** A slot's place in an index. */
class IndexEntry implements Place {
  readonly hash: string;
  readonly range: string | number;
  readonly slot: Slot;

  constructor(hash: string, range: string | number, slot: Slot) {
    this.hash = hash;
    this.range = range;
    this.slot = slot;
  }

  /**
   * The order of entries with equal range keys. DynamoDB does not define it; here it is the order of the items' own
   * keys.
   */
  get tie(): string {
    return tieOf(this.slot.hash, this.slot.range);
  }
}

interface Index {
  readonly definition: IndexDefinition;
  readonly partitions: Map<string, SortedEntries<IndexEntry>>;
}

/** A table's items by key and order, with its indexes. Indexes contain only keys and are always up to date. */
export class KeptTable {
  readonly name: string;
  readonly key: KeyDefinition;
  readonly #partitions = new Map<string, SortedEntries<Slot>>();
  readonly #indexes: readonly Index[];

  constructor(name: string, { key, indexes }: TableDefinition) {
    this.name = name;
    this.key = key;
    this.#indexes = indexes.map((definition) => ({ definition, partitions: new Map() }));
  }

  /** Returns the slot of the item with this key, also a deleted one; undefined if there was none. */
  find(key: Item): Slot | undefined {
    return this.#partitions.get(String(key[this.key.hash]))?.get({ range: rangeOf(key[this.key.range]), tie: '' });
  }

  /** Returns the slot for these attributes' key and updates its index entries. Creates the slot if there is none. */
  place(attributes: Attributes): Slot {
    const key = itemOf(pick(attributes, [this.key.hash, this.key.range]));
    const slot = this.find(key) ?? this.#add(key);
    this.#index(slot, attributes);
    return slot;
  }

  /** Removes an item from all answers. Its slot stays until the store has deleted the item. */
  hide(slot: Slot): void {
    this.#index(slot, {});
  }

  /** Removes the slot. */
  forget(slot: Slot): void {
    removeFrom(this.#partitions, slot);
  }

  /** Returns the key of a slot's item in the form of the table. */
  keyOf({ hash, range }: Slot): Attributes {
    return { [this.key.hash]: { S: hash }, [this.key.range]: attributeOf(range) };
  }

  /** Yields the slots of one partition that are not deleted. */
  *slots(hash: string, span: SlotSpan): Generator<Slot, void> {
    const after = span.after && { range: rangeOf(span.after[this.key.range]), tie: '' };
    for (const slot of this.#partitions.get(hash)?.within({ ...span, after }) ?? []) if (!slot.isGone) yield slot;
  }

  /** Yields the keys of an index's partition, each with the index's key and the table's. */
  *entries(name: string, hash: string, span: SlotSpan): Generator<Item, void> {
    const index = this.#indexes.find(({ definition }) => definition.name === name);
    if (index === undefined) throw new Error(`${this.name} has no index ${name}.`);
    const { definition, partitions } = index;
    const after = span.after && {
      range: rangeOf(span.after[definition.range]),
      tie: tieOf(String(span.after[this.key.hash]), rangeOf(span.after[this.key.range])),
    };
    for (const { range, slot } of partitions.get(hash)?.within({ ...span, after }) ?? []) {
      const own = { [this.key.hash]: slot.hash, [this.key.range]: slot.range };
      yield { ...own, [definition.hash]: hash, [definition.range]: range };
    }
  }

  #add(key: Item): Slot {
    const hash = ownText(String(key[this.key.hash]));
    const range = ownText(rangeOf(key[this.key.range]));
    const slot = { hash, range, tie: '', attributes: undefined, isGone: false, isStored: false, entries: [] };
    addTo(this.#partitions, slot);
    return slot;
  }

  #index(slot: Slot, attributes: Attributes): void {
    slot.entries = this.#indexes.map(({ definition, partitions }, at) => {
      const before = slot.entries[at];
      const hash = attributes[definition.hash];
      const range = attributes[definition.range];
      const now = hash && range && { hash: String(scalar(hash)), range: scalar(range) };
      if (before !== undefined && before.hash === now?.hash && before.range === now.range) return before;
      if (before !== undefined) removeFrom(partitions, before);
      if (now === undefined) return undefined;
      const entry = new IndexEntry(ownText(now.hash), ownText(now.range), slot);
      addTo(partitions, entry);
      return entry;
    });
  }
}

/** A span that starts after the key of the last item, as in DynamoDB. */
export type SlotSpan = Omit<Span, 'after'> & { readonly after: Item | undefined };

function addTo<T extends Place & { readonly hash: string }>(partitions: Map<string, SortedEntries<T>>, entry: T): void {
  const partition = partitions.get(entry.hash) ?? new SortedEntries<T>();
  partition.add(entry);
  partitions.set(entry.hash, partition);
}

function removeFrom<T extends Place & { readonly hash: string }>(
  partitions: Map<string, SortedEntries<T>>,
  entry: T,
): void {
  const partition = partitions.get(entry.hash);
  partition?.remove(entry);
  if (partition?.isEmpty) partitions.delete(entry.hash);
}

function tieOf(hash: string, range: string | number): string {
  return `${hash}\0${range}`;
}

function rangeOf(value: unknown): string | number {
  return typeof value === 'number' ? value : String(value);
}

/**
 * Returns a copy of the text. The text may be a slice of a delivery, and keeping it would keep the whole delivery in
 * memory.
 */
function ownText<T extends string | number>(text: T): T {
  return JSON.parse(JSON.stringify(text)) as T; // The same text.
}

function attributeOf(range: string | number): Attribute {
  return typeof range === 'number' ? { N: String(range) } : { S: range };
}

function scalar(attribute: Attribute): string | number {
  return rangeOf(itemOf({ attribute }).attribute);
}

function pick(attributes: Attributes, names: readonly string[]): Attributes {
  return Object.fromEntries(
    names.flatMap((name) => {
      const attribute = attributes[name];
      return attribute === undefined ? [] : [[name, attribute]];
    }),
  );
}

/** A place in a sort order: an item's range key, with a tie-breaker for equal range keys in an index. */
interface Place {
  readonly range: string | number;
  readonly tie: string;
}

/** A part of a partition: a range with both ends included, after a place in the requested order. */
interface Span {
  readonly from: string | number | undefined;
  readonly to: string | number | undefined;
  readonly after: Place | undefined;
  readonly order: 'ascending' | 'descending';
}

/** Entries in DynamoDB's order: numbers by value, texts by their UTF-8 bytes. */
class SortedEntries<T extends Place> {
  readonly #entries: T[] = [];

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  get(place: Place): T | undefined {
    const found = this.#entries[this.#firstFrom(place)];
    return found !== undefined && compare(found, place) === 0 ? found : undefined;
  }

  /** Adds an entry. No other entry may have its place. */
  add(entry: T): void {
    const last = this.#entries.at(-1);
    if (last === undefined || compare(last, entry) < 0)
      this.#entries.push(entry); // Most items arrive in the order of time.
    else this.#entries.splice(this.#firstFrom(entry), 0, entry);
  }

  remove(place: Place): void {
    const at = this.#firstFrom(place);
    const found = this.#entries[at];
    if (found !== undefined && compare(found, place) === 0) this.#entries.splice(at, 1);
  }

  /** Yields the entries of a span in the requested order. Do not add or remove entries before all are read. */
  within(span: Span): IteratorObject<T> {
    const { from, to } = span;
    const low = from === undefined ? 0 : firstWhere(this.#entries, ({ range }) => compareRanges(range, from) >= 0);
    const high =
      to === undefined ? this.#entries.length : firstWhere(this.#entries, ({ range }) => compareRanges(range, to) > 0);
    return span.order === 'ascending' ? this.#up(low, high, span.after) : this.#down(low, high, span.after);
  }

  *#up(low: number, high: number, after: Place | undefined): Generator<T, void> {
    const start = after === undefined ? low : Math.max(low, this.#firstBehind(after));
    for (let at = start; at < high; at += 1) yield this.#entries[at] as T; // The index is below the length.
  }

  *#down(low: number, high: number, after: Place | undefined): Generator<T, void> {
    const end = after === undefined ? high : Math.min(high, this.#firstFrom(after));
    for (let at = end - 1; at >= low; at -= 1) yield this.#entries[at] as T; // The index is below the length.
  }

  #firstFrom(place: Place): number {
    return firstWhere(this.#entries, (entry) => compare(entry, place) >= 0);
  }

  #firstBehind(place: Place): number {
    return firstWhere(this.#entries, (entry) => compare(entry, place) > 0);
  }
}

function compare(a: Place, b: Place): number {
  return compareRanges(a.range, b.range) || compareTexts(a.tie, b.tie);
}

/** Compares two range keys. In one table or index, all are numbers or all are texts. */
function compareRanges(a: string | number, b: string | number): number {
  return typeof a === 'string' && typeof b === 'string' ? compareTexts(a, b) : Number(a) - Number(b);
}

/**
 * Texts for which the order of UTF-16, used here for comparisons, can differ from that of UTF-8: those with surrogates
 * or later code units.
 */
const OF_ANOTHER_ORDER = /[\ud800-\uffff]/;

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  if (OF_ANOTHER_ORDER.test(a) && OF_ANOTHER_ORDER.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : 1;
}
