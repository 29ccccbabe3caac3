import type { Claim } from '../claims/claim.ts';
import type { KeptRecord } from '../claims/kept-record.ts';
import type { AuditId } from '../identity/audit-id.ts';
import type { ClusterCondition, ClusterKey } from '../identity/cluster.ts';
import type { EpochMillis } from '../time.ts';
import type { Page, Position, TimeRange } from './paging.ts';
import type { FaultyItem, StoredItemError } from './stored-items.ts';

/** A record as stored, with the parts needed to decide it again and to find it. */
export interface StoredRecord {
  /**
   * Digest of the event's place (`copyPlace`): one event has one record, however often it is delivered. A copy that
   * conflicts with the one at the place has a digest of its content after it (`<place>~<content>`).
   */
  readonly id: string;
  /** Event time of the record; undefined if it cannot be parsed. */
  readonly at?: EpochMillis | undefined;
  /** The ID of the record's claim. Absent if nothing later can change the answer and no list contains it: see `claimOf` and `claimOfImpersonator`. */
  readonly claimId?: string | undefined;
  /** The key under which the records of one session are stored together. */
  readonly session?: string | undefined;
  /** Set if backfill or replay stored the record and it was never delivered live. It raises no alert. */
  readonly replayed?: true | undefined;
  /**
   * The copies of the event that contradict this one and were stored before it: the actor that each names and, if another
   * account handed it over, that account. A few copies at most are listed. Empty if all of them came later, because
   * the alert about them also covers this record. Absent if no copy contradicts this one.
   */
  readonly conflicts?: readonly string[] | undefined;
  readonly record: KeptRecord;
}

/** Returns the place's part of a record's ID, which all copies of an event share. */
export function placeInId(id: string): string {
  const [place = id] = id.split('~');
  return place;
}

/** A stored record with its revision, by which a correction notices other writers. */
export interface ReadRecord extends StoredRecord {
  readonly revision: number;
  /** Expiry in epoch seconds. A correction keeps it, so that no record outlives the grants it depends on. */
  readonly expires: number;
  /** The place of the record in its session, which only the store understands. Pass it back with a correction. */
  readonly shard?: string;
  /** The place of the record in its namespace, which only the store understands; absent for the first place. */
  readonly ending?: string;
}

/** The place of a record in the store. It is the same for the same record, stored or not. */
export interface RecordKey {
  readonly partition: string;
  readonly id: string;
}

/** The stored records of some keys. */
export interface RecordsOfKeys {
  readonly records: readonly ReadRecord[];
  readonly faulty: readonly FaultyItem[];
}

export type Insertion =
  | { readonly outcome: 'inserted' }
  | { readonly outcome: 'duplicate'; readonly stored: ReadRecord }
  | { readonly outcome: 'refused'; readonly fault: StoredItemError };

export type Correction =
  | { readonly outcome: 'corrected' }
  /** Another writer changed the record since it was read. */
  | { readonly outcome: 'overtaken' }
  | { readonly outcome: 'refused'; readonly fault: StoredItemError };

/** The parts of a claim that locate its records. */
export type ClaimRange = Pick<Claim, 'id' | 'session' | 'sender' | 'first' | 'last' | 'until'>;

/**
 * The records in the shared places of these accounts. Each account has one shared place: for the namespaces that have
 * no place of their own, and for records that were stored before their namespace got one.
 */
export interface OtherNamespaces {
  readonly by: 'other-namespaces';
  readonly accounts: readonly string[] | 'all';
  /** Selects the clusters. Undefined: all of the accounts. */
  readonly clusters: ClusterCondition | undefined;
}

/** A set of records that are stored together, in the order of time. */
export type RecordsWhere =
  | { readonly by: 'actor'; readonly actor: string }
  | { readonly by: 'session'; readonly session: string }
  /** Records of a claim, within the times that it covers. */
  | { readonly by: 'claim'; readonly claim: ClaimRange }
  /** Records of a namespace, as `placeOf` names it: the namespace may be `-`. */
  | { readonly by: 'namespace'; readonly clusterKey: ClusterKey; readonly namespace: string }
  /**
   * Records in a namespace's own place. Records from before the namespace was proven may be in `other-namespaces` of
   * its account. If both are read, each record is found in one of them only.
   */
  | { readonly by: 'own-place'; readonly clusterKey: ClusterKey; readonly namespace: string }
  | OtherNamespaces
  | { readonly by: 'audit-id'; readonly auditId: AuditId };

export interface RecordPage {
  readonly records: readonly ReadRecord[];
  /** For each record, the position of a page that ends after it. */
  readonly positions: readonly Position[];
  /** Number of records read for the page, if larger than the page. */
  readonly examined?: number;
  /** Set if too many records have the same audit ID to be sorted. They come in the store's order, each once. */
  readonly inOrder?: false;
  /** The position of the next page. Absent after the last page. A page may hold fewer records than its limit and still have a next one. */
  readonly position?: Position;
}

/** The pages of one answer, each starting where the previous ended. Records read ahead for one page serve the next. */
export interface RecordReading {
  /** Returns in how many places the store must look. The first page takes at least one request for each. */
  partitions(): Promise<number>;
  /** Returns the next page. If the question's budget ends it, the page may be empty but has a position. */
  next(limit: number): Promise<RecordPage>;
}

export interface RecordStore {
  /** Stores new records and never overwrites any. Returns outcomes in the order of the records. */
  insert(records: readonly StoredRecord[]): Promise<readonly Insertion[]>;
  /** Returns at most so many stored copies of the event of this record, in the order of their IDs. The read is consistent. */
  copiesOf(record: StoredRecord, most: number): Promise<readonly ReadRecord[]>;
  keyOf(record: StoredRecord): RecordKey;
  /** Returns the stored records of these keys, in no order. The read is consistent. */
  ofKeys(keys: readonly RecordKey[]): Promise<RecordsOfKeys>;
  /**
   * Returns records newest first (but see `inOrder`), those without a readable time last. If several places are given,
   * it returns their union, each record once.
   * @throws PositionError if the page's position was not issued by this store.
   */
  query(where: RecordsWhere | readonly RecordsWhere[], range: TimeRange, page: Page): Promise<RecordPage>;
  /**
   * Reads like `query`, page by page from the position.
   * @throws PositionError like `query`.
   */
  read(where: RecordsWhere | readonly RecordsWhere[], range: TimeRange, position: Position | undefined): RecordReading;
  /**
   * Returns the claim's records, oldest first. Records before `FIRST_TIME` or without a readable time are always
   * included. The index may be some seconds behind. A page may have fewer records than the limit, or none, and a position: other claims of the session
   * can have any number of entries in between.
   */
  ofClaim(claim: ClaimRange, page: Page): Promise<RecordPage>;
  /**
   * Returns the sessions under which records are stored if only the records themselves lead to these sessions
   * (`namesOnlyInRecord`). The read is consistent. If there are more than a question may merge (`MOST_PARTITIONS`), it
   * may leave some out, but still returns more than that limit.
   * @param wanted an access key, or a session whose name was learned later.
   */
  sessionsOf(wanted: string): Promise<readonly string[]>;
  /**
   * Replaces records as they were read. A record that was changed since is left alone. Returns outcomes in the order of
   * the records.
   */
  correct(records: readonly ReadRecord[]): Promise<readonly Correction[]>;
}
