import type { Attribution } from '../../attribution/attribution.ts';
import type { Facts } from '../../attribution/facts.ts';
import type { AuditEvent } from '../../audit/audit-event.ts';
import { createdObjectOf } from '../../audit/created-object.ts';
import { issuedTokenOf } from '../../audit/issued-token.ts';
import { causesOf } from '../../claims/alert-cause.ts';
import { type ClaimIntent, needsClaim } from '../../claims/claim.ts';
import { claimIntentsOf, type WaitingRecord } from '../../claims/claim-intents.ts';
import { covers, openClaim } from '../../claims/opening.ts';
import type { CountedRecord } from '../../counts/contribution.ts';
import { senderOf } from '../../identity/cluster.ts';
import type { Insertion, RecordKey, StoredRecord } from '../../ports/records.ts';
import type { EpochMillis } from '../../time.ts';
import { countAnswer, countedRecord } from '../counting/counted-record.ts';
import { faultsOf, faultyOnes, throwFaults } from '../counting/faulty-items.ts';
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
import { markLive, type StoredBatch, storeRecords } from './store-records.ts';

/**
 * Stores each audit event of a batch once, attributed with the grants known now. It opens claims for answers that are
 * not final. Answers that depend on an AWS session or a token also need a claim, unless a stored one covers the record.
 * Records are written first, then counts and claims. The batch announces all of them beforehand. So settle
 * can finish the work after a crash, even if the batch is never delivered again. Storing the same batch again changes
 * nothing. Events that `recording` leaves out are only counted.
 * @throws FaultyItemsError if single records or claims cannot be stored. All others are stored by then.
 * @throws the errors of the stores. After any error, the batch must be delivered again.
 */
export async function ingest(batch: Batch, delivery: Delivery, service: IngestService): Promise<IngestOutcome> {
  await keepTokens(batch.events, service);
  await keepCreated(batch.events, service);
  const callers = new BatchCallers(service.digest);
  const recorded = batch.events.filter(({ event }) => !service.recording.omitted(event));
  const events = distinct(recorded, callers, service.digest);
  const registered = await registeredClaims(events, service);
  const decided = await decide(events, registered, callers, { ...service, isLive: delivery.isLive });
  const intentsOf = (all: readonly DecidedEvent[]) => intentsToOpen(all, registered, delivery, service);
  const intents = intentsOf(decided);
  const keys = keysOf(decided, service);
  const sender = batch.events[0] && senderOf(batch.events[0].site);
  if (keys.length > 0) await service.intents.announce(delivery.id, { intents, records: keys, sender }, service.clock());
  const stored = await storeRecords(decided, service, callers);
  const { insertions } = stored;
  await service.counts.add(countedOf(stored, service.clock()), delivery.id);
  if (delivery.isLive) {
    await service.counts.noteIngest(service.recording.omits);
    await markLive(insertions, service);
  }
  const isNew = insertions.every(({ outcome }) => outcome === 'inserted') && stored.copies.length === 0;
  await open(isNew ? intents : intentsOf(asStored(stored)), service);
  if (keys.length > 0) await service.intents.withdraw(delivery.id);
  await keepRejects(batch, service);
  const outcome = count(batch, recorded.length, stored, service);
  throwFaults('records of the batch', faultsOf(insertions));
  return outcome;
}

export async function keepRejects(
  batch: Pick<Batch, 'rejected' | 'otherRejects'>,
  { rejects }: Pick<IngestService, 'rejects'>,
): Promise<void> {
  if (batch.rejected.length > 0) await rejects.keep(batch.rejected, batch.otherRejects);
}

/**
 * Returns the keys of the records that the batch announces. Copies that contradict each other share one key until they
 * are stored.
 */
function keysOf(decided: readonly DecidedEvent[], { records }: IngestService): readonly RecordKey[] {
  const keys = new Map<string, RecordKey>();
  for (const { stored } of decided) keys.set(stored.id, records.keyOf(stored));
  return [...keys.values()];
}

/**
 * Returns the stored records of the batch, to be counted. After a crash, these include records that the first attempt
 * stored.
 */
function countedOf({ decided, insertions, copies }: StoredBatch, now: EpochMillis): CountedRecord[] {
  const counted: CountedRecord[] = [];
  for (const [at, { stored }] of decided.entries()) {
    const entry = countedAs(stored, insertions[at], now);
    if (entry !== undefined) counted.push(entry);
  }
  return [...counted, ...copies.flatMap((copy) => countedRecord(copy, copy, now) ?? [])];
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

/**
 * Counts the batch in the metrics.
 * @param toRecord the number of events that should become records.
 */
function count(
  batch: Batch,
  toRecord: number,
  { insertions, decided }: StoredBatch,
  { metrics, clock }: IngestService,
): IngestOutcome {
  const now = clock();
  const recorded = decided.filter((_, at) => insertions[at]?.outcome === 'inserted');
  for (const { stored } of recorded) countAnswer(stored, now, metrics);
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
  if (outcome.omitted > 0) metrics.add('EventsOmitted', outcome.omitted); // Each metric costs money.
  metrics.add('EventsIgnored', batch.ignored);
  metrics.add('PiecesOfOtherOrigin', batch.otherOrigin);
  const age = batchAge(batch.events, now);
  if (age !== undefined) metrics.add('BatchAge', age);
  return outcome;
}

/** Stores the tokens that requests of the batch issued. Call it before requests with these tokens are attributed. */
async function keepTokens(events: readonly DeliveredEvent[], service: IngestService): Promise<void> {
  const tokens: Facts[] = [];
  for (const { event, site } of events) {
    const token = issuedTokenOf(event, site);
    if (token !== undefined) tokens.push({ token });
  }
  if (tokens.length > 0) await keepFound(tokens, service, service.clock());
}

/** Stores which request created which pod, for `related`. No rule depends on it, so no claim is opened for it. */
async function keepCreated(events: readonly DeliveredEvent[], { sessions }: IngestService): Promise<void> {
  const all: Facts[] = [];
  for (const { event, site } of events) {
    const created = createdObjectOf(event, site);
    if (created !== undefined) all.push({ created });
  }
  if (all.length > 0) await sessions.add(all);
}

/**
 * Returns the claims to open. Their answers are not final, or rest on AWS's records or a token and no stored claim
 * covers them. Settle then notes which facts could change the answer, and opens the claim again when one arrives.
 * Claims that only backfill or replay opened raise no alerts. A live event opens such a claim again, so that it does.
 */
function intentsToOpen(
  decided: readonly DecidedEvent[],
  registered: RegisteredClaims,
  { isLive }: Delivery,
  { alertOn }: IngestService,
): ClaimIntent[] {
  const isNeeded = memoByAttribution((attribution) => needsClaim(attribution, causesOf(attribution, alertOn)));
  const waiting: WaitingRecord[] = [];
  for (const { claim, stored } of decided) {
    if (claim === undefined) continue;
    const { record, at } = stored;
    const known = registered.get(claim.id);
    const isFound = known !== undefined && (known.live || !isLive) && covers(known, at);
    if (!isFound || isNeeded(record.attribution)) waiting.push({ claim, record, at });
  }
  return claimIntentsOf(waiting, isLive);
}

/** Returns `compute` with a memory by attribution object, because many records share one object. */
function memoByAttribution<T>(compute: (attribution: Attribution) => T): (attribution: Attribution) => T {
  const memo = new Map<Attribution, T>();
  return (attribution) => {
    const known = memo.get(attribution);
    if (known !== undefined) return known;
    const answer = compute(attribution);
    memo.set(attribution, answer);
    return answer;
  };
}

/**
 * Returns the events with their stored answers instead of the new ones. When a batch is repeated, grants may be known
 * that the first delivery did not find.
 */
function asStored({ decided, insertions }: StoredBatch): DecidedEvent[] {
  return decided.flatMap((each, at) => {
    const insertion = insertions[at];
    if (insertion?.outcome === 'refused') return [];
    const { record } = insertion?.outcome === 'duplicate' ? insertion.stored : each.stored;
    return { ...each, stored: { ...each.stored, record } };
  });
}

/**
 * Opens the claims.
 * @throws FaultyItemsError if a claim cannot be opened. Its announcement stays, so that settle tries again.
 */
async function open(intents: readonly ClaimIntent[], { claims, clock }: IngestService): Promise<void> {
  const faulty = await faultyOnes(intents, (intent) =>
    claims.change(intent.id, (claim) => openClaim(claim, intent, clock())),
  );
  throwFaults(
    'claims of the batch',
    faulty.map(({ fault }) => fault),
  );
}

/**
 * Subresources whose requests last as long as the client likes. Their final event arrives hours after the time in it
 * (FACTS).
 */
const LONG_SUBRESOURCES = ['exec', 'attach', 'log', 'portforward', 'proxy'];

/**
 * Returns the age of a batch's oldest audit event, in milliseconds. Undefined if no event has a readable time. The
 * final events of long requests do not count, since they say nothing about the delay of the batch.
 */
export function batchAge(events: readonly { readonly event: AuditEvent }[], now: number): number | undefined {
  let oldest = Number.POSITIVE_INFINITY;
  for (const { event } of events) {
    if (event.at !== undefined && event.at < oldest && !isEndOfLongRequest(event)) oldest = event.at;
  }
  return oldest === Number.POSITIVE_INFINITY ? undefined : now - oldest;
}

/**
 * Returns whether the event ends a request that may have lasted for hours. The time in such an event is that of the
 * request's beginning.
 */
export function isEndOfLongRequest({ stage, request: { verb, subresource = '' } }: AuditEvent): boolean {
  return stage === 'ResponseComplete' && (verb === 'watch' || LONG_SUBRESOURCES.includes(subresource));
}
