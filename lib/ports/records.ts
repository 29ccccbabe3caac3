import type { FirstUser } from '../audit/caller.ts';
import type { Claim } from '../claims/claim.ts';
import type { KeptRecord } from '../claims/kept-record.ts';
import type { AuditId } from '../identity/audit-id.ts';
import type { EpochMillis } from '../time.ts';
import type { Page, Position, TimeRange } from './paging.ts';
import type { FaultyItem, StoredItemError } from './stored-items.ts';

/** A record as it is stored: with what is needed to decide it again, and to find it. */
export interface StoredRecord {
  /** A digest of the event's identity: one event, one record, however often it is delivered. */
  readonly id: string;
  /** The record's event time; undefined where nobody can read it. */
  readonly at?: EpochMillis | undefined;
  /** Absent where nothing later can change the answer, and no list has it: see `claimOf` and `claimOfImpersonator`. */
  readonly claimId?: string | undefined;
  /** The key under which the records of one session lie together. */
  readonly session?: string | undefined;
  /** The role's ARN as the event states it, where `caller.arn` does not name the role. */
  readonly canonicalArn?: string | undefined;
  /** The first of nested impersonated users, as a proxy gave it. */
  readonly first?: FirstUser | undefined;
  /** Stored by backfill or replay, and never delivered live: nobody is alerted about it. */
  readonly replayed?: true | undefined;
  readonly record: KeptRecord;
}

/** A stored record with the mark by which a correction knows that nobody was faster. */
export interface ReadRecord extends StoredRecord {
  readonly revision: number;
  /** In seconds since the epoch. A correction keeps it: no record is to outlive the grants that it rests on. */
  readonly expires: number;
  /** Where among its session's records the store keeps it: the store's own matter, and to be handed back with a correction. */
  readonly shard?: string;
  /** … and among its namespace's; absent where that is the first place. */
  readonly ending?: string;
}

/** Where the store keeps a record: the store's own matter, the same for the same record, whether it is stored or not. */
export interface RecordKey {
  readonly partition: string;
  readonly id: string;
}

/** What there is of the records of some keys. */
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
  /** Somebody else changed the record since it was read. */
  | { readonly outcome: 'overtaken' }
  | { readonly outcome: 'refused'; readonly fault: StoredItemError };

/** Where a claim's records lie. */
export type ClaimRange = Pick<Claim, 'id' | 'session' | 'first' | 'last' | 'until'>;

/** Where records lie together, each in the order of time. */
export type RecordsWhere =
  | { readonly by: 'actor'; readonly actor: string }
  | { readonly by: 'session'; readonly session: string }
  /** Within the times that the claim covers. */
  | { readonly by: 'claim'; readonly claim: ClaimRange }
  /** As `placeOf` says it: the cluster may be empty, the namespace `-`. */
  | { readonly by: 'namespace'; readonly cluster: string; readonly namespace: string }
  /**
   * Those of a namespace that lie in its own place. Earlier ones may lie among the others of its cluster, from before it was proven:
   * with `other-namespaces` beside it, each record lies in one place only, however the places are put into groups.
   */
  | { readonly by: 'own-place'; readonly cluster: string; readonly namespace: string }
  /** All that lies among the others of a cluster: of namespaces that have no place of their own, or had none then. */
  | { readonly by: 'other-namespaces'; readonly cluster: string }
  | { readonly by: 'audit-id'; readonly auditId: AuditId };

export interface RecordPage {
  readonly records: readonly ReadRecord[];
  /** For each of the records, where a page would end behind it. */
  readonly positions: readonly Position[];
  /** Records that were read for it, where that is more than it holds. */
  readonly examined?: number;
  /** Too many bear an audit ID to be put in order: they come in the store's own, each once. */
  readonly inOrder?: false;
  /** Absent after the last page. A page may hold fewer records than its limit and still have a next one. */
  readonly position?: Position;
}

/** Pages of one answer, each beginning where the one before it ended; what was read ahead for one serves the next. */
export interface RecordReading {
  /** In how many places the store has to look: a request each at least, for the first page. */
  partitions(): Promise<number>;
  /** A page that the budget of the question ends may hold no record, and has its position. */
  next(limit: number): Promise<RecordPage>;
}

export interface RecordStore {
  /** Stores what is new, never over anything. Answers in the order of the records. */
  insert(records: readonly StoredRecord[]): Promise<readonly Insertion[]>;
  keyOf(record: StoredRecord): RecordKey;
  /** The records of these keys that are stored, in no order; never late. */
  ofKeys(keys: readonly RecordKey[]): Promise<RecordsOfKeys>;
  /**
   * Newest first (but see `inOrder`), those without a readable time last; of several places those that lie in any of them,
   * each once.
   * @throws PositionError where the page's position is none of the store's.
   */
  query(where: RecordsWhere | readonly RecordsWhere[], range: TimeRange, page: Page): Promise<RecordPage>;
  /** As `query`, page by page, from the position on. @throws PositionError as `query`. */
  read(where: RecordsWhere | readonly RecordsWhere[], range: TimeRange, position: Position | undefined): RecordReading;
  /** The claim's records, oldest first; those before `FIRST_TIME`, or without a readable one, always. The index behind it may be some seconds late. */
  ofClaim(claim: ClaimRange, page: Page): Promise<RecordPage>;
  /**
   * The sessions under which records of this access key, or of this session of which the name was learnt, lie, of those that
   * nothing but the records tells; never late.
   */
  sessionsOf(asked: string): Promise<readonly string[]>;
  /** Replaces records as they were read; one that was changed since then is left alone. In the order of the records. */
  correct(records: readonly ReadRecord[]): Promise<readonly Correction[]>;
}
