import type { Actor } from '../../attribution/actor.ts';
import { type Place, placeOf } from '../../attribution/place.ts';
import type { AuditId } from '../../identity/audit-id.ts';
import { accountOfKey } from '../../identity/cluster.ts';
import { present } from '../../json.ts';
import { placeInId, type ReadRecord, type RecordKey, type StoredRecord } from '../../ports/records.ts';
import { type EpochMillis, epochMillis, parseInstant } from '../../time.ts';
import { sha256, shortSha256 } from '../digest.ts';
import { checkPart, fitted, sortableTime } from './keys.ts';
import { storedForm, storedRecordShape } from './record-shape.ts';
import type { Item } from './requests.ts';
import { fieldsOf, listOf, number, optional, read, text } from './shape.ts';

/**
 * The endings of keys that would otherwise overload a partition, which allows 1,000 writes a second. Such keys are
 * those of a busy actor or namespace, or of an audit ID that a client uses repeatedly. Of a namespace, readers
 * read only the endings that are in use (`NamespacePlaces`). Of the other keys, they read all endings.
 */
export const ENDINGS = ['0', '1', '2', '3'] as const;
/** The ending of the records of a namespace that is not busy. */
export const FIRST_ENDING = ENDINGS[0];

/** Returns the ending of a record if all endings are used. */
export function wideEnding(id: string): string {
  return String(Number.parseInt(sha256(id).slice(0, 1), 36) % ENDINGS.length || 0);
}

/**
 * Returns the partition of an audit ID. It is a hash, so that clients cannot choose it. Records can be read by their
 * audit ID in it, without an index.
 */
export function auditPartition(auditId: AuditId, ending: string): string {
  return `${shortSha256(auditId)}${ending}`;
}

export function recordKey({ id, record }: StoredRecord): RecordKey {
  return {
    partition: checkPart('partition', auditPartition(record.auditId, wideEnding(placeInId(id)))),
    id: checkPart('id', id, 1_024),
  };
}

/** Returns the text under which an actor's records are indexed: its ID. */
export function indexedId({ id }: Actor): string {
  return fitted(id);
}

export function actorKey(file: string, ending: string): string {
  return checkPart('actorKey', `${file}#${ending}`);
}

/** Returns the name of the file of a namespace's records. */
export function namespaceFile({ clusterKey, namespace }: Place): string {
  return `${fitted(clusterKey)}/${fitted(namespace)}`;
}

/**
 * Returns the name of the file for those namespaces of an account's clusters that have no place of their own. No
 * namespace's file has this name, because no cluster key begins with `others of`.
 */
export function othersFile(account: string): string {
  return `others of ${account}`;
}

export function keyInFile(file: string, ending: string): string {
  return checkPart('namespaceKey', `${file}#${ending}`);
}

/** The place of a record in its namespace: the file and the ending. The file is the namespace's own or a common one. */
export type Ending = string;

const AMONG_OTHERS = 'others ';

export function endingOf(isOwn: boolean, ending: string): Ending {
  return isOwn ? ending : `${AMONG_OTHERS}${ending}`;
}

/** Returns whether the record shows that the namespace has a place of its own. */
export function isInOwnPlace(ending: Ending = FIRST_ENDING): boolean {
  return !ending.startsWith(AMONG_OTHERS);
}

function namespaceKey(place: Place, ending: Ending): string {
  const isOwn = isInOwnPlace(ending);
  return keyInFile(isOwn ? namespaceFile(place) : othersFile(accountOfKey(place.clusterKey)), ending.slice(-1));
}

function endingIn(key: string | undefined, { clusterKey }: Place): Ending {
  const ending = key?.slice(-1) ?? FIRST_ENDING;
  return endingOf(key !== keyInFile(othersFile(accountOfKey(clusterKey)), ending), ending);
}

/**
 * Returns the place of a record in every index. It consists of the time, then the claim, which distinguishes the
 * entries of a session, then the record.
 */
export function sortOf({ at, claimId, id }: Pick<StoredRecord, 'at' | 'claimId' | 'id'>): string {
  const [, part = id] = id.split('~'); // Copies of one event share the first part.
  return `${sortableTime(at ?? 0)}.${claimTag(claimId)}.${part.slice(0, 10)}`;
}

/**
 * Returns a part of the claim ID. It is long enough to recognize entries of other claims in a shared session. The
 * record has the whole ID.
 */
export function claimTag(claimId: string | undefined): string {
  return (claimId ?? '').slice(0, 8);
}

/** The place of a record in its session (`suffixOf`) and in its namespace. */
export interface PlaceInIndexes {
  readonly shard?: string | undefined;
  readonly ending?: string | undefined;
}

/**
 * Returns the item of a record. No value is stored twice, because that would cost one more write unit for each record.
 */
export function recordItem(
  stored: StoredRecord,
  revision: number,
  expires: number,
  { shard = '', ending = FIRST_ENDING }: PlaceInIndexes = {},
): Item {
  const { id, claimId, session, replayed, conflicts, record } = stored;
  const { actor } = record.attribution;
  return present<Record<string, unknown>>({
    ...recordKey(stored),
    sort: checkPart('sort', sortOf(stored), 1_024),
    actorKey: actor && actorKey(indexedId(actor), wideEnding(id)),
    sessionKey: session === undefined ? undefined : checkPart('sessionKey', `${fitted(session)}${shard}`),
    sessionShard: session === undefined || shard === '' ? undefined : shard,
    namespaceKey: namespaceKey(placeOf(record), ending),
    claim: claimId,
    replayed,
    conflicts,
    revision,
    expires,
    record: storedForm(record),
  });
}

/** The shape of the fields that are read from an item of `recordItem`. */
const recordItemShape = fieldsOf({
  id: text,
  sessionShard: optional(text),
  sessionKey: optional(text),
  namespaceKey: optional(text),
  claim: optional(text),
  conflicts: optional(listOf(text)),
  revision: number,
  expires: number,
  record: storedRecordShape,
});

/**
 * Parses a record.
 * @throws UnreadableItemError if the item is not as this program writes it.
 */
export function readRecord(item: Item): ReadRecord {
  const { sessionShard: shard, sessionKey, namespaceKey: key, claim: claimId, ...kept } = read(recordItemShape, item);
  const ending = endingIn(key, placeOf(kept.record));
  return present<ReadRecord>({
    id: kept.id,
    at: kept.record.time === undefined ? undefined : parseInstant(kept.record.time),
    claimId,
    session: sessionKey?.slice(0, sessionKey.length - (shard?.length ?? 0)),
    shard,
    ending: ending === FIRST_ENDING ? undefined : ending,
    replayed: item.replayed === true ? true : undefined,
    conflicts: kept.conflicts,
    revision: kept.revision,
    expires: kept.expires,
    record: kept.record,
  });
}

/** Returns the bounds in an index for a range of event times. */
export function boundsOf(from: EpochMillis | undefined, to: EpochMillis | undefined): { from: string; to: string } {
  return { from: sortableTime(from ?? 0), to: `${sortableTime(to ?? epochMillis(1e13))}.~` };
}
