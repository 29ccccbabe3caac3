import type { ClaimIntent } from '../../claims/claim.ts';
import type { AnnouncedIntents, Announcement, ClaimIntents, ForgottenIntents } from '../../ports/claims.ts';
import type { RecordKey } from '../../ports/records.ts';
import type { EpochMillis } from '../../time.ts';
import { inTurnsOfSenders } from '../../turns.ts';
import { shortSha256 } from '../digest.ts';
import { current, expiry } from '../expiry.ts';
import { ANNOUNCED, claimIntentShape } from './claim-item.ts';
import type { TableHandle } from './database.ts';
import { checkedKey, fitted, type Key } from './keys.ts';
import { deleteRequest, type Item, indexRequest, queryRequest } from './requests.ts';
import { fieldsOf, instant, listOf, optional, read, readEach, text } from './shape.ts';
import { TABLES } from './tables.ts';

/**
 * Limits the intents of one item: their number, and their size as JSON in bytes. An intent can have some KB, and an
 * item has at most 400.
 */
const MOST_INTENTS = 50;
const MOST_BYTES = 200_000;
/** Limits the records of one item. Each takes some 60 bytes. */
const MOST_RECORDS = 2_000;
/** The number of abandoned parts that are read at once. Each can have 200 KB. */
const READ_AT_ONCE = 100;
const [BY_DUE] = TABLES.claims.indexes;

/**
 * Intents in the claims table. Each part of a delivery's announcement is an item, and its key is made from its content.
 * So a repeated delivery overwrites the same parts. It does not touch those that it announced when fewer grants were
 * known.
 */
export class DynamoDbIntents implements ClaimIntents {
  readonly #of: TableHandle;

  constructor(of: TableHandle) {
    this.#of = of;
  }

  async announce(delivery: string, { intents, records, sender }: Announcement, now: EpochMillis): Promise<void> {
    const { database, table, keep } = this.#of;
    const parts = [
      ...partsOf(intents).map((part) => ({ intents: part })),
      ...recordPartsOf(records).map((part) => ({ intents: [], records: part })),
    ];
    const items = parts.map((part) => {
      return {
        ...keyOf(delivery, partId(sender, shortSha256(JSON.stringify(part)))),
        dueList: ANNOUNCED,
        due: now,
        delivery,
        ...part,
        expires: expiry(now, keep),
      };
    });
    await database.putAll(table, items);
  }

  async withdraw(delivery: string): Promise<void> {
    const { database, table } = this.#of;
    const keyRange = { hash: partitionOf(delivery), order: 'ascending' } as const;
    for (const { partition, sort } of await database.query(queryRequest(table, TABLES.claims.key, keyRange))) {
      await database.delete(deleteRequest(table, { partition, sort }));
    }
  }

  async fulfil({ delivery, part, at }: AnnouncedIntents): Promise<void> {
    const { database, table } = this.#of;
    await database.delete(deleteRequest(table, keyOf(delivery, part), 'isAnnouncedAt', { ':at': at }));
  }

  async *forgotten(
    before: EpochMillis,
    isLast: (sender: string | undefined) => boolean = () => false,
  ): AsyncGenerator<ForgottenIntents, void> {
    const { database, table, clock } = this.#of;
    const found = await database.query(
      indexRequest(table, BY_DUE, { hash: ANNOUNCED, to: before - 1, order: 'ascending' }),
    );
    const entries = inTurnsOfSenders(found, ({ sort }) => senderIn(String(sort)), isLast);
    for (let at = 0; at < entries.length; at += READ_AT_ONCE) {
      const keys = entries.slice(at, at + READ_AT_ONCE).map(({ partition, sort }) => ({ partition, sort }));
      const items = await database.getAll(table, keys);
      const place = new Map(keys.map((key, index) => [placeOf(key), index]));
      const inOrder = items.toSorted((a, b) => (place.get(placeOf(a)) ?? 0) - (place.get(placeOf(b)) ?? 0)); // DynamoDB returns them in any order.
      const { sound, faulty } = readEach(current(inOrder, clock()), readAnnounced, ({ partition }) =>
        String(partition),
      );
      yield { announced: sound, faulty };
    }
  }
}

function placeOf({ partition, sort }: Item): string {
  return JSON.stringify([partition, sort]);
}

const announcedShape = fieldsOf({
  delivery: text,
  sort: text,
  due: instant,
  intents: listOf(claimIntentShape),
  records: optional(listOf(text)),
});

function readAnnounced(item: Item): AnnouncedIntents {
  const { delivery, sort: part, due: at, intents, records = [] } = read(announcedShape, item);
  const sender = senderIn(part);
  return { delivery, part, at, intents, records: records.map(recordKeyOf), ...(sender !== undefined && { sender }) };
}

function recordPartsOf(records: readonly RecordKey[]): string[][] {
  const keys = records.map(({ partition, id }) => `${partition} ${id}`);
  const count = Math.ceil(keys.length / MOST_RECORDS);
  return Array.from({ length: count }, (_, at) => keys.slice(at * MOST_RECORDS, (at + 1) * MOST_RECORDS));
}

function recordKeyOf(key: string): RecordKey {
  const end = key.indexOf(' ');
  return { partition: key.slice(0, end), id: key.slice(end + 1) };
}

/** Splits the intents into parts that fit into one item each. The order stays. */
export function partsOf(intents: readonly ClaimIntent[]): ClaimIntent[][] {
  const parts: ClaimIntent[][] = [];
  let room = 0;
  for (const intent of intents) {
    const bytes = Buffer.byteLength(JSON.stringify(intent));
    const part = parts.at(-1);
    if (part !== undefined && part.length < MOST_INTENTS && bytes <= room) part.push(intent);
    else parts.push([intent]);
    room = (parts.at(-1) === part ? room : MOST_BYTES) - bytes;
  }
  return parts;
}

/** Returns the ID of a part. It begins with the account that sent the delivery, because an index has only keys. */
function partId(sender: string | undefined, digest: string): string {
  return `${sender ?? ''} ${digest}`;
}

function senderIn(part: string): string | undefined {
  return part.slice(0, part.indexOf(' ')) || undefined;
}

function keyOf(delivery: string, part: string): Key {
  return checkedKey({ partition: partitionOf(delivery), sort: part });
}

function partitionOf(delivery: string): string {
  return `delivery ${fitted(delivery)}`;
}
