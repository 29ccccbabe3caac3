import type { AuditEvent } from '../audit/event.ts';
import type { JsonObject } from '../json.ts';
import type { LogHistory, LogPage } from '../ports.ts';
import { epochMillis, HOUR } from '../time.ts';
import { BACKFILL_BATCH, type Backfill } from './backfill.ts';
import type { BackfillRange } from './backfill-lookups.ts';
import { type Batch, type DeliveredEvent, readBatch } from './batch.ts';
import { ingest } from './ingest.ts';

/** Read as a whole: within it a log group's pages are in no order that one could go on from. */
const WINDOW = HOUR;

/**
 * Loads the audit events of a time range out of a log group, hour by hour from the oldest. Entries that were cut, which
 * never reach a subscription (FACTS), are counted as rejected.
 * @throws what the history or a store throws, or the signal's reason: the hour is read again next time.
 */
export async function backfillLogs(history: LogHistory, range: BackfillRange, work: Backfill): Promise<void> {
  const { from, to: end } = range;
  const mark = markOf(history, range, work);
  const known = work.bookmarks.of(mark);
  const to = known?.to ?? end;
  let reached = known?.reached ?? from;
  while (known?.done !== true && reached <= to) {
    const next = Math.min(reached + WINDOW, to + 1);
    await backfillWindow(history, reached, next - 1, work);
    reached = next;
    await work.bookmarks.set(mark, { done: reached > to, reached, to });
    work.progress(mark, (reached - from) / Math.max(1, to - from));
  }
  work.progress(mark, 1);
}

/** All that says which entries are read, and as whose: what was read otherwise is no reason to leave anything out. */
function markOf(
  { logGroup, streamPrefix }: LogHistory,
  { from, to, endGiven }: BackfillRange,
  { target, cluster }: Backfill,
): string {
  return `${target} log-group ${JSON.stringify([logGroup, streamPrefix, cluster, from, endGiven ? to : 'now'])}`;
}

async function backfillWindow(history: LogHistory, from: number, to: number, work: Backfill): Promise<void> {
  let token: string | undefined;
  do {
    work.signal.throwIfAborted();
    const page: LogPage = await history.page({ from: epochMillis(from), to: epochMillis(to) }, token);
    for (const payload of page.payloads) await storePayload(payload, history.logGroup, work);
    token = page.nextToken;
  } while (token !== undefined);
}

async function storePayload(payload: JsonObject, logGroup: string, work: Backfill): Promise<void> {
  const unreadable = () => ({ ok: false, reason: 'awslogs-data-unreadable' }) as const;
  const batch = readBatch(payload, `log group ${logGroup}`, unreadable);
  const wanted = batch.events.filter(({ event }) => isSubscribedTo(event));
  const events = wanted.map(({ event, cluster }): DeliveredEvent => ({ event, cluster: cluster ?? work.cluster }));
  if (batch.rejected.length > 0) await store({ events: [], trail: [], rejected: batch.rejected, ignored: 0 }, work);
  for (let at = 0; at < events.length; at += BACKFILL_BATCH) {
    work.signal.throwIfAborted();
    const some = events.slice(at, at + BACKFILL_BATCH);
    await store({ events: some, trail: [], rejected: [], ignored: 0 }, work);
  }
}

async function store(batch: Batch, { service }: Backfill): Promise<void> {
  const id = service.digest(`backfill ${batch.events.map(({ event }) => event.auditId).join(' ')}`);
  await ingest(batch, { id, live: false }, service);
}

/** As the subscription's filter has it: Kubernetes' own traffic, by far the most, stays out of the tables (FACTS). */
function isSubscribedTo({ caller: { uid = '', username = '' } }: AuditEvent): boolean {
  if (username.startsWith('system:node:')) return false;
  return /^(?:aws-iam-authenticator|heptio-authenticator-aws):/.test(uid) || !/^(?:system|eks):/.test(username);
}
