import type { Attribution } from '../../attribution/attribution.ts';
import type { Facts } from '../../attribution/facts.ts';
import type { AuditEvent } from '../../audit/audit-event.ts';
import { createdObjectOf } from '../../audit/created-object.ts';
import { issuedTokenOf } from '../../audit/issued-token.ts';
import { causesOf } from '../../claims/alert-cause.ts';
import { type ClaimIntent, needsClaim } from '../../claims/claim.ts';
import { claimIntentsOf, type Waiting } from '../../claims/claim-intents.ts';
import { covers, opened } from '../../claims/opening.ts';
import type { CountedRecord } from '../../counts/contribution.ts';
import type { ErrorCode } from '../../error-code.ts';
import type { Correction, Insertion, ReadRecord, StoredRecord } from '../../ports/records.ts';
import type { StoredItemError } from '../../ports/stored-items.ts';
import type { EpochMillis } from '../../time.ts';
import { countAnswer, countedRecord } from '../counting/counted-record.ts';
import { faultyOnes, throwFaults } from '../counting/faulty-items.ts';
import { keepFound } from '../grants/wake.ts';
import { type Batch, type DeliveredEvent, rejectsIn } from './batch.ts';
import { BatchCallers } from './batch-callers.ts';
import { type DecidedEvent, decide, distinct } from './decided-events.ts';
import {
  type Delivery,
  type IngestOutcome,
  type IngestService,
  type RegisteredClaims,
  registeredClaims,
} from './ingest-service.ts';

/**
 * Stores each audit event of a batch once, attributed with the grants known now, and opens its claim: for every answer that
 * is not the last word, and for any in which an AWS session or a token has a part, unless settle finds the record by a claim
 * that is there. Records first, what they count for and claims second; what is announced before heals a crash in between, also
 * where the batch never comes again.
 * The same batch again changes nothing. Of what `recording` leaves out nothing is kept but its number.
 * @throws FaultyItemsError where single records or claims cannot be stored: the others are. What a store throws. Either
 * way the batch is to be delivered again.
 */
export async function ingest(batch: Batch, delivery: Delivery, service: IngestService): Promise<IngestOutcome> {
  await keepTokens(batch.events, service);
  await keepCreated(batch.events, service);
  const callers = new BatchCallers(service.digest);
  const recorded = batch.events.filter(({ event }) => !service.recording.omitted(event));
  const events = distinct(recorded, callers, service.digest);
  const registered = await registeredClaims(events, service);
  const decided = await decide(events, registered, callers, { ...service, live: delivery.live });
  const intentsOf = (all: readonly DecidedEvent[]) => intentsToOpen(all, registered, delivery, service);
  const intents = intentsOf(decided);
  const toStore = decided.map(({ stored }) => stored);
  const keys = toStore.map((stored) => service.records.keyOf(stored));
  if (keys.length > 0) await service.intents.announce(delivery.id, { intents, records: keys }, service.clock());
  const insertions = await service.records.insert(toStore);
  await service.counts.add(countedOf(toStore, insertions, service.clock()), delivery.id);
  if (delivery.live) {
    await service.counts.noteIngest(service.recording.omits);
    await markLive(insertions, service);
  }
  const isNew = insertions.every(({ outcome }) => outcome === 'inserted');
  await open(isNew ? intents : intentsOf(asStored(decided, insertions)), service);
  if (keys.length > 0) await service.intents.withdraw(delivery.id);
  await keepRejects(batch, service);
  const outcome = count(batch, recorded.length, { insertions, records: toStore }, service);
  throwFaults('records of the batch', faultsOf(insertions));
  return outcome;
}

export async function keepRejects(
  batch: Pick<Batch, 'rejected' | 'otherRejects'>,
  { rejects }: Pick<IngestService, 'rejects'>,
): Promise<void> {
  if (batch.rejected.length > 0) await rejects.keep(batch.rejected, batch.otherRejects);
}

function faultsOf(outcomes: readonly (Insertion | Correction)[]): StoredItemError[] {
  const faults: StoredItemError[] = []; // few of thousands
  for (const each of outcomes) if (each.outcome === 'refused') faults.push(each.fault);
  return faults;
}

/** Records that are changed by others at the same moment. */
export class RecordContentionError extends Error {
  readonly code = 'record-contention' satisfies ErrorCode;
}

/**
 * What backfill had stored before it came live is to be alerted about like everything live.
 * @throws RecordContentionError where somebody else changed such a record just now.
 */
async function markLive(insertions: readonly Insertion[], { records }: IngestService): Promise<void> {
  const replayed: ReadRecord[] = [];
  for (const insertion of insertions) {
    if (insertion.outcome !== 'duplicate' || insertion.stored.replayed === undefined) continue;
    const { replayed: _replayed, ...live } = insertion.stored;
    replayed.push(live);
  }
  if (replayed.length === 0) return;
  const corrections = await records.correct(replayed);
  throwFaults('records of a backfill', faultsOf(corrections));
  const overtaken = corrections.filter(({ outcome }) => outcome === 'overtaken').length;
  if (overtaken === 0) return;
  throw new RecordContentionError(`${overtaken} records were changed by others. Deliver the batch again.`);
}

/** All that is stored of the batch, whoever stored it: what follows a crash counts what went before it. */
function countedOf(
  records: readonly StoredRecord[],
  insertions: readonly Insertion[],
  now: EpochMillis,
): CountedRecord[] {
  const counted: CountedRecord[] = [];
  for (const [at, record] of records.entries()) {
    const entry = countedAs(record, insertions[at], now);
    if (entry !== undefined) counted.push(entry);
  }
  return counted;
}

const NEW = { revision: 1 };

function countedAs(
  record: StoredRecord,
  insertion: Insertion | undefined,
  now: EpochMillis,
): CountedRecord | undefined {
  if (insertion?.outcome === 'duplicate') return countedRecord(insertion.stored, insertion.stored, now);
  return insertion?.outcome === 'inserted' ? countedRecord(record, NEW, now) : undefined;
}

interface StoredBatch {
  readonly insertions: readonly Insertion[];
  readonly records: readonly StoredRecord[];
}

/** @param toRecord events of the batch that were to become records. */
function count(
  batch: Batch,
  toRecord: number,
  { insertions, records }: StoredBatch,
  { metrics, clock }: IngestService,
): IngestOutcome {
  const now = clock();
  const recorded = records.filter((_, at) => insertions[at]?.outcome === 'inserted');
  for (const stored of recorded) countAnswer(stored, now, metrics);
  const outcome = {
    recorded: recorded.length,
    duplicates: toRecord - recorded.length - faultsOf(insertions).length,
    rejected: rejectsIn(batch),
    omitted: batch.events.length - toRecord,
  };
  metrics.add('EventsReceived', batch.events.length);
  metrics.add('EventsRecorded', outcome.recorded);
  metrics.add('EventsDuplicate', outcome.duplicates);
  metrics.add('EventsRejected', outcome.rejected);
  if (outcome.omitted > 0) metrics.add('EventsOmitted', outcome.omitted); // a metric that nobody needs costs too
  metrics.add('EventsIgnored', batch.ignored);
  metrics.add('PiecesOfOtherOrigin', batch.otherOrigin);
  const age = batchAge(batch.events, now);
  if (age !== undefined) metrics.add('BatchAge', age);
  return outcome;
}

/** Tokens that the batch issued are known before anything made with them is decided. */
async function keepTokens(events: readonly DeliveredEvent[], service: IngestService): Promise<void> {
  const tokens: Facts[] = [];
  for (const { event, cluster, handedOverBy } of events) {
    const token = issuedTokenOf(event, cluster, handedOverBy);
    if (token !== undefined) tokens.push({ token });
  }
  if (tokens.length > 0) await keepFound(tokens, service, service.clock());
}

/** Which request made which pod, for `related`: no rule asks for it, so that no claim is woken. */
async function keepCreated(events: readonly DeliveredEvent[], { sessions }: IngestService): Promise<void> {
  const all: Facts[] = [];
  for (const { event, cluster, handedOverBy } of events) {
    const created = createdObjectOf(event, cluster, handedOverBy);
    if (created !== undefined) all.push({ created });
  }
  if (all.length > 0) await sessions.add(all);
}

/**
 * A claim is opened by each answer that is not the last word; and by any that rests on AWS's records or a token where
 * settle would not find it: it then notes which facts could change the answer, and is opened again when one comes. A claim of backfill
 * or replay alone raises no alert: what comes live opens it, so that it will.
 */
function intentsToOpen(
  decided: readonly DecidedEvent[],
  registered: RegisteredClaims,
  { live }: Delivery,
  { alertOn }: IngestService,
): ClaimIntent[] {
  const isNeeded = oncePerAttribution((attribution) => needsClaim(attribution, causesOf(attribution, alertOn)));
  const waiting: Waiting[] = [];
  for (const { claim, stored } of decided) {
    if (claim === undefined) continue;
    const { record, at } = stored;
    const known = registered.get(claim.id);
    const isFound = known !== undefined && (known.live || !live) && covers(known, at);
    if (!isFound || isNeeded(record.attribution)) waiting.push({ claim, record, at });
  }
  return claimIntentsOf(waiting, live);
}

/** Many records have one and the same attribution. */
function oncePerAttribution<T>(tell: (attribution: Attribution) => T): (attribution: Attribution) => T {
  const told = new Map<Attribution, T>();
  return (attribution) => {
    const known = told.get(attribution);
    if (known !== undefined) return known;
    const answer = tell(attribution);
    told.set(attribution, answer);
    return answer;
  };
}

/** What counts is the answer that is stored: a batch that is delivered again may find later grants than the first did. */
function asStored(decided: readonly DecidedEvent[], insertions: readonly Insertion[]): DecidedEvent[] {
  return decided.flatMap(({ claim, stored }, at) => {
    const insertion = insertions[at];
    if (insertion?.outcome === 'refused') return [];
    const { record } = insertion?.outcome === 'duplicate' ? insertion.stored : stored;
    return { claim, stored: { ...stored, record } };
  });
}

/** @throws FaultyItemsError where a claim cannot be opened: what the batch has announced says so to settle too. */
async function open(intents: readonly ClaimIntent[], { claims, clock }: IngestService): Promise<void> {
  const faulty = await faultyOnes(intents, (intent) =>
    claims.change(intent.id, (claim) => opened(claim, intent, clock())),
  );
  throwFaults(
    'claims of the batch',
    faulty.map(({ fault }) => fault),
  );
}

/** Requests that take as long as the client likes: their end comes hours after the time that the event bears (FACTS). */
const LONG_SUBRESOURCES = ['exec', 'attach', 'log', 'portforward', 'proxy'];

/**
 * From the oldest audit event of a batch to its arrival, in milliseconds; undefined where no event tells. The end of a
 * long request says nothing of how late the batch is.
 */
export function batchAge(events: readonly { readonly event: AuditEvent }[], now: number): number | undefined {
  let oldest = Number.POSITIVE_INFINITY;
  for (const { event } of events) {
    if (event.at !== undefined && event.at < oldest && !isEndOfLongRequest(event)) oldest = event.at;
  }
  return oldest === Number.POSITIVE_INFINITY ? undefined : now - oldest;
}

function isEndOfLongRequest({ stage, request: { verb, subresource = '' } }: AuditEvent): boolean {
  return stage === 'ResponseComplete' && (verb === 'watch' || LONG_SUBRESOURCES.includes(subresource));
}
