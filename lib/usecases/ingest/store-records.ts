import { actorLabel } from '../../attribution/actor-names.ts';
import { type CopyContent, copyContent, isConflict, statesAll, withConflict } from '../../attribution/copies.ts';
import { type AuditRecord, cutName } from '../../attribution/record.ts';
import type { ErrorCode } from '../../error-code.ts';
import type { Insertion, ReadRecord, StoredRecord } from '../../ports/records.ts';
import { faultsOf, throwFaults } from '../counting/faulty-items.ts';
import type { BatchCallers } from './batch-callers.ts';
import type { DecidedEvent } from './decided-events.ts';
import type { IngestService } from './ingest-service.ts';

/** The records of a batch as they are stored now. */
export interface StoredBatch {
  /** The events, each with its record as this batch would store it. A conflicting copy has an id of its own, and the flag. */
  readonly decided: readonly DecidedEvent[];
  /** The outcome for each of them. */
  readonly insertions: readonly Insertion[];
  /** All records of the places in which copies conflict. This batch may have flagged them. */
  readonly copies: readonly ReadRecord[];
}

/**
 * Stores the records. If the place of a record is taken, the event is a copy of the stored one. A copy that states nothing
 * more is not stored. A copy that states more replaces the stored one. A copy that differs gets a record of its own. All
 * records that contradict each other are flagged.
 *
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
  const copies = new Map<string, ReadRecord>();
  for (const { each, at } of differing) {
    const stored = await storeCopy(each, service, callers);
    allDecided[at] = stored.decided;
    allInsertions[at] = stored.insertion;
    for (const copy of stored.copies) copies.set(copy.id, copy);
  }
  return { decided: allDecided, insertions: allInsertions, copies: [...copies.values()] };
}

/** Returns whether nothing is left to do. The record is new, or the stored one states the same and conflicts with none. */
function isSettled({ stored }: DecidedEvent, insertion: Insertion | undefined): boolean {
  if (insertion?.outcome !== 'duplicate' || insertion.stored.revision === 0) return true;
  const { record, conflicts } = insertion.stored;
  return conflicts === undefined && statesAll(copyContent(record), copyContent(stored.record));
}

interface StoredCopy {
  readonly decided: DecidedEvent;
  readonly insertion: Insertion;
  readonly copies: readonly ReadRecord[];
}

/** A stored copy, with the content by which copies are compared. */
interface Copy {
  readonly read: ReadRecord;
  readonly content: CopyContent;
}

async function storeCopy(decided: DecidedEvent, service: IngestService, callers: BatchCallers): Promise<StoredCopy> {
  const { stored } = decided;
  const content = copyContent(stored.record);
  const before = await copiesOf(stored, service);
  const known = before.find((copy) => statesAll(copy.content, content));
  if (known !== undefined) {
    const copies = await flagConflicts(before, service);
    const read = copies.find(({ id }) => id === known.read.id) ?? known.read;
    const isLater = read.conflicts !== undefined && read.conflicts.length > 0;
    return {
      decided: isLater ? { ...decided, claim: claimOf(decided, callers) } : decided,
      insertion: { outcome: 'duplicate', stored: read },
      copies,
    };
  }
  const rivals = before.filter((copy) => isConflict(copy.content, content));
  const own = rivals.length === 0 ? decided : conflicting(decided, rivals, callers);
  const leaner = before.find((copy) => statesAll(content, copy.content));
  const placed =
    leaner === undefined
      ? await insertBeside(own, content, service)
      : { decided: own, insertion: await takePlace(own, leaner.read, service) };
  return { ...placed, copies: await flagConflicts(await copiesOf(stored, service), service) };
}

async function copiesOf(stored: StoredRecord, { records }: IngestService): Promise<readonly Copy[]> {
  const found = await records.copiesOf(stored);
  return found.map((read) => ({ read, content: copyContent(read.record) }));
}

/** Stores the copy under an id that is made from its content too. */
async function insertBeside(decided: DecidedEvent, content: CopyContent, { records, digest }: IngestService) {
  const stored = { ...decided.stored, id: `${decided.stored.id}~${digest(JSON.stringify(content))}` };
  const [insertion = NOT_STORED] = await records.insert([stored]);
  return { decided: { ...decided, stored }, insertion };
}

const NOT_STORED = { outcome: 'inserted' } as const;

/** Replaces the record of a copy that states less. */
async function takePlace({ stored }: DecidedEvent, leaner: ReadRecord, { records }: IngestService): Promise<Insertion> {
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
  return { outcome: 'duplicate', stored: { ...read, revision: revision + 1 } };
}

/** Returns the event with the flag. It always gets a claim, so that the alert about both copies is sent. */
function conflicting(decided: DecidedEvent, rivals: readonly Copy[], callers: BatchCallers): DecidedEvent {
  const { stored } = decided;
  const claim = claimOf(decided, callers);
  const conflicts = rivals.slice(0, MOST_NAMED).map(({ read }) => labelOf(read.record));
  return {
    ...decided,
    claim,
    stored: { ...flagged(stored, conflicts), claimId: claim.id, session: claim.session },
  };
}

/** The maximum number of other copies that a record names. */
const MOST_NAMED = 4;

function claimOf(decided: DecidedEvent, callers: BatchCallers) {
  return decided.claim ?? callers.impersonator(decided);
}

function flagged<R extends StoredRecord>(stored: R, conflicts: readonly string[]): R {
  const { record } = stored;
  return { ...stored, conflicts, record: { ...record, attribution: withConflict(record.attribution) } };
}

/** Returns a label of the copy: the actor that it names, and its origin. */
function labelOf({ attribution, caller, origin }: AuditRecord): string {
  const { actor } = attribution;
  const name = actor === undefined ? (caller.username ?? caller.uid ?? 'no username') : actorLabel(actor);
  return cutName(origin?.handedOverBy === undefined ? name : `${name}, from account ${origin.handedOverBy}`) ?? '';
}

/** Flags the copies that another one contradicts and that are not flagged yet. Returns all copies as they are then. */
async function flagConflicts(copies: readonly Copy[], { records }: IngestService): Promise<readonly ReadRecord[]> {
  const isUnflagged = ({ read, content }: Copy) =>
    read.conflicts === undefined && copies.some((other) => isConflict(other.content, content));
  const toFlag = copies.filter(isUnflagged).map(({ read }) => flagged(read, []));
  if (toFlag.length > 0) throwUnlessDone(await records.correct(toFlag));
  const after = new Map(toFlag.map((read) => [read.id, { ...read, revision: read.revision + 1 }]));
  return copies.map(({ read }) => after.get(read.id) ?? read);
}

/** Another writer changed the same records at the same time. */
export class RecordContentionError extends Error {
  readonly code = 'record-contention' satisfies ErrorCode;
}

/**
 * Marks records as live that backfill had stored before they were delivered live, so that they raise alerts.
 * @throws RecordContentionError if another writer changed such a record at the same time.
 */
export async function markLive(insertions: readonly Insertion[], { records }: IngestService): Promise<void> {
  const replayed: ReadRecord[] = [];
  for (const insertion of insertions) {
    if (insertion.outcome !== 'duplicate' || insertion.stored.replayed === undefined) continue;
    const { replayed: _replayed, ...live } = insertion.stored;
    replayed.push(live);
  }
  if (replayed.length > 0) throwUnlessDone(await records.correct(replayed));
}

/**
 * Throws if not all records were corrected.
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
