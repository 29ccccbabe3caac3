import type { Claim } from '../claims/claim.ts';
import type { KeptRecord } from '../claims/kept-record.ts';
import type { AuditId } from '../identity/audit-id.ts';
import type { ClusterCondition, ClusterKey } from '../identity/cluster.ts';
import type { EpochMillis } from '../time.ts';
import type { Page, Position, TimeRange } from './paging.ts';
import type { FaultyItem, StoredItemError } from './stored-items.ts';

/** A record as it is stored, with the parts that are needed to decide it again and to find it. */
export interface StoredRecord {
  /**
   * A digest of the event's place (`copyPlace`). So one event has one record, however often it is delivered. If a copy
   * conflicts with the one at that place, a digest of its content follows (`<place>~<content>`).
   */
  readonly id: string;
  /** The event time of the record. Undefined if it cannot be parsed. */
  readonly at?: EpochMillis | undefined;
  /**
   * The ID of the record's claim. Absent if no later fact can change the answer, and no list shows it (`claimOf`,
   * `claimOfImpersonator`).
   */
  readonly claimId?: string | undefined;
  /** The key under which the records of one session are stored together. */
  readonly session?: string | undefined;
  /**
   * Present if backfill or replay stored the record, and it was never delivered live. Such a record raises no alert.
   */
  readonly replayed?: true | undefined;
  /**
   * The copies of the event that contradict this one and were stored before it. Each has the actor that it names, and
   * the account that handed it over, if one did. Only a few copies are listed. Empty if all of them came later, because
   * the alert about them covers this record too. Absent if no copy contradicts this one.
   */
  readonly conflicts?: readonly string[] | undefined;
  readonly record: KeptRecord;
}

/** Returns the part of a record's ID that all copies of an event share: the place. */
export function placeInId(id: string): string {
  const [place = id] = id.split('~');
  return place;
}

/** A stored record with its revision. By the revision, a correction notices other writers. */
export interface ReadRecord extends StoredRecord {
  readonly revision: number;
  /**
   * When the record expires, in epoch seconds. A correction keeps it, so that no record outlives the grants on which it
   * depends.
   */
  readonly expires: number;
  /** The place of the record in its session. Only the store understands it. Pass it back with a correction. */
  readonly shard?: string;
  /** The place of the record in its namespace. Only the store understands it. Absent for the first place. */
  readonly ending?: string;
}

/** The place of a record in the store. It is the same whether the record is stored or not. */
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
  /** Another writer changed the record after it was read. */
  | { readonly outcome: 'overtaken' }
  | { readonly outcome: 'refused'; readonly fault: StoredItemError };

/** The parts of a claim by which its records are found. */
export type ClaimRange = Pick<Claim, 'id' | 'session' | 'sender' | 'first' | 'last' | 'until'>;

/**
 * The records in the shared places of these accounts. Each account has one shared place. It has the records of
 * namespaces without a place of their own. It also has the records that were stored before their namespace got one.
 */
export interface OtherNamespaces {
  readonly by: 'other-namespaces';
  readonly accounts: readonly string[] | 'all';
  /** Selects the clusters. If undefined, all clusters of the accounts are selected. */
  readonly clusters: ClusterCondition | undefined;
}

/** Records that are stored together, in the order of time. */
export type RecordsWhere =
  | { readonly by: 'actor'; readonly actor: string }
  | { readonly by: 'session'; readonly session: string }
  /** Records of a claim, within the times that it covers. */
  | { readonly by: 'claim'; readonly claim: ClaimRange }
  /** Records of a namespace, as `placeOf` names it. The namespace can be `-`. */
  | { readonly by: 'namespace'; readonly clusterKey: ClusterKey; readonly namespace: string }
  /**
   * Records in a namespace's own place. Records from before the namespace was proven can be in `other-namespaces` of
   * its account. If both are read, each record is found in only one of them.
   */
  | { readonly by: 'own-place'; readonly clusterKey: ClusterKey; readonly namespace: string }
  | OtherNamespaces
  | { readonly by: 'audit-id'; readonly auditId: AuditId };

export interface RecordPage {
  readonly records: readonly ReadRecord[];
  /** The position of a page that ends after it, for each record. */
  readonly positions: readonly Position[];
  /** The number of records that were read for the page, if it is larger than the page. */
  readonly examined?: number;
  /** Present if too many records have one audit ID to sort them. They come in the order of the store, each once. */
  readonly inOrder?: false;
  /**
   * The position of the next page. Absent after the last page. A page can have fewer records than its limit, and still
   * have a next page.
   */
  readonly position?: Position;
}

/**
 * The pages of one answer. Each begins where the one before ended. Records that were read ahead for one page serve the
 * next.
 */
export interface RecordReading {
  /** Returns the number of places in which the store must look. The first page takes at least one request for each. */
  partitions(): Promise<number>;
  /** Returns the next page. If the question's budget is used up, the page can be empty, but it has a position. */
  next(limit: number): Promise<RecordPage>;
}

export interface RecordStore {
  /** Stores new records. It never overwrites a record. Returns the outcomes in the order of the records. */
  insert(records: readonly StoredRecord[]): Promise<readonly Insertion[]>;
  /**
   * Returns at most `most` stored copies of the event of this record, in the order of their IDs. The read is
   * consistent.
   */
  copiesOf(record: StoredRecord, most: number): Promise<readonly ReadRecord[]>;
  keyOf(record: StoredRecord): RecordKey;
  /** Returns the stored records of these keys, in any order. The read is consistent. */
  ofKeys(keys: readonly RecordKey[]): Promise<RecordsOfKeys>;
  /**
   * Returns records, the newest first (but see `inOrder`). Those without a readable time come last. If several places
   * are given, returns the records of all of them, each once.
   * @throws PositionError if the page's position was not issued by this store.
   */
  query(where: RecordsWhere | readonly RecordsWhere[], range: TimeRange, page: Page): Promise<RecordPage>;
  /**
   * Reads like `query`, page by page from the position.
   * @throws PositionError like `query`.
   */
  read(where: RecordsWhere | readonly RecordsWhere[], range: TimeRange, position: Position | undefined): RecordReading;
  /**
   * Returns the claim's records, the oldest first. Records before `FIRST_TIME`, or without a readable time, are always
   * included. The index can be some seconds behind. A page can have fewer records than the limit, or none, and still
   * have a position. Other claims of the session can have any number of entries in between.
   */
  ofClaim(claim: ClaimRange, page: Page): Promise<RecordPage>;
  /**
   * Returns the sessions under which records are stored if only the records themselves lead to these sessions
   * (`namesOnlyInRecord`). The read is consistent. If there are more than a question may merge (`MOST_PARTITIONS`),
   * some can be missing. It still returns more than that limit.
   * @param wanted an access key, or a session whose name became known later.
   */
  sessionsOf(wanted: string): Promise<readonly string[]>;
  /**
   * Replaces records in the form in which they were read. A record that changed since then stays. Returns the outcomes
   * in the order of the records.
   */
  correct(records: readonly ReadRecord[]): Promise<readonly Correction[]>;
}
