import { firstWhere } from '../../lib/by-halves.ts';
import { type Page, PositionError } from '../../lib/ports/paging.ts';
import type {
  ClaimRange,
  Correction,
  Insertion,
  ReadRecord,
  RecordPage,
  StoredRecord,
} from '../../lib/ports/records.ts';
import { MemoryRecords } from '../../test/stand-ins/memory/memory-records.ts';

/** An expiry that is never reached. */
const NEVER = 2 ** 40;

/**
 * Records by id and by claim, like the table's index. The plain store in memory searches all records, which would be
 * measured instead of settle.
 */
export class LeanRecords extends MemoryRecords {
  readonly #byId = new Map<string, ReadRecord>();
  readonly #ofClaim = new Map<string, { ids: { place: string; id: string }[]; isSorted: boolean }>();
  /** Number of records read by claim. */
  recordsRead = 0;

  override async insert(records: readonly StoredRecord[]): Promise<readonly Insertion[]> {
    return records.map((record): Insertion => {
      const stored = this.#byId.get(record.id);
      if (stored !== undefined) return { outcome: 'duplicate', stored };
      this.#byId.set(record.id, { ...record, revision: 1, expires: NEVER });
      this.#file(record);
      return { outcome: 'inserted' };
    });
  }

  override async ofClaim({ id, first, last, until = last }: ClaimRange, page: Page): Promise<RecordPage> {
    const places = this.#placesOf(id);
    if (page.position !== undefined && !page.position.includes(' ')) throw new PositionError('no place in the order');
    const from = page.position === undefined ? placeOf(first, '') : `${page.position}\0`;
    const start = firstWhere(places, ({ place }) => place >= from);
    const found = places.slice(start, start + page.limit).filter(({ place }) => place <= placeOf(until, '~'));
    this.recordsRead += found.length;
    const records = found.flatMap((each) => this.#byId.get(each.id) ?? []);
    const isMore = found.length === page.limit && start + page.limit < places.length;
    const position = found.at(-1)?.place;
    return { records, positions: found.map(({ place }) => place), ...(isMore && position && { position }) };
  }

  override async correct(records: readonly ReadRecord[]): Promise<readonly Correction[]> {
    return records.map((record): Correction => {
      if (this.#byId.get(record.id)?.revision !== record.revision) return { outcome: 'overtaken' };
      this.#byId.set(record.id, { ...record, revision: record.revision + 1 });
      return { outcome: 'corrected' };
    });
  }

  override all(): readonly ReadRecord[] {
    return [...this.#byId.values()];
  }

  #file({ id, at, claimId }: StoredRecord): void {
    if (claimId === undefined) return;
    const filed = this.#ofClaim.get(claimId) ?? { ids: [], isSorted: false };
    filed.ids.push({ place: placeOf(at, id), id });
    filed.isSorted = false;
    this.#ofClaim.set(claimId, filed);
  }

  #placesOf(claimId: string): readonly { readonly place: string; readonly id: string }[] {
    const filed = this.#ofClaim.get(claimId);
    if (filed === undefined) return [];
    if (!filed.isSorted) filed.ids.sort((a, b) => (a.place < b.place ? -1 : 1));
    filed.isSorted = true;
    return filed.ids;
  }
}

function placeOf(at: number | undefined, id: string): string {
  return `${String(Math.round((at ?? 0) * 1_000)).padStart(17, '0')} ${id}`;
}
