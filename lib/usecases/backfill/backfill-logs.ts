import type { AuditEvent } from '../../audit/audit-event.ts';
import { isClustersOwn } from '../../audit/clusters-own.ts';
import { knownSite } from '../../audit/event-site.ts';
import type { CountedGroup } from '../../envelopes/counted-group.ts';
import type { JsonObject } from '../../json.ts';
import type { LogHistory, LogPage } from '../../ports/histories.ts';
import { epochMillis, HOUR } from '../../time.ts';
import { type Batch, type DeliveredEvent, EMPTY_BATCH, readBatch } from '../ingest/batch.ts';
import { ingest } from '../ingest/ingest.ts';
import { BACKFILL_BATCH, type Backfill, deliveryOf } from './backfill.ts';
import type { BackfillRange } from './backfill-lookups.ts';

/**
 * The time window that is read as a whole, in milliseconds. The pages of a log group have no order, so a run cannot
 * resume within a window.
 */
const WINDOW = HOUR;

export interface LogsRequest extends BackfillRange {
  /** Whether to load the requests of nodes, like the deployment's parameter of this name. */
  readonly nodeTraffic: boolean;
}

export interface LogsLeftOut {
  /** Number of kubelet events that this run left out and that `nodeTraffic` would have loaded. */
  readonly nodeEvents: number;
}

/**
 * Loads the audit events of a time range from a log group, hour by hour from the oldest. Truncated entries, which never
 * reach a subscription (FACTS), count as rejected.
 * @throws the errors of the history and the stores, or the signal's reason. The next run reads the interrupted hour
 *   again.
 */
export async function backfillLogs(history: LogHistory, wanted: LogsRequest, work: Backfill): Promise<LogsLeftOut> {
  const { from, to: end } = wanted;
  const mark = await markOf(history, wanted, work);
  const known = work.bookmarks.of(mark);
  const to = known?.to ?? end;
  const reading = new LogReading(history, wanted, work);
  let reached = known?.reached ?? from;
  while (known?.done !== true && reached <= to) {
    const next = Math.min(reached + WINDOW, to + 1);
    await reading.read(reached, next - 1);
    reached = next;
    await work.bookmarks.set(mark, { done: reached > to, reached, to });
    work.progress(mark, (reached - from) / Math.max(1, to - from));
  }
  work.progress(mark, 1);
  return { nodeEvents: reading.nodeEvents };
}

/**
 * Returns the name of the bookmark. It contains all options that change which entries are read, and for which cluster.
 */
async function markOf(
  { logGroup, streamPrefix, handedOverBy, region }: LogHistory,
  { from, to, endGiven, nodeTraffic }: LogsRequest,
  { target, known, counted }: Backfill,
): Promise<string> {
  const groups = counted.length === 0 ? [] : [counted];
  const elsewhere = handedOverBy === undefined ? [] : [handedOverBy, await region()];
  const source = [logGroup, streamPrefix, known, nodeTraffic, from, endGiven ? to : 'now', ...groups, ...elsewhere];
  return `${target} log-group ${JSON.stringify(source)}`;
}

class LogReading {
  /** Number of node events left out so far. */
  nodeEvents = 0;
  readonly #history: LogHistory;
  readonly #wanted: LogsRequest;
  readonly #work: Backfill;
  readonly #counted: readonly CountedGroup[];

  constructor(history: LogHistory, wanted: LogsRequest, work: Backfill) {
    this.#history = history;
    this.#wanted = wanted;
    this.#work = work;
    // The user named this log group as a source of audit events, so its entries count as evidence.
    this.#counted = [...work.counted, { names: history.logGroup, content: 'audit' }];
  }

  async read(from: number, to: number): Promise<void> {
    let token: string | undefined;
    do {
      this.#work.signal.throwIfAborted();
      const page: LogPage = await this.#history.page({ from: epochMillis(from), to: epochMillis(to) }, token);
      for (const payload of page.payloads) await this.#store(payload);
      token = page.nextToken;
    } while (token !== undefined);
  }

  async #store(payload: JsonObject): Promise<void> {
    const inflate = () => ({ ok: false, reason: 'awslogs-data-unreadable' }) as const;
    const { logGroup, handedOverBy } = this.#history;
    const region = await this.#history.region();
    const from = { region, handedOverBy, counted: this.#counted };
    const batch = readBatch(payload, `log group ${logGroup}`, { inflate, ...from });
    if (batch.otherOrigin > 0) this.#work.ignored('other-origin', batch.otherOrigin);
    const events = this.#selectEvents(batch.events);
    if (batch.rejected.length > 0) await store({ ...EMPTY_BATCH, rejected: batch.rejected }, this.#work);
    for (let at = 0; at < events.length; at += BACKFILL_BATCH) {
      this.#work.signal.throwIfAborted();
      const some = events.slice(at, at + BACKFILL_BATCH);
      await store({ ...EMPTY_BATCH, events: some }, this.#work);
    }
  }

  /** Selects the events that a subscription's filter lets through by default (lib/identity/audit-filter.ts). */
  #selectEvents(delivered: readonly DeliveredEvent[]): readonly DeliveredEvent[] {
    const mayBe = delivered.filter(({ event }) => actsForPerson(event) || !isClustersOwn(event));
    const taken = this.#wanted.nodeTraffic
      ? mayBe
      : mayBe.filter(({ event }) => actsForPerson(event) || !isOfKubelet(event));
    this.nodeEvents += mayBe.length - taken.length;
    return taken.map(({ event, site }) => ({ event, site: knownSite(site, this.#work.known) }));
  }
}

async function store(batch: Batch, { service }: Backfill): Promise<void> {
  await ingest(batch, { id: deliveryOf(batch.events, service), isLive: false }, service);
}

/**
 * Returns whether the username and user agent are those of a kubelet. Other programs that use a node's role are loaded.
 */
function isOfKubelet({ caller: { username = '' }, userAgent = '' }: AuditEvent): boolean {
  return username.startsWith('system:node:') && /^kubelet(?:\.exe)?\//.test(userAgent);
}

function actsForPerson({ impersonated }: AuditEvent): boolean {
  const { username } = impersonated ?? {};
  return username !== undefined && !username.startsWith('system:');
}
