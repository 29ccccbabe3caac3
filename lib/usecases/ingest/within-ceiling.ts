import type { EventSite } from '../../audit/event-site.ts';
import { parseRecording } from '../../audit/recording.ts';
import { isFarOver, isOver } from '../../heartbeats/volume.ts';
import { clusterHome } from '../../identity/cluster.ts';
import type { Volumes } from '../../ports/volumes.ts';
import { type EpochMillis, epochMillis, MINUTE } from '../../time.ts';
import type { Batch, DeliveredEvent } from './batch.ts';
import { ingest } from './ingest.ts';
import type { Delivery, IngestOutcome, IngestService } from './ingest-service.ts';

export interface CeilingService extends IngestService {
  readonly volumes: Volumes;
  /** The most records of an account and day of which nothing is left out. 0 means no ceiling. */
  readonly ceiling: number;
}

/** What is still recorded of an account that is over its ceiling. */
const WITHOUT_READS = parseRecording('omit-reads:*');

/**
 * Stores a batch as `ingest` does, but leaves out and counts the allowed reads of accounts that are over their ceiling.
 * Everything else is recorded.
 * @throws the errors of `ingest` and of the volumes; the batch must then be delivered again.
 */
export async function ingestWithin(batch: Batch, delivery: Delivery, service: CeilingService): Promise<IngestOutcome> {
  const { volumes, ceiling, metrics } = service;
  if (!delivery.live) return ingest(batch, delivery, service); // A backfill loads what was left out.
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
    const leftOutReads = leftOut.filter(ofAccount).length;
    if (recorded + leftOutReads > 0) await volumes.add(account, { recorded, leftOutReads });
  }
  return { ...outcome, omitted: outcome.omitted + leftOut.length };
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
function partOf({ id, live }: Delivery): Delivery {
  return { id: `${id} over the ceiling`, live };
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
