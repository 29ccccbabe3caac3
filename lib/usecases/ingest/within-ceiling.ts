import type { EventSite } from '../../audit/event-site.ts';
import { parseRecording } from '../../audit/recording.ts';
import { dayOf, isFarOver, isOver, OF_ATTEMPT } from '../../heartbeats/volume.ts';
import { clusterHome } from '../../identity/cluster.ts';
import type { Attempts } from '../../ports/attempts.ts';
import type { Volumes } from '../../ports/volumes.ts';
import { type EpochMillis, epochMillis, MINUTE } from '../../time.ts';
import { FaultyItemsError } from '../counting/faulty-items.ts';
import { type Batch, type DeliveredEvent, EMPTY_BATCH } from './batch.ts';
import { ingest } from './ingest.ts';
import { type Delivery, type IngestOutcome, type IngestService, NOTHING, sumOfOutcomes } from './ingest-service.ts';

export interface CeilingService extends IngestService {
  readonly volumes: Volumes;
  readonly attempts: Attempts;
  /** The number of events of an account and day at which events begin to be left out. 0 means no ceiling. */
  readonly ceiling: number;
}

/** The recording of an account that is over its ceiling. */
const WITHOUT_READS = parseRecording('omit-reads:*');

/**
 * The maximum number of events of a delivery that are stored together. Events whose callers, keys and namespaces all differ take 18 requests each,
 * and a slice of these ends within half the time-out (test/contract/full-delivery.slow.test.ts).
 */
export const SLICE = 2_000;

/**
 * Stores a batch as `ingest` does, slice by slice, but leaves out and counts the allowed reads of accounts that are over their ceiling.
 * Everything else is recorded. If the batch has several slices, each that is stored is noted, so that a retry goes on with the next one. A slice
 * whose records or claims are faulty holds back no later one.
 *
 * What another account hands over counts towards its ceiling before the work, if the batch has several slices or is retried: an attempt
 * that breaks off counts too, because it also costs. When the slice is stored, its events replace that.
 * @throws the errors of `ingest` and of the volumes; the batch must then be delivered again.
 */
export async function ingestWithin(batch: Batch, delivery: Delivery, service: CeilingService): Promise<IngestOutcome> {
  if (!delivery.live) return ingest(batch, delivery, service); // A backfill loads what was left out.
  const slices = slicesOf(batch);
  const isRetried = delivery.isRetried === true && handedOverBy(batch) !== undefined;
  if (slices.length === 1 && !isRetried) return ingestSlice(batch, delivery, service);
  return ingestSlices(slices, delivery, service);
}

/** Splits a batch. All that is no event goes with its first slice. */
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
  const { attempts, clock } = service;
  const id = `delivery ${delivery.id}`;
  const before = await attempts.noted(id);
  const done = before?.slices ?? 0;
  let open = before !== undefined && dayOf(before.at) === dayOf(clock()) ? before.open : 0;
  let [sum, fault]: [IngestOutcome, FaultyItemsError | undefined] = [NOTHING, undefined];
  for (const [at, slice] of slices.entries()) {
    if (at < done) continue;
    const part = slices.length === 1 ? delivery : { ...delivery, id: `${delivery.id} slice ${at}` };
    // A retry begins with the first faulty slice.
    const note = async (count: number) => {
      if (fault === undefined) await attempts.note(id, { slices: at, open: count });
    };
    const outcome = await attemptSlice(slice, { open, note }, part, service);
    if (outcome instanceof FaultyItemsError) fault ??= outcome;
    else sum = sumOfOutcomes(sum, outcome);
    open = 0;
  }
  if (fault !== undefined) throw fault;
  await attempts.note(id, { slices: slices.length, open: 0 });
  return sum;
}

/** The attempts at a slice. */
interface SliceAttempts {
  /** The number of those that broke off today. */
  readonly open: number;
  /** Notes how many began and have not ended. */
  note(open: number): Promise<void>;
}

/** Makes one attempt at a slice. Returns its outcome, or the fault of single items. @throws every other error. */
async function attemptSlice(
  slice: Batch,
  { open, note }: SliceAttempts,
  delivery: Delivery,
  service: CeilingService,
): Promise<IngestOutcome | FaultyItemsError> {
  const release = await reserve(slice, service);
  await note(open + 1);
  try {
    const outcome = await ingestSlice(slice, delivery, service);
    await release(open + 1);
    return outcome;
  } catch (error) {
    if (error instanceof FaultyItemsError) return error;
    await Promise.allSettled([release(1), note(open)]); // If neither can be written, the attempt counts.
    throw error;
  }
}

/**
 * Counts an attempt towards the ceiling of the account that hands the slice over. Returns a function that takes so many attempts off again,
 * unless the day has ended.
 */
async function reserve(slice: Batch, { volumes, clock }: CeilingService): Promise<(count: number) => Promise<void>> {
  const account = handedOverBy(slice);
  if (account === undefined) return async () => undefined;
  const day = dayOf(clock());
  await volumes.add(account, { attempted: OF_ATTEMPT });
  return async (count) => {
    if (dayOf(clock()) === day) await volumes.add(account, { attempted: -count * OF_ATTEMPT });
  };
}

async function ingestSlice(batch: Batch, delivery: Delivery, service: CeilingService): Promise<IngestOutcome> {
  const { volumes, ceiling, metrics } = service;
  const accounts = [...new Set(batch.events.flatMap(({ site }) => accountOf(site) ?? []))];
  const known = await Promise.all(accounts.map(async (account) => [account, await volumes.of(account)] as const));
  const over = new Set(known.flatMap(([account, volume]) => (isOver(volume, ceiling) ? [account] : [])));
  const isLeftOut = ({ event, site }: DeliveredEvent) =>
    over.has(accountOf(site) ?? '') && WITHOUT_READS.omitted(event);
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
    const ofAccount = ({ site }: DeliveredEvent) => accountOf(site) === account;
    const share = events.filter(ofAccount).length / Math.max(1, events.length);
    const recorded = toRecord === 0 ? 0 : Math.round(outcome.recorded * share);
    const attempted = handedOverBy(batch) === undefined ? 0 : outcome.duplicates;
    const leftOutReads = leftOut.filter(ofAccount).length;
    if (recorded + attempted + leftOutReads > 0) await volumes.add(account, { recorded, attempted, leftOutReads });
  }
  return { ...outcome, omitted: outcome.omitted + leftOut.length };
}

/** Returns the account that handed the batch over. All of its events have the same one. */
function handedOverBy({ events: [first] }: Batch): string | undefined {
  return first?.site.origin?.handedOverBy;
}

/** Notes since when reads are left out, by account, so that answers say so. */
async function noteReads(leftOut: readonly DeliveredEvent[], { volumes, clock }: CeilingService): Promise<void> {
  for (const [account, events] of Map.groupBy(leftOut, ({ site }) => accountOf(site))) {
    if (account === undefined) continue;
    const times = events.flatMap(({ event }) => event.at ?? []);
    await volumes.noteGap(account, 'reads', epochMillis(Math.min(clock(), ...times)));
  }
}

/**
 * Returns the account whose ceiling an event counts towards: the one that handed it over, whatever account the event states. So no
 * account can use up the ceiling of another one.
 */
function accountOf(site: EventSite): string | undefined {
  return site.origin?.handedOverBy ?? clusterHome(site).accountId;
}

/**
 * Returns the delivery under a name of its own. If an earlier try was not over the ceiling and broke off, it announced more
 * records than this one stores. Settle finishes these, so this try must not withdraw their announcement.
 */
function partOf(delivery: Delivery): Delivery {
  return { ...delivery, id: `${delivery.id} over the ceiling` };
}

/** How much earlier than a delivery its events usually are at most, in milliseconds. CloudWatch Logs delivers within minutes (FACTS). */
const BEFORE_DELIVERY = 15 * MINUTE;

/**
 * Leaves out a delivery that an account hands over, if it is far over its ceiling, and counts it. Returns whether it did.
 * @param sentAt when the delivery was put on the hub's bus.
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
