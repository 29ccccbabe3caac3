import type { Action } from './attribution/attribute.ts';
import type { Facts } from './attribution/facts.ts';
import type { Moment } from './attribution/moment.ts';
import type { Question } from './attribution/questions.ts';
import type { FirstUser } from './audit/caller.ts';
import type { IssuedToken } from './audit/issued-token.ts';
import type { Alert } from './claims/alert.ts';
import type { AlertDigest, HeldAlert } from './claims/alert-digest.ts';
import type { AlertLedger } from './claims/alert-ledger.ts';
import type { Claim, ListedStatus, Opening } from './claims/claim.ts';
import type { KeptRecord } from './claims/kept-record.ts';
import type { LookupGap } from './claims/lookup-gap.ts';
import type { ReadStretch } from './claims/read-stretch.ts';
import type { RejectReason } from './envelopes/reject.ts';
import type { IgnoredPiece } from './envelopes/unwrap.ts';
import type { JsonObject } from './json.ts';
import type { MetricName } from './metrics.ts';
import type { EpochMillis } from './time.ts';

/** A piece of input that could not be read, as `--rejects` lists it. `sample` is at most 1 KB and holds no body. */
export interface Rejected {
  readonly file: string;
  /** In words: `line 3, logEvents[2]`. */
  readonly place: string;
  readonly reason: RejectReason;
  readonly sample: string;
}

/** What a source of records hands over: each piece exactly once, in the order of the input. */
export interface RecordSink {
  audit(event: JsonObject, cluster: string | undefined, from: Origin): void;
  trail(record: JsonObject, from: Origin): void;
  ignored(what: IgnoredPiece): void;
  reject(rejected: Rejected): void;
}

/** Where a piece came from, told only if it turns out to be unreadable. */
export interface Origin {
  readonly file: string;
  readonly place: () => string;
}

/**
 * A source of audit events and CloudTrail records: files, a log group, a batch.
 * `read` answers when all was handed over; `pause` is awaited between pieces, so that whoever writes can keep up.
 */
export interface RecordSource {
  read(sink: RecordSink, pause: (progress: ReadProgress) => Promise<void> | undefined): Promise<void>;
}

/** An audit event made ready: with all that can be done before the grants are known. */
export interface ReadyEvent {
  /** What makes two deliveries one event, as the digest that `SeenEvents` takes. */
  readonly identity: string;
  readonly action: Action;
  /** A `RecordHead` as JSON. */
  readonly head: string;
  /** The service account token that the request issued. */
  readonly token?: IssuedToken | undefined;
}

/** What a source of audit events hands over: each piece exactly once, events and rejects in the order of the input. */
export interface ReadyEventSink {
  event(event: ReadyEvent): void;
  ignored(what: IgnoredPiece | 'cloudtrail-record', count: number): void;
  reject(rejected: Rejected): void;
}

/** As `RecordSource`, for audit events made ready. */
export interface ReadyEventSource {
  /**
   * The service account tokens that any event of the source issued: they may be used by events that come before. Absent
   * where the source can be read only once; asked for before `read`.
   */
  tokens?(): Promise<readonly IssuedToken[]>;
  read(sink: ReadyEventSink, pause: (progress: ReadProgress) => Promise<void> | undefined): Promise<void>;
}

export interface ReadProgress {
  readonly file: string;
  /** Bytes read so far from this source's files, as they are on disk. */
  readonly read: number;
  /** Bytes in all; undefined where nobody knows, as for standard input. */
  readonly total?: number;
}

/**
 * Grants, uses and users that are held elsewhere: the sessions table, or CloudTrail itself.
 * `answer` gives all that the source knows of the questions at that moment of the action; a question that it cannot
 * be asked (a guess, for CloudTrail) is left unanswered. It throws where the source is out of reach.
 */
export interface GrantSource {
  /** Names that could be meant as well and were too many to be asked for, so far. */
  readonly unasked?: number;
  answer(questions: readonly Question[], moment: Moment): Promise<readonly Facts[]>;
}

/** CloudTrail itself, as asked on behalf of one claim or question. It throws where nobody answers. */
export interface Lookups extends GrantSource {
  /** Requests made so far. */
  readonly requests: number;
  /** Accounts and Regions that did not answer so far, or not to the end: they may hold the grant. */
  readonly gaps: readonly LookupGap[];
}

/** Where a claim's look-ups go on. */
export interface LookupProgress {
  /** The claim's id. */
  readonly claim: string;
  /** What was read before. */
  readonly read: readonly ReadStretch[];
  /** Requests to each account and Region until others have their turn; what is left is unfinished. */
  readonly share?: number | undefined;
  /** Stores what a page held, before the page counts as read. It throws what the store throws. */
  keep(found: readonly Facts[]): Promise<void>;
}

/**
 * Look-ups that may take many runs: they answer what was found until the time was over, and do not throw where CloudTrail
 * does not answer, since `gaps` says so.
 */
export interface ClaimLookups extends Lookups {
  readonly read: readonly ReadStretch[];
  /** Whether these questions can be asked at all: of the others CloudTrail knows nothing, and no request is made. */
  canAsk(questions: readonly Question[]): boolean;
}

/** CloudTrail, anew for each claim. */
export type LookUp = (progress: LookupProgress) => ClaimLookups;

/** The grants, uses and users that were found so far, kept longer than the records that rest on them. */
export interface SessionStore extends GrantSource {
  /** Adding the same again, in any order, changes nothing. */
  add(facts: readonly Facts[]): Promise<void>;
  /** Those of the facts that are not stored, or not wholly. */
  missing(facts: readonly Facts[]): Promise<readonly Facts[]>;
}

/** A record as it is stored: with what is needed to decide it again, and to find it. */
export interface StoredRecord {
  /** A digest of the event's identity: one event, one record, however often it is delivered. */
  readonly id: string;
  /** The record's event time; undefined where nobody can read it. */
  readonly at?: EpochMillis;
  /** Absent where nothing later can change the answer, and no list has it: see `claimOf` and `claimOfImpersonator`. */
  readonly claimId?: string;
  /** The key under which the records of one session lie together. */
  readonly session?: string;
  /** The role's ARN as the event states it, where `caller.arn` does not name the role. */
  readonly canonicalArn?: string;
  /** The first of nested impersonated users, as a proxy gave it. */
  readonly first?: FirstUser;
  /** Another stack brought it. */
  readonly handedOver?: true;
  /** Stored by backfill or replay, and never delivered live: nobody is alerted about it. */
  readonly replayed?: true;
  readonly record: KeptRecord;
}

/** A stored record with the mark by which a correction knows that nobody was faster. */
export interface ReadRecord extends StoredRecord {
  readonly revision: number;
  /** In seconds since the epoch. A correction keeps it: no record is to outlive the grants that it rests on. */
  readonly expires: number;
  /** Where among its session's records the store keeps it: the store's own matter, and to be handed back with a correction. */
  readonly shard?: string;
}

/** A fault of one item, which a store does not take or cannot read, now and later: its neighbours have no part in it. */
export abstract class ItemFault extends Error {
  abstract readonly code: 'item-refused' | 'item-unreadable' | 'key-size';
}

export type Insertion =
  | { readonly outcome: 'inserted' }
  | { readonly outcome: 'duplicate'; readonly stored: ReadRecord }
  | { readonly outcome: 'refused'; readonly fault: ItemFault };

export type Correction =
  | { readonly outcome: 'corrected' }
  /** Somebody else changed the record since it was read. */
  | { readonly outcome: 'overtaken' }
  | { readonly outcome: 'refused'; readonly fault: ItemFault };

/** Where a page ends: the place in the order, nothing else. Opaque; made and read by the store alone. */
export type Position = string;

/** A position that no page of the store ended at: it came from outside. The answer would begin anywhere. */
export class PositionError extends Error {
  readonly code = 'position';
}

export interface Page {
  readonly limit: number;
  readonly position?: Position | undefined;
}

/** Between two event times, both included. */
export interface TimeRange {
  readonly from?: EpochMillis | undefined;
  readonly to?: EpochMillis | undefined;
}

/** Where a claim's records lie. */
export type ClaimRange = Pick<Claim, 'id' | 'session' | 'first' | 'last' | 'until'>;

/** Which records are asked for; newest first, those without a readable time last. */
export type RecordsWhere =
  | { readonly by: 'actor'; readonly actor: string }
  | { readonly by: 'session'; readonly session: string }
  /** Within the times that the claim covers. */
  | { readonly by: 'claim'; readonly claim: ClaimRange }
  | { readonly by: 'namespace'; readonly cluster: string; readonly namespace: string }
  | { readonly by: 'audit-id'; readonly auditId: string };

export interface RecordPage {
  readonly records: readonly ReadRecord[];
  /** Absent after the last page. A page may hold fewer records than its limit and still have a next one. */
  readonly position?: Position;
}

export interface RecordStore {
  /** Stores what is new, never over anything. Answers in the order of the records. */
  insert(records: readonly StoredRecord[]): Promise<readonly Insertion[]>;
  /** @throws PositionError where the page's position is none of the store's. */
  query(where: RecordsWhere, range: TimeRange, page: Page): Promise<RecordPage>;
  /** The claim's records, oldest first. The index behind it may be some seconds late. */
  ofClaim(claim: ClaimRange, page: Page): Promise<RecordPage>;
  /** The sessions under which records of this access key lie, of those that nothing but the records tells; never late. */
  sessionsOfKey(accessKeyId: string): Promise<readonly string[]>;
  /** Replaces records as they were read; one that was changed since then is left alone. In the order of the records. */
  correct(records: readonly ReadRecord[]): Promise<readonly Correction[]>;
}

export interface ClaimPage {
  readonly claims: readonly Claim[];
  /** For each of the claims, where a page would end behind it. */
  readonly positions: readonly Position[];
  readonly position?: Position;
}

/** The claims: settle's queue, what each of them waits for, and what `/sessions` lists. */
export interface Claims {
  get(id: string): Promise<Claim | undefined>;
  /** Those of the claims that are there, by id, as they are now; one that cannot be read counts as not there. */
  registered(ids: readonly string[]): Promise<ReadonlyMap<string, Claim>>;
  /**
   * Changes one claim by a function of what it is now, which may be called again where somebody else was faster.
   * Undefined as its answer: nothing is to be changed.
   */
  change(id: string, change: (claim: Claim | undefined) => Claim | undefined): Promise<Claim | undefined>;
  /** Open claims whose time has come, the longest overdue first; those that cannot be read are left out. */
  due(now: EpochMillis, limit: number): Promise<readonly Claim[]>;
  /** How many claims are open, up to a limit, since when the first of them is overdue or held back, and which are faulty. */
  backlog(): Promise<Backlog>;
  /** Newest first by the last event, without those that cannot be read. @throws PositionError where the page's position is none of the store's. */
  list(status: ListedStatus, page: Page): Promise<ClaimPage>;
  /** Notes that the claim waits for answers to these questions. Answers whether any of them is new. */
  waitFor(id: string, questions: readonly Question[]): Promise<boolean>;
  /** The ids of the claims that wait for an answer to the question; never late. */
  waitingFor(question: Question): Promise<readonly string[]>;
  /** The claim waits for answers to these questions no more. */
  waitNoMore(id: string, questions: readonly Question[]): Promise<void>;
  /**
   * Notes before a batch is stored which claims it will open, so that a crash in between loses none. A delivery that is
   * tried again, with grants that came meanwhile, adds to what it announced before.
   */
  announce(delivery: string, openings: readonly Opening[], now: EpochMillis): Promise<void>;
  /** All of the batch's claims are open. */
  withdraw(delivery: string): Promise<void>;
  /** The claims of this announcement are open. One that was made again since it was read stays. */
  fulfil(announcement: Announcement): Promise<void>;
  /** What was announced before the time and never withdrawn. A batch of many claims is announced in several parts. */
  forgotten(before: EpochMillis): Promise<Forgotten>;
}

export interface Backlog {
  readonly open: number;
  /** The earliest due time, or time since when an answer is held back; it may lie ahead. */
  readonly overdueSince?: EpochMillis;
  /** Of those that are due first: what cannot be read, as of another version, and so is never decided. */
  readonly faulty: readonly FaultyItem[];
}

/** An item that is there and cannot be read. */
export interface FaultyItem {
  /** The claim's id, or the announced delivery's. */
  readonly id: string;
  readonly fault: ItemFault;
}

export interface Forgotten {
  readonly announcements: readonly Announcement[];
  readonly faulty: readonly FaultyItem[];
}

export interface Announcement {
  readonly delivery: string;
  /** Which part of the delivery's claims: opaque, the same for the same claims. */
  readonly part: string;
  readonly at: EpochMillis;
  readonly openings: readonly Opening[];
}

/** One settle at a time. */
export interface Lease {
  /** Whether the lease is the owner's until then: it was free, over, or the owner's already. */
  take(owner: string, now: EpochMillis, until: EpochMillis): Promise<boolean>;
  release(owner: string): Promise<void>;
}

export interface Alerts {
  publish(message: Alert | AlertDigest): Promise<void>;
}

/** What waits for the next digest, and what was told lately. Nothing here is ever late. */
export interface AlertBoard {
  ledger(): Promise<AlertLedger>;
  /** Changes the ledger by a function of what it is now, which may be called again where somebody else was faster. */
  note(change: (ledger: AlertLedger) => AlertLedger): Promise<void>;
  /** Holding the same claim's notice again for the same group, at another time, is another notice. */
  hold(held: HeldAlert): Promise<void>;
  /** When the first of those that are held is due, readable or not. */
  nextDue(): Promise<EpochMillis | undefined>;
  /** Those that are due first. */
  held(limit: number): Promise<HeldAlerts>;
  /** They were told of. */
  release(held: readonly HeldAlert[]): Promise<void>;
}

export interface HeldAlerts {
  readonly held: readonly HeldAlert[];
  readonly faulty: readonly FaultyItem[];
}

/** Keeps what could not be read: counted, with its reason and its place. */
export interface Rejects {
  keep(rejected: readonly Rejected[]): Promise<void>;
}

export interface Metrics {
  add(name: MetricName, value: number): void;
}

export type Clock = () => EpochMillis;

/** How far a backfill came with one of its sources, so that it can go on after a stop. */
export interface Bookmark {
  readonly done: boolean;
  /** Pieces of a file that are stored; of a time range, the epoch milliseconds up to which it was read. */
  readonly reached: number;
  /** The end of the time range in epoch milliseconds: a range up to "now" keeps its first end. */
  readonly to?: number;
}

/** The bookmarks of a backfill's sources, kept outside of the process. */
export interface Bookmarks {
  of(source: string): Bookmark | undefined;
  set(source: string, bookmark: Bookmark): Promise<void>;
}

/** A stretch of a history, both ends included. */
export interface Stretch {
  readonly from: EpochMillis;
  readonly to: EpochMillis;
}

/** CloudTrail's event history of one account and Region, by event name. It throws where CloudTrail does not answer. */
export interface TrailHistory {
  /** Account and Region, as a person calls them. */
  readonly name: string;
  /** One page, newest first: each record as a JSON text. A token is good for the same request only. */
  page(asked: Stretch & { readonly eventName: string }, token: string | undefined): Promise<HistoryPage>;
}

/** Which stretches of event histories were read, by account, Region and event name: so that none is read again soon. */
export interface SweptHistory {
  of(wanted: ReadStretch, now: EpochMillis): { readonly read: readonly ReadStretch[] };
  note(stretch: ReadStretch, found: readonly [], now: EpochMillis): void;
}

export interface HistoryPage {
  readonly records: readonly string[];
  readonly nextToken?: string | undefined;
}

/** The audit streams of a log group. It throws where CloudWatch Logs does not answer. */
export interface LogHistory {
  readonly logGroup: string;
  /** How the names of the streams begin that are read. */
  readonly streamPrefix: string;
  /** One page, as subscriptions would deliver it: one payload for each stream. */
  page(asked: Stretch, token: string | undefined): Promise<LogPage>;
}

export interface LogPage {
  readonly payloads: readonly JsonObject[];
  readonly nextToken?: string | undefined;
}
