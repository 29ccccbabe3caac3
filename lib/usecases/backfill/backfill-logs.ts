import type { AuditEvent } from '../../audit/audit-event.ts';
import { isClustersOwn } from '../../audit/clusters-own.ts';
import type { CountedGroup } from '../../envelopes/counted-group.ts';
import type { JsonObject } from '../../json.ts';
import type { LogHistory, LogPage } from '../../ports/histories.ts';
import { epochMillis, HOUR } from '../../time.ts';
import { type Batch, type DeliveredEvent, EMPTY_BATCH, readBatch } from '../ingest/batch.ts';
import { ingest } from '../ingest/ingest.ts';
import { BACKFILL_BATCH, type Backfill, deliveryOf } from './backfill.ts';
import type { BackfillRange } from './backfill-lookups.ts';

/** Read as a whole: within it a log group's pages are in no order that one could go on from. */
const WINDOW = HOUR;

export interface LogsRequest extends BackfillRange {
  /** As the deployment's parameter of this name: whether nodes' traffic is taken. */
  readonly nodeTraffic: boolean;
}

export interface LogsLeftOut {
  /** Events of kubelets that this run came upon and that a service with `nodeTraffic` would have taken. */
  readonly nodeEvents: number;
}

/**
 * Loads the audit events of a time range out of a log group, hour by hour from the oldest. Entries that were cut, which
 * never reach a subscription (FACTS), are counted as rejected.
 * @throws what the history or a store throws, or the signal's reason: the hour is read again next time.
 */
export async function backfillLogs(history: LogHistory, wanted: LogsRequest, work: Backfill): Promise<LogsLeftOut> {
  const { from, to: end } = wanted;
  const mark = markOf(history, wanted, work);
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

/** All that says which entries are read, and as whose: what was read otherwise is no reason to leave anything out. */
function markOf(
  { logGroup, streamPrefix }: LogHistory,
  { from, to, endGiven, nodeTraffic }: LogsRequest,
  { target, cluster, counted }: Backfill,
): string {
  const groups = counted.length === 0 ? [] : [counted];
  const source = [logGroup, streamPrefix, cluster, nodeTraffic, from, endGiven ? to : 'now', ...groups];
  return `${target} log-group ${JSON.stringify(source)}`;
}

class LogReading {
  /** Left out so far. */
  nodeEvents = 0;
  readonly #history: LogHistory;
  readonly #wanted: LogsRequest;
  readonly #work: Backfill;
  readonly #counted: readonly CountedGroup[];

  constructor(history: LogHistory, wanted: LogsRequest, work: Backfill) {
    this.#history = history;
    this.#wanted = wanted;
    this.#work = work;
    // Who names the group to read its audit events vouches for it.
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
    const batch = readBatch(payload, `log group ${this.#history.logGroup}`, { inflate, counted: this.#counted });
    if (batch.otherOrigin > 0) this.#work.ignored('other-origin', batch.otherOrigin);
    const events = this.#taken(batch.events);
    if (batch.rejected.length > 0) await store({ ...EMPTY_BATCH, rejected: batch.rejected }, this.#work);
    for (let at = 0; at < events.length; at += BACKFILL_BATCH) {
      this.#work.signal.throwIfAborted();
      const some = events.slice(at, at + BACKFILL_BATCH);
      await store({ ...EMPTY_BATCH, events: some }, this.#work);
    }
  }

  /** As the filter of a subscription has it by default (lib/identity/audit-filter.ts). */
  #taken(delivered: readonly DeliveredEvent[]): readonly DeliveredEvent[] {
    const mayBe = delivered.filter(({ event }) => actsForPerson(event) || !isClustersOwn(event));
    const taken = this.#wanted.nodeTraffic
      ? mayBe
      : mayBe.filter(({ event }) => actsForPerson(event) || !isOfKubelet(event));
    this.nodeEvents += mayBe.length - taken.length;
    return taken.map(({ event, cluster }) => ({ event, cluster: cluster ?? this.#work.cluster }));
  }
}

async function store(batch: Batch, { service }: Backfill): Promise<void> {
  await ingest(batch, { id: deliveryOf(batch.events, service), live: false }, service);
}

/** By its own word: whoever uses a node's role with another program is taken. */
function isOfKubelet({ caller: { username = '' }, userAgent = '' }: AuditEvent): boolean {
  return username.startsWith('system:node:') && /^kubelet(?:\.exe)?\//.test(userAgent);
}

function actsForPerson({ impersonated }: AuditEvent): boolean {
  const { username } = impersonated ?? {};
  return username !== undefined && !username.startsWith('system:');
}
