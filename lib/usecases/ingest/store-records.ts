import { actorLabel } from '../../attribution/actor-names.ts';
import {
  type CopyContent,
  copyContent,
  isConflict,
  MOST_COPIES,
  statesAll,
  withConflict,
} from '../../attribution/copies.ts';
import { cutName } from '../../attribution/record.ts';
import type { KeptRecord } from '../../claims/kept-record.ts';
import { mapConcurrently } from '../../concurrency.ts';
import type { ErrorCode } from '../../error-code.ts';
import type { Insertion, ReadRecord, StoredRecord } from '../../ports/records.ts';
import { faultsOf, throwFaults } from '../counting/faulty-items.ts';
import type { BatchCallers } from './batch-callers.ts';
import type { DecidedEvent } from './decided-events.ts';
import type { IngestService } from './ingest-service.ts';

/** The records of a batch as they are stored now. */
export interface StoredBatch {
  /**
   * The events, each with its record as this batch would store it. A conflicting copy has the flag and an ID of its
   * own.
   */
  readonly decided: readonly DecidedEvent[];
  /** The outcome for each of these events, in the same order. */
  readonly insertions: readonly Insertion[];
  /** All records of the places in which copies conflict. This batch may have added the flag to them. */
  readonly copies: readonly ReadRecord[];
}

/**
 * Stores the records. If the place of a record is taken, the event is a copy of the stored one. A copy that states
 * nothing more is not stored. A copy that states more replaces the stored one. A copy that differs otherwise gets a
 * record of its own, unless there are `MOST_COPIES` already. All records that contradict each other are flagged.
 * Storing the same records again changes nothing, and finishes what a crash left undone.
 * @throws RecordContentionError if another writer changed one of the copies at the same time.
 */
export async function storeRecords(
  decided: readonly DecidedEvent[],
  service: IngestService,
  callers: BatchCallers,
): Promise<StoredBatch> {
  const insertions = await service.records.insert(decided.map(({ stored }) => stored));
  const differing = decided.flatMap((each, at) => (isSettled(each, insertions[at]) ? [] : [{ each, at }]));
  if (differing.length === 0) return { decided, insertions, copies: [] };
  const [allDecided, allInsertions] = [[...decided], [...insertions]];
  const places = Map.groupBy(differing, ({ each }) => each.stored.id);
  const placed = await mapConcurrently([...places.values()], async (members) => {
    const copies = await storeCopies(
      members.map(({ each }) => each),
      service,
      callers,
    );
    for (const [at, copy] of copies.placed.entries()) {
      const member = members[at];
      if (member === undefined) continue;
      allDecided[member.at] = copy.decided;
      allInsertions[member.at] = copy.insertion;
    }
    return copies.all;
  });
  return { decided: allDecided, insertions: allInsertions, copies: placed.flat() };
}

/**
 * Returns whether nothing is left to do. The record is new, or the stored one states the same without a conflict.
 */
function isSettled({ stored }: DecidedEvent, insertion: Insertion | undefined): boolean {
  if (insertion?.outcome !== 'duplicate' || insertion.stored.revision === 0) return true;
  const { record, conflicts } = insertion.stored;
  return conflicts === undefined && statesAll(copyContent(record), copyContent(stored.record));
}

interface PlacedCopy {
  readonly decided: DecidedEvent;
  /** The outcome of storing this copy. Absent if another copy states all of it. */
  readonly insertion?: Insertion;
}

/** A copy at a place, with the content that is compared. */
interface Copy {
  readonly record: KeptRecord;
  readonly content: CopyContent;
  /** The record as it is stored. Absent for a copy that was just inserted. */
  readonly read?: ReadRecord;
}

type StoredCopy = Copy & Required<Pick<Copy, 'read'>>;

/**
 * Stores the copies of one event, and flags those that conflict. It reads the place twice, however many copies come.
 */
async function storeCopies(decided: readonly DecidedEvent[], service: IngestService, callers: BatchCallers) {
  const [first] = decided;
  if (first === undefined) return { placed: [], all: [] };
  const before = await copiesOf(first.stored, service);
  const copies: Copy[] = [...before];
  const placed: PlacedCopy[] = [];
  for (const each of decided) placed.push(await placeCopy(each, copies, service, callers));
  const isAsBefore = copies.every((copy, at) => copy === before[at]);
  const all = await flagConflicts(isAsBefore ? before : await copiesOf(first.stored, service), service);
  return {
    all,
    placed: placed.map(({ decided, insertion }) => ({
      decided: insertion === undefined ? withClaim(decided, all, callers) : decided,
      insertion: insertion ?? storedAs(decided, all),
    })),
  };
}

/** Stores the copy among those at its place. Adds it to `copies`, or puts it in place of a copy that states less. */
async function placeCopy(
  decided: DecidedEvent,
  copies: Copy[],
  service: IngestService,
  callers: BatchCallers,
): Promise<PlacedCopy> {
  const { record } = decided.stored;
  const content = copyContent(record);
  if (copies.some((copy) => statesAll(copy.content, content))) return { decided };
  const rivals = copies.filter((copy) => isConflict(copy.content, content));
  const own = rivals.length === 0 ? decided : conflicting(decided, rivals, callers);
  const leaner = copies.findIndex((copy) => copy.read !== undefined && statesAll(content, copy.content));
  const { read } = copies[leaner] ?? {};
  if (read !== undefined) {
    const stored = await takePlace(own, read, service);
    copies[leaner] = { record, content, read: stored };
    return { decided: own, insertion: { outcome: 'duplicate', stored } };
  }
  const [some] = copies.flatMap((copy) => copy.read ?? []);
  if (copies.length >= MOST_COPIES && some !== undefined)
    return { decided: { ...decided, claim: undefined }, insertion: { outcome: 'duplicate', stored: some } };
  copies.push({ record, content });
  return insertBeside(own, content, service);
}

/** Returns the stored record that states all of the copy. Undefined if none does. */
function readFor({ stored }: DecidedEvent, all: readonly ReadRecord[]): ReadRecord | undefined {
  const content = copyContent(stored.record);
  return all.find(({ record }) => statesAll(copyContent(record), content));
}

/** Returns the outcome for a copy of which a stored record states everything. */
function storedAs(decided: DecidedEvent, all: readonly ReadRecord[]): Insertion {
  const read = readFor(decided, all);
  return read === undefined ? NOT_STORED : { outcome: 'duplicate', stored: read };
}

/**
 * Returns the event with a claim if its record came after others that it contradicts. Without a claim, no alert would
 * be sent.
 */
function withClaim(decided: DecidedEvent, all: readonly ReadRecord[], callers: BatchCallers): DecidedEvent {
  const { conflicts = [] } = readFor(decided, all) ?? {};
  return conflicts.length === 0 ? decided : { ...decided, claim: claimOf(decided, callers) };
}

async function copiesOf(stored: StoredRecord, { records }: IngestService): Promise<readonly StoredCopy[]> {
  const found = await records.copiesOf(stored, MOST_COPIES);
  return found.map((read) => ({ read, record: read.record, content: copyContent(read.record) }));
}

/** Stores the copy under an ID that is made from its place and its content. */
async function insertBeside(decided: DecidedEvent, content: CopyContent, { records, digest }: IngestService) {
  const stored = { ...decided.stored, id: `${decided.stored.id}~${digest(JSON.stringify(content))}` };
  const [insertion = NOT_STORED] = await records.insert([stored]);
  return { decided: { ...decided, stored }, insertion };
}

const NOT_STORED = { outcome: 'inserted' } as const;

/** Replaces the record of a copy that states less. Returns the stored record as it is then. */
async function takePlace(
  { stored }: DecidedEvent,
  leaner: ReadRecord,
  { records }: IngestService,
): Promise<ReadRecord> {
  const { id, revision, expires, shard, ending, replayed } = leaner;
  const read = {
    ...stored,
    id,
    revision,
    expires,
    ...(shard !== undefined && leaner.session === stored.session && { shard }),
    ...(ending !== undefined && { ending }),
    replayed: stored.replayed && replayed,
  };
  throwUnlessDone(await records.correct([read]));
  return { ...read, revision: revision + 1 };
}

/** Returns the event with the flag and a claim. Without a claim, no alert about the copies would be sent. */
function conflicting(decided: DecidedEvent, rivals: readonly Copy[], callers: BatchCallers): DecidedEvent {
  const { stored } = decided;
  const claim = claimOf(decided, callers);
  const conflicts = rivals.slice(0, MOST_NAMED).map(({ record }) => labelOf(record));
  return {
    ...decided,
    claim,
    stored: { ...flagged(stored, conflicts), claimId: claim.id, session: claim.session },
  };
}

/** The maximum number of other copies that a record's attribution names. */
const MOST_NAMED = 4;

function claimOf(decided: DecidedEvent, callers: BatchCallers) {
  return decided.claim ?? callers.impersonator(decided);
}

function flagged<R extends StoredRecord>(stored: R, conflicts: readonly string[]): R {
  const { record } = stored;
  return { ...stored, conflicts, record: { ...record, attribution: withConflict(record.attribution) } };
}

/** Returns a label of the copy: the actor that it names, and its origin. */
function labelOf({ attribution, caller, origin }: KeptRecord): string {
  const { actor } = attribution;
  const name = actor === undefined ? (caller.username ?? caller.uid ?? 'no username') : actorLabel(actor);
  return cutName(origin?.handedOverBy === undefined ? name : `${name}, from account ${origin.handedOverBy}`) ?? '';
}

/**
 * Flags the copies that another copy contradicts, unless they have the flag. Returns all copies as they are afterwards.
 */
async function flagConflicts(
  copies: readonly StoredCopy[],
  { records }: IngestService,
): Promise<readonly ReadRecord[]> {
  const isUnflagged = ({ read, content }: StoredCopy) =>
    read.conflicts === undefined && copies.some((other) => isConflict(other.content, content));
  const toFlag = copies.filter(isUnflagged).map(({ read }) => flagged(read, []));
  if (toFlag.length > 0) throwUnlessDone(await records.correct(toFlag));
  const after = new Map(toFlag.map((read) => [read.id, { ...read, revision: read.revision + 1 }]));
  return copies.map(({ read }) => after.get(read.id) ?? read);
}

/** Says that another writer changed the same records at the same time. */
export class RecordContentionError extends Error {
  readonly code = 'record-contention' satisfies ErrorCode;
}

/**
 * Marks records as live that backfill had stored before they were delivered live, so that they raise alerts.
 * @throws RecordContentionError if another writer changed such a record at the same time.
 */
export async function markLive(insertions: readonly Insertion[], { records }: IngestService): Promise<void> {
  const replayed = new Map<string, ReadRecord>();
  for (const insertion of insertions) {
    if (insertion.outcome !== 'duplicate' || insertion.stored.replayed === undefined) continue;
    const { replayed: _replayed, ...live } = insertion.stored;
    replayed.set(live.id, live);
  }
  if (replayed.size > 0) throwUnlessDone(await records.correct([...replayed.values()]));
}

/**
 * Throws an error unless all records were corrected.
 * @throws FaultyItemsError if a record cannot be stored.
 * @throws RecordContentionError if another writer changed one of the records at the same time.
 */
function throwUnlessDone(corrections: Awaited<ReturnType<IngestService['records']['correct']>>): void {
  throwFaults('records that were stored before', faultsOf(corrections));
  const overtaken = corrections.filter(({ outcome }) => outcome === 'overtaken').length;
  if (overtaken === 0) return;
  throw new RecordContentionError(
    `Another writer changed ${overtaken} records at the same time. Deliver the batch again.`,
  );
}
