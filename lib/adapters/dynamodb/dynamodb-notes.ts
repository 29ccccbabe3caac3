import { type Author, NAMES, NOTE_KINDS, type Note, type SessionView } from '../../claims/note.ts';
import type { NotePage, Notes } from '../../ports/notes.ts';
import type { Page } from '../../ports/paging.ts';
import { DAY, type EpochMillis, epochMillis } from '../../time.ts';
import { expiry, secondsOf } from '../expiry.ts';
import type { TableHandle } from './database.ts';
import { checkedKey, checkPosition, fitted, sortableTime } from './keys.ts';
import { type Item, putRequest, queryRequest } from './requests.ts';
import { instant, number, objectOf, oneOf, optional, read, text } from './shape.ts';
import { TABLES } from './tables.ts';

/**
 * How long a note can be found by its ID, in milliseconds. A client that received no answer can send the note again in
 * that time.
 */
const SENT_AGAIN = DAY;

/**
 * Notes in the claims table. A note has an item under its subject, and another one under its month, to list recent
 * notes. These items do not expire.
 */
export class DynamoDbNotes implements Notes {
  readonly #of: TableHandle;

  constructor(of: TableHandle) {
    this.#of = of;
  }

  /**
   * Stores the note. It writes the item under its ID first. If the note is sent again, that item has the time of the
   * first attempt, and missing items are written.
   */
  async add(note: Note): Promise<Note> {
    const { database, table, clock } = this.#of;
    const put = (item: Item) => database.put(putRequest(table, item, 'isNew', { ':seconds': secondsOf(clock()) }));
    const key = checkedKey({ partition: `note ${fitted(note.id)}`, sort: 'note' });
    const isNew = await put({ ...key, note, expires: expiry(clock(), SENT_AGAIN) });
    const before = isNew ? undefined : await database.get(table, key);
    const kept = before === undefined ? note : readNote(before);
    for (const partition of [aboutPartition(kept.about), monthPartition(kept.when)])
      await put({ ...checkedKey({ partition, sort: placeOf(kept) }), note: kept });
    return kept;
  }

  async about(about: string, page: Page): Promise<NotePage> {
    checkPosition(page.position);
    const found = await this.#below(aboutPartition(about), '0', page, page.limit + 1);
    return pageOf(found, page.limit);
  }

  /** Reads month by month until the page is full. */
  async between(since: EpochMillis, until: EpochMillis, page: Page): Promise<NotePage> {
    checkPosition(page.position);
    const below = { ...page, position: page.position ?? `${sortableTime(until)}.~` };
    const found: Note[] = [];
    for (const partition of monthsBetween(since, epochMillis(timeOfPlace(below.position)))) {
      const room = page.limit + 1 - found.length;
      if (room <= 0) break;
      found.push(...(await this.#below(partition, sortableTime(since), below, room)));
    }
    return pageOf(found, page.limit);
  }

  async #below(partition: string, from: string, { position }: Page, room: number): Promise<readonly Note[]> {
    const { database, table } = this.#of;
    const bounds = { from, to: position ?? '~' };
    const keyRange = { hash: partition, ...bounds, order: 'descending', limit: room + 1 } as const;
    const items = await database.query(queryRequest(table, TABLES.claims.key, keyRange));
    const below = items.filter(({ sort }) => sort !== position);
    return below.slice(0, room).map(readNote);
  }
}

function pageOf(found: readonly Note[], limit: number): NotePage {
  const notes = found.slice(0, limit);
  const last = notes.at(-1);
  return { notes, ...(found.length > limit && last && { position: placeOf(last) }) };
}

function placeOf({ when, id }: Note): string {
  return `${sortableTime(when)}.${id}`;
}

/** Returns the time of a position, from the microseconds in it (`sortableTime`). */
function timeOfPlace(place: string): number {
  return Number(place.split('.')[0]) / 1_000;
}

function aboutPartition(about: string): string {
  return `notes about ${fitted(about)}`;
}

function monthPartition(at: EpochMillis): string {
  return `notes of ${new Date(at).toISOString().slice(0, 7)}`;
}

/** Returns the partitions of the months, the latest first. */
function monthsBetween(since: EpochMillis, until: EpochMillis): readonly string[] {
  const months: string[] = [];
  const end = new Date(until);
  for (let back = 0; ; back += 1) {
    const begin = Date.UTC(end.getUTCFullYear(), end.getUTCMonth() - back, 1);
    const next = Date.UTC(end.getUTCFullYear(), end.getUTCMonth() - back + 1, 1);
    if (next <= since) return months;
    months.push(monthPartition(epochMillis(begin)));
  }
}

const noteShape = objectOf<Note>({
  id: text,
  about: text,
  kind: oneOf(NOTE_KINDS),
  text,
  who: objectOf<Author>({
    id: text,
    name: optional(text),
    nameIs: optional(oneOf(NAMES)),
    statedBy: optional(oneOf(['writer'] as const)),
  }),
  when: instant,
  seen: optional(objectOf<SessionView>({ count: optional(number), last: optional(text) })),
});

function readNote(item: Item): Note {
  return read(noteShape, item.note, 'note');
}
