import type { Answer } from '../../attribution/answer.ts';
import type { Attribution } from '../../attribution/attribution.ts';
import type { Facts } from '../../attribution/facts.ts';
import { auditRecord, cutName } from '../../attribution/record.ts';
import type { AttributionSettings } from '../../attribution/settings.ts';
import type { FirstUser } from '../../audit/caller.ts';
import { createdObjectOf } from '../../audit/created-object.ts';
import { eventIdentity } from '../../audit/event.ts';
import { issuedTokenOf } from '../../audit/issued-token.ts';
import type { Recording } from '../../audit/recording.ts';
import { causesOf } from '../../claims/alert.ts';
import type { AlertCause } from '../../claims/alert-cause.ts';
import { type Claim, type ClaimIdentity, type ClaimIntent, covers, needsClaim, opened } from '../../claims/claim.ts';
import { claimIntentsOf, type Waiting } from '../../claims/claim-intents.ts';
import type { TextDigest } from '../../claims/identity.ts';
import { keptRecord } from '../../claims/kept-record.ts';
import { mapConcurrently } from '../../concurrency.ts';
import type { CountedRecord } from '../../counts/contribution.ts';
import type { ErrorCode } from '../../error-code.ts';
import type { Claims } from '../../ports/claims.ts';
import type { Clock } from '../../ports/clock.ts';
import type { CountStore } from '../../ports/counts.ts';
import type { Rejects } from '../../ports/input.ts';
import type { ClaimIntents } from '../../ports/intents.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { Correction, Insertion, RecordStore, StoredRecord } from '../../ports/records.ts';
import type { SessionStore } from '../../ports/sessions.ts';
import type { StoredItemError } from '../../ports/stored-items.ts';
import type { ClaimWaits } from '../../ports/waits.ts';
import type { EpochMillis } from '../../time.ts';
import { countAnswer } from '../counting/count-answer.ts';
import { countedRecord } from '../counting/counted-record.ts';
import { faultyOnes, throwFaults } from '../counting/faulty-items.ts';
import { keepFound } from '../grants/wake.ts';
import type { Batch, DeliveredEvent } from './batch.ts';
import { batchAge } from './batch-age.ts';
import { BatchCallers } from './batch-callers.ts';
import { answersBy, decideClaim } from './decide-batch.ts';
import type { KeyMemory } from './key-memory.ts';

export interface IngestService {
  readonly sessions: SessionStore;
  readonly records: RecordStore;
  readonly claims: Claims;
  readonly waits: ClaimWaits;
  readonly intents: ClaimIntents;
  readonly counts: CountStore;
  readonly rejects: Rejects;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly digest: TextDigest;
  readonly settings: AttributionSettings;
  /** What is alerted about: an answer that is final at once still has its claim decided again where somebody must be told. */
  readonly alertOn: readonly AlertCause[];
  readonly memory: KeyMemory;
  /** Which events become records. */
  readonly recording: Recording;
}

/** How a batch came. */
export interface Delivery {
  /** Stays the same when the batch is delivered again. */
  readonly id: string;
  /** Whether the events just happened; backfill and replay raise no alerts. */
  readonly live: boolean;
}

export interface IngestOutcome {
  readonly recorded: number;
  readonly duplicates: number;
  readonly rejected: number;
  /** Events that `recording` leaves out. */
  readonly omitted: number;
}

/** An event of the batch, with its record's id, and the claim that its caller makes. */
interface DistinctEvent extends DeliveredEvent {
  readonly id: string;
  readonly claim: ClaimIdentity | undefined;
}

/** An event, decided, ready to be stored. */
interface Decided {
  readonly claim: ClaimIdentity | undefined;
  readonly stored: StoredRecord;
}

/**
 * Stores each audit event of a batch once, attributed with the grants known now, and opens its claim: for every answer that
 * is not the last word, and for any in which an AWS session or a token has a part, unless settle finds the record by a claim
 * that is there. Records first, claims second; what is announced before heals a crash in between.
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
  const intentsOf = (all: readonly Decided[]) => intentsToOpen(all, registered, delivery, service);
  const announced = intentsOf(decided);
  if (announced.length > 0) await service.intents.announce(delivery.id, announced, service.clock());
  const toStore = decided.map(({ stored }) => stored);
  const insertions = await service.records.insert(toStore);
  await service.counts.add(countedOf(toStore, insertions, service.clock()), delivery.id);
  if (delivery.live) {
    await service.counts.noteIngest(service.recording.omits);
    await markLive(insertions, service);
  }
  const isNew = insertions.every(({ outcome }) => outcome === 'inserted');
  await open(isNew ? announced : intentsOf(asStored(decided, insertions)), service);
  if (announced.length > 0) await service.intents.withdraw(delivery.id);
  if (batch.rejected.length > 0) await service.rejects.keep(batch.rejected);
  const outcome = count(batch, recorded.length, { insertions, records: toStore }, service);
  throwFaults('records of the batch', faultsOf(insertions));
  return outcome;
}

function faultsOf(outcomes: readonly (Insertion | Correction)[]): StoredItemError[] {
  return outcomes.flatMap((each) => (each.outcome === 'refused' ? [each.fault] : []));
}

/** One batch may hold an event twice: the last of them counts, where the first stood. */
function distinct(events: readonly DeliveredEvent[], callers: BatchCallers, digest: TextDigest): DistinctEvent[] {
  const byId = new Map<string, DistinctEvent>();
  for (const { event, cluster, handedOver } of events) {
    const id = digest(eventIdentity(event));
    byId.set(id, { event, cluster, handedOver, id, claim: callers.of(event.caller).claim });
  }
  return [...byId.values()];
}

/** Tokens that the batch issued are known before anything made with them is decided. */
async function keepTokens(events: readonly DeliveredEvent[], service: IngestService): Promise<void> {
  const tokens: Facts[] = [];
  for (const { event, cluster, handedOver } of events) {
    const token = issuedTokenOf(event, cluster, handedOver);
    if (token !== undefined) tokens.push({ token });
  }
  if (tokens.length > 0) await keepFound(tokens, service, service.clock());
}

/** Which request made which pod, for `related`: no rule asks for it, so that no claim is woken. */
async function keepCreated(events: readonly DeliveredEvent[], { sessions }: IngestService): Promise<void> {
  const all: Facts[] = [];
  for (const { event, cluster, handedOver } of events) {
    const created = createdObjectOf(event, cluster, handedOver);
    if (created !== undefined) all.push({ created });
  }
  if (all.length > 0) await sessions.add(all);
}

type Registered = ReadonlyMap<string, Claim>;

async function registeredClaims(events: readonly DistinctEvent[], { claims }: IngestService): Promise<Registered> {
  const ids = new Set<string>();
  for (const { claim } of events) if (claim !== undefined) ids.add(claim.id);
  return ids.size === 0 ? new Map() : claims.registered([...ids]);
}

interface DecidingBatch extends IngestService {
  readonly live: boolean;
}

/** Each claim is asked for once, some of them side by side. */
async function decide(
  events: readonly DistinctEvent[],
  registered: Registered,
  callers: BatchCallers,
  service: DecidingBatch,
): Promise<Decided[]> {
  const groups = Map.groupBy(events, ({ claim }) => claim?.id);
  const decided = await mapConcurrently([...groups], async ([claimId, members]) => {
    const answers = await answersOf(claimId, members, registered, service);
    const decided: Decided[] = [];
    for (const [at, event] of members.entries()) {
      const answer = answers[at];
      if (answer !== undefined) decided.push(decidedEvent(event, answer, callers, service.live));
    }
    return decided;
  });
  return decided.flat();
}

/** Of callers without an AWS identity or a token that can be told nothing that comes later has a part in their answer. */
async function answersOf(
  claimId: string | undefined,
  events: readonly DistinctEvent[],
  registered: Registered,
  { settings, memory, sessions, clock }: IngestService,
): Promise<readonly Answer[]> {
  if (claimId === undefined) return answersBy([], events, settings);
  const touchedAt = registered.get(claimId)?.touchedAt;
  return decideClaim(claimId, events, { sessions, settings, memory, now: clock(), touchedAt });
}

function decidedEvent(distinctEvent: DistinctEvent, answer: Answer, callers: BatchCallers, live: boolean): Decided {
  const { id, event, cluster, handedOver } = distinctEvent;
  const { caller, at, impersonated } = event;
  const isImpersonator = answer.attribution.status === 'partial';
  const claim = distinctEvent.claim ?? (isImpersonator ? callers.impersonator(caller) : undefined);
  const { recorded, canonicalArn } = callers.of(caller);
  const record = keptRecord(auditRecord(event, answer, cluster, recorded));
  const stored = {
    id,
    at,
    claimId: claim?.id,
    session: claim?.session,
    canonicalArn,
    first: firstUser(impersonated?.first),
    handedOver,
    replayed: live ? undefined : (true as const),
    record,
  };
  return { claim, stored };
}

function firstUser(first: FirstUser | undefined): FirstUser | undefined {
  return first && { username: cutName(first.username) ?? '', uid: cutName(first.uid) };
}

/**
 * A claim is opened by each answer that is not the last word; and by any that rests on AWS's records or a token where
 * settle would not find it: it then notes which facts could change the answer, and is opened again when one comes.
 */
function intentsToOpen(
  decided: readonly Decided[],
  registered: Registered,
  { live }: Delivery,
  { alertOn }: IngestService,
): ClaimIntent[] {
  const isNeeded = oncePerAttribution((attribution) => needsClaim(attribution, causesOf(attribution, alertOn)));
  const waiting: Waiting[] = [];
  for (const { claim, stored } of decided) {
    if (claim === undefined) continue;
    const { record, at } = stored;
    const known = registered.get(claim.id);
    const isFound = known !== undefined && covers(known, at);
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

/** Records that are changed by others at the same moment. */
export class RecordContentionError extends Error {
  readonly code = 'record-contention' satisfies ErrorCode;
}

/**
 * What backfill had stored before it came live is to be alerted about like everything live.
 * @throws RecordContentionError where somebody else changed such a record just now.
 */
async function markLive(insertions: readonly Insertion[], { records }: IngestService): Promise<void> {
  const replayed = insertions.flatMap((insertion) => {
    if (insertion.outcome !== 'duplicate' || insertion.stored.replayed === undefined) return [];
    const { replayed: _replayed, ...live } = insertion.stored;
    return [live];
  });
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

/** What counts is the answer that is stored: a batch that is delivered again may find later grants than the first did. */
function asStored(decided: readonly Decided[], insertions: readonly Insertion[]): Decided[] {
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

interface Stored {
  readonly insertions: readonly Insertion[];
  readonly records: readonly StoredRecord[];
}

/** @param toRecord events of the batch that were to become records. */
function count(
  batch: Batch,
  toRecord: number,
  { insertions, records }: Stored,
  { metrics, clock }: IngestService,
): IngestOutcome {
  const now = clock();
  const recorded = records.filter((_, at) => insertions[at]?.outcome === 'inserted');
  for (const stored of recorded) countAnswer(stored, now, metrics);
  const outcome = {
    recorded: recorded.length,
    duplicates: toRecord - recorded.length - faultsOf(insertions).length,
    rejected: batch.rejected.length,
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
