import { firstWhere } from '../../lib/by-halves.ts';

/** A place in a sort order: what an item's range key is, and what tells apart those of one range key in an index. */
export interface Place {
  readonly range: string | number;
  readonly tie: string;
}

/** Which of a partition's entries are meant: a range with both ends included, behind a place in the order that is asked for. */
export interface Span {
  readonly from: string | number | undefined;
  readonly to: string | number | undefined;
  readonly after: Place | undefined;
  readonly order: 'ascending' | 'descending';
}

/** Entries in the order of their places, in which DynamoDB answers: numbers by value, texts by their UTF-8 bytes. */
export class Sorted<T extends Place> {
  readonly #entries: T[] = [];

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  get(place: Place): T | undefined {
    const found = this.#entries[this.#firstFrom(place)];
    return found !== undefined && compare(found, place) === 0 ? found : undefined;
  }

  /** What has this place must not be there. */
  add(entry: T): void {
    const last = this.#entries.at(-1);
    if (last === undefined || compare(last, entry) < 0)
      this.#entries.push(entry); // most come in the order of time
    else this.#entries.splice(this.#firstFrom(entry), 0, entry);
  }

  remove(place: Place): void {
    const at = this.#firstFrom(place);
    const found = this.#entries[at];
    if (found !== undefined && compare(found, place) === 0) this.#entries.splice(at, 1);
  }

  /** In the order that is asked for; nothing is to be added or removed until they have been read. */
  within(span: Span): IteratorObject<T> {
    const { from, to } = span;
    const low = from === undefined ? 0 : firstWhere(this.#entries, ({ range }) => compareRanges(range, from) >= 0);
    const high =
      to === undefined ? this.#entries.length : firstWhere(this.#entries, ({ range }) => compareRanges(range, to) > 0);
    return span.order === 'ascending' ? this.#up(low, high, span.after) : this.#down(low, high, span.after);
  }

  *#up(low: number, high: number, after: Place | undefined): Generator<T, void> {
    const start = after === undefined ? low : Math.max(low, this.#firstBehind(after));
    for (let at = start; at < high; at += 1) yield this.#entries[at] as T; // within its length
  }

  *#down(low: number, high: number, after: Place | undefined): Generator<T, void> {
    const end = after === undefined ? high : Math.min(high, this.#firstFrom(after));
    for (let at = end - 1; at >= low; at -= 1) yield this.#entries[at] as T; // within its length
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

/** In one table or index all are numbers, or all texts. */
function compareRanges(a: string | number, b: string | number): number {
  return typeof a === 'string' && typeof b === 'string' ? compareTexts(a, b) : Number(a) - Number(b);
}

/** Below the surrogates UTF-16, by which texts are compared here, has the order of UTF-8. */
const OF_ANOTHER_ORDER = /[\ud800-\uffff]/;

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  if (OF_ANOTHER_ORDER.test(a) && OF_ANOTHER_ORDER.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : 1;
}
