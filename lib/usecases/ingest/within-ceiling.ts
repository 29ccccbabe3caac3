import type { Silence } from '../../attribution/silence.ts';
import { parseRecording } from '../../audit/recording.ts';
import { dayOf, isFarOver, isFarOverInGrants, isOver, OF_ATTEMPT, sumOf } from '../../heartbeats/volume.ts';
import { senderOf } from '../../identity/cluster.ts';
import { textAt } from '../../json.ts';
import type { AttemptNote, Attempts, DatedAttemptNote } from '../../ports/attempts.ts';
import type { Volumes } from '../../ports/volumes.ts';
import { type EpochMillis, epochMillis, HOUR, MINUTE, parseInstant } from '../../time.ts';
import { FaultyItemsError } from '../counting/faulty-items.ts';
import { type GrantsService, storeGrants, type TrailPiece } from '../grants/grants.ts';
import { keepFound } from '../grants/wake.ts';
import { type Batch, type DeliveredEvent, EMPTY_BATCH } from './batch.ts';
import { ingest } from './ingest.ts';
import { type Delivery, type IngestOutcome, type IngestService, NOTHING, sumOfOutcomes } from './ingest-service.ts';

export interface CeilingService extends IngestService {
  readonly volumes: Volumes;
  readonly attempts: Attempts;
  /**
   * The number of events of one account in a day, beyond which events are left out. 0 means that there is no ceiling.
   */
  readonly ceiling: number;
}

/** The recording rules for an account that is over its ceiling. */
const WITHOUT_READS = parseRecording('omit-reads:*');

/**
 * The maximum number of events of a delivery that are stored together. The costliest events are handed over, and all
 * differ in caller, key and namespace. Each of these takes 20 requests. A slice of them still ends within half the
 * time-out (test/contract/full-delivery.slow.test.ts).
 */
export const SLICE = 2_000;

/**
 * Stores a batch as `ingest` does, slice by slice. If an account is over its ceiling, its allowed reads are left out
 * and counted. Everything else is recorded. If the batch has several slices, each stored slice is noted. A retry then
 * goes on with the next one. Faulty records or claims in a slice do not hold back later slices. If the batch has
 * several slices or is a retry, events that another account hands over count before they are stored. So an attempt
 * that breaks off counts too, because it also costs. Once the slice is stored, its real count replaces the first one.
 * @throws the errors of `ingest` and of the volumes. The batch must then be delivered again.
 */
export async function ingestWithin(batch: Batch, delivery: Delivery, service: CeilingService): Promise<IngestOutcome> {
  if (!delivery.isLive) return ingest(batch, delivery, service); // A backfill loads what was left out.
  const slices = slicesOf(batch);
  const isRetried = delivery.isRetried === true && handedOverBy(batch) !== undefined;
  if (slices.length === 1 && !isRetried) return ingestSlice(batch, delivery, service);
  return ingestSlices(slices, delivery, service);
}

/** Splits a batch. The first slice also has everything that is not an event. */
function slicesOf(batch: Batch): readonly Batch[] {
  const { events } = batch;
  const slices: Batch[] = [{ ...batch, events: events.slice(0, SLICE) }];
  for (let at = SLICE; at < events.length; at += SLICE)
    slices.push({ ...EMPTY_BATCH, events: events.slice(at, at + SLICE) });
  return slices;
}

async function ingestSlices(
  slices: readonly Batch[],
  delivery: Delivery,
  service: CeilingService,
): Promise<IngestOutcome> {
  const attempts = new SliceAttempts(slices, delivery, service);
  const done = await attempts.storedSlices();
  if (delivery.isRetried !== true) await countRepeated(slices.slice(0, done), service);
  let [sum, fault]: [IngestOutcome, FaultyItemsError | undefined] = [NOTHING, undefined];
  for (const [at, slice] of slices.entries()) {
    if (at < done) continue;
    const part = slices.length === 1 ? delivery : { ...delivery, id: `${delivery.id} slice ${at}` };
    const outcome = await attemptSlice(slice, attempts, part, service);
    if (outcome instanceof FaultyItemsError) {
      fault ??= outcome;
      continue;
    }
    sum = sumOfOutcomes(sum, outcome);
    // A retry begins with the first faulty slice.
    if (fault === undefined) await attempts.finish(at + 1);
    else await attempts.withdraw();
  }
  if (fault !== undefined) throw fault;
  return sum;
}

/**
 * Counts events again that a copy of the delivery has stored before. Otherwise an account could send a stored delivery
 * any number of times, at our cost.
 */
async function countRepeated(stored: readonly Batch[], { volumes }: CeilingService): Promise<void> {
  const [first = EMPTY_BATCH] = stored;
  const account = handedOverBy(first);
  const attempted = stored.reduce((sum, { events }) => sum + events.length, 0);
  if (account !== undefined) await volumes.add(account, { attempted });
}

/**
 * Makes one attempt at a slice. Returns its outcome, or the fault of single items.
 * @throws any other error.
 */
async function attemptSlice(
  slice: Batch,
  attempts: SliceAttempts,
  delivery: Delivery,
  service: CeilingService,
): Promise<IngestOutcome | FaultyItemsError> {
  const begun = await attempts.begin();
  try {
    return await ingestSlice(slice, delivery, service, begun * OF_ATTEMPT);
  } catch (error) {
    if (error instanceof FaultyItemsError) return error;
    await Promise.allSettled([attempts.withdraw()]); // If that cannot be written, the attempt counts.
    throw error;
  }
}

/**
 * Keeps the attempts at the slices of a delivery, in the note of the delivery and in the account's count. Several
 * processes may work on copies of the delivery at once. So each write of the note adds this attempt, or subtracts
 * exactly what it replaces.
 */
class SliceAttempts {
  readonly #id: string;
  readonly #account: string | undefined;
  readonly #service: CeilingService;
  readonly #isRetried: boolean;
  /** The number of attempts that the latest call of `begin` counted. */
  #begun = 1;
  #isFirstNoted = true;

  constructor([first = EMPTY_BATCH]: readonly Batch[], { id, isRetried = false }: Delivery, service: CeilingService) {
    this.#id = `delivery ${id}`;
    this.#account = handedOverBy(first);
    this.#service = service;
    this.#isRetried = isRetried;
  }

  /** Returns how many slices are stored. */
  async storedSlices(): Promise<number> {
    const note = await this.#service.attempts.noted(this.#id);
    // The first attempt at a small delivery leaves no note.
    this.#isFirstNoted = note !== undefined || !this.#isRetried;
    return note?.slices ?? 0;
  }

  /**
   * Counts an attempt towards the ceiling of the account that handed the delivery over, and then notes it. If the
   * attempt before left no note, it may have broken off, so it is counted too.
   * @returns the number of attempts that were counted.
   */
  async begin(): Promise<number> {
    const { attempts, volumes, clock } = this.#service;
    const day = dayOf(clock());
    const begun = this.#isFirstNoted ? 1 : 2;
    [this.#begun, this.#isFirstNoted] = [begun, true];
    if (this.#account !== undefined) await volumes.add(this.#account, { attempted: begun * OF_ATTEMPT });
    await attempts.change(this.#id, (before, now) => ({
      slices: before?.slices ?? 0,
      open: openOn(now, before) + (dayOf(now) === day ? begun : 0),
    }));
    return begun;
  }

  /** Notes how many slices are stored, and subtracts all attempts. */
  async finish(stored: number): Promise<void> {
    await this.#takeOff((slices) => ({ slices: Math.max(stored, slices), open: 0 }));
  }

  /** Subtracts what `begin` counted, unless the attempt of a copy did so. */
  async withdraw(): Promise<void> {
    await this.#takeOff((slices, open) => ({ slices, open: Math.max(0, open - this.#begun) }));
  }

  async #takeOff(change: (slices: number, open: number) => AttemptNote): Promise<void> {
    const { attempts, volumes, clock } = this.#service;
    let [ended, day] = [0, ''];
    await attempts.change(this.#id, (before, now) => {
      const open = openOn(now, before);
      const after = change(before?.slices ?? 0, open);
      [ended, day] = [open - after.open, dayOf(now)];
      return after;
    });
    if (this.#account !== undefined && ended > 0 && dayOf(clock()) === day)
      await volumes.add(this.#account, { attempted: -ended * OF_ATTEMPT });
  }
}

/** Returns the number of attempts that began on that day and have not ended. */
function openOn(now: EpochMillis, note: DatedAttemptNote | undefined): number {
  return note !== undefined && dayOf(note.at) === dayOf(now) ? note.open : 0;
}

/**
 * Stores one slice.
 * @param reserved the events that this attempt has counted already. They do not put the account over its ceiling.
 */
async function ingestSlice(
  batch: Batch,
  delivery: Delivery,
  service: CeilingService,
  reserved = 0,
): Promise<IngestOutcome> {
  const { volumes, ceiling, metrics } = service;
  const own = handedOverBy(batch) === undefined ? 0 : reserved;
  const accounts = [...new Set(batch.events.flatMap(({ site }) => senderOf(site) ?? []))];
  const known = await Promise.all(accounts.map(async (account) => [account, await volumes.of(account)] as const));
  const over = new Set(
    known.flatMap(([account, volume]) => (isOver(sumOf(volume, { attempted: -own }), ceiling) ? [account] : [])),
  );
  const isLeftOut = ({ event, site }: DeliveredEvent) => over.has(senderOf(site) ?? '') && WITHOUT_READS.omitted(event);
  const { true: leftOut = [], false: events = [] } = Object.groupBy(
    batch.events,
    (each) => `${isLeftOut(each)}` as const,
  );
  await noteReads(leftOut, service);
  const outcome = await ingest({ ...batch, events }, leftOut.length > 0 ? partOf(delivery) : delivery, service);
  metrics.add('EventsReceived', leftOut.length);
  if (leftOut.length > 0) metrics.add('EventsOmitted', leftOut.length); // Each metric costs money.
  const toRecord = events.length - outcome.omitted;
  for (const account of accounts) {
    const ofAccount = ({ site }: DeliveredEvent) => senderOf(site) === account;
    const share = events.filter(ofAccount).length / Math.max(1, events.length);
    const recorded = toRecord === 0 ? 0 : Math.round(outcome.recorded * share);
    const attempted = handedOverBy(batch) === undefined ? 0 : outcome.duplicates;
    const leftOutReads = leftOut.filter(ofAccount).length;
    if (recorded + attempted + leftOutReads > 0) await volumes.add(account, { recorded, attempted, leftOutReads });
  }
  return { ...outcome, omitted: outcome.omitted + leftOut.length };
}

/** Returns the account that handed the batch over. It is the same for all of the events. */
function handedOverBy({ events: [first] }: Batch): string | undefined {
  return first?.site.origin?.handedOverBy;
}

/** Notes for each account since when its reads are left out, so that answers can say so. */
async function noteReads(leftOut: readonly DeliveredEvent[], { volumes, clock }: CeilingService): Promise<void> {
  for (const [account, events] of Map.groupBy(leftOut, ({ site }) => senderOf(site))) {
    if (account === undefined) continue;
    const times = events.flatMap(({ event }) => event.at ?? []);
    await volumes.noteGap(account, 'reads', epochMillis(Math.min(clock(), ...times)));
  }
}

/**
 * Returns the delivery under a name of its own. An earlier attempt may have announced more records than this one
 * stores, because the account was below its ceiling. Settle finishes the records of that attempt, so this attempt must
 * not withdraw its announcement.
 */
function partOf(delivery: Delivery): Delivery {
  return { ...delivery, id: `${delivery.id} over the ceiling` };
}

/**
 * How much older than their delivery events usually are at most, in milliseconds. CloudWatch Logs delivers within
 * minutes (FACTS).
 */
const BEFORE_DELIVERY = 15 * MINUTE;

/**
 * Leaves out and counts a delivery if the account that handed it over is far over its ceiling. Returns whether it did.
 * @param sentAt the time at which the delivery was put on the hub's bus.
 */
export async function leaveOutDelivery(
  { account, sentAt }: { readonly account: string; readonly sentAt: EpochMillis },
  { volumes, ceiling }: Pick<CeilingService, 'volumes' | 'ceiling'>,
): Promise<boolean> {
  if (!isFarOver(await volumes.of(account), ceiling)) return false;
  await volumes.noteGap(account, 'deliveries', epochMillis(Math.max(0, sentAt - BEFORE_DELIVERY)));
  await volumes.add(account, { leftOutDeliveries: 1 });
  return true;
}

/**
 * The number of bytes of a delivery's text that count as at least one event. To unpack and parse them takes a
 * millisecond, about as long as an event takes. Audit events are shorter.
 */
const BYTES_OF_EVENT = 16_384;

/** A delivery of another account whose text was read. */
interface ReadDelivery {
  readonly account: string;
  readonly events: number;
  readonly rejected: number;
  readonly bytes: number;
}

/**
 * Counts the parts of a delivery that were read but are not events. They count towards the ceiling of the account that
 * handed it over.
 */
export async function countReading(
  { account, events, rejected, bytes }: ReadDelivery,
  { volumes }: Pick<CeilingService, 'volumes'>,
): Promise<void> {
  const attempted = Math.max(rejected, Math.ceil(bytes / BYTES_OF_EVENT) - events);
  if (attempted > 0) await volumes.add(account, { attempted });
}

/** Counts a refused delivery as an attempt, because it may already have been unpacked and parsed. */
export async function countRefused(account: string, { volumes }: Pick<CeilingService, 'volumes'>): Promise<void> {
  await volumes.add(account, { attempted: OF_ATTEMPT });
}

/** The service behind CloudTrail records: it stores them as grants and other facts. */
export interface GrantsCeilingService extends GrantsService, Pick<CeilingService, 'volumes' | 'ceiling'> {}

/**
 * Stores CloudTrail records as `storeGrants` does, except those of accounts that are far over their ceiling. Those are
 * left out and counted. The ceiling applies to records that EventBridge or an organization's trail delivers. Records of
 * the account that owns the trail's log group have no ceiling.
 * @throws the errors of `storeGrants` and of the volumes. All records must then be delivered again.
 */
export async function grantsWithin(pieces: readonly TrailPiece[], service: GrantsCeilingService): Promise<void> {
  const { volumes, ceiling } = service;
  if (ceiling === 0) return storeGrants(pieces, service);
  const accounts = Map.groupBy(pieces, ({ account }) => account);
  const over = new Set<string | undefined>();
  for (const [account, of] of accounts) {
    if (account === undefined || !isFarOverInGrants(await volumes.of(account), ceiling)) continue;
    over.add(account);
    await noteSilences(account, of, service);
  }
  await storeGrants(over.size === 0 ? pieces : pieces.filter(({ account }) => !over.has(account)), service);
  for (const [account, { length }] of accounts)
    if (account !== undefined)
      await volumes.add(account, over.has(account) ? { leftOutGrants: length } : { grants: length });
}

/**
 * Stores each hour of a left-out record as a silence of the account's CloudTrail. Answers by session name then say that
 * grants may be missing.
 */
async function noteSilences(
  accountId: string,
  pieces: readonly TrailPiece[],
  service: GrantsCeilingService,
): Promise<void> {
  const now = service.clock();
  const silences = new Map<string, Silence>();
  for (const { record } of pieces) {
    const region = textAt(record, 'awsRegion') ?? '';
    const at = parseInstant(textAt(record, 'eventTime') ?? '') ?? now;
    const from = epochMillis(Math.floor(at / HOUR) * HOUR);
    silences.set(`${region} ${from}`, { accountId, region, from, to: epochMillis(from + HOUR) });
  }
  await keepFound(
    [...silences.values()].map((silence) => ({ silence })),
    service,
    now,
  );
}
