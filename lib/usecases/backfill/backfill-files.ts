import { parseAuditEvent } from '../../audit/event.ts';
import { type EventSite, knownSite } from '../../audit/event-site.ts';
import type { JsonObject } from '../../json.ts';
import type { Origin, RecordSink, RecordSource, RejectedPiece } from '../../ports/input.ts';
import type { TimeRange } from '../../ports/paging.ts';
import type { EpochMillis } from '../../time.ts';
import { storeGrants, type TrailPiece } from '../grants/grants.ts';
import { noteFilterChanges } from '../heartbeats/filter-changes.ts';
import { fillSilences } from '../heartbeats/hear.ts';
import { type DeliveredEvent, EMPTY_BATCH } from '../ingest/batch.ts';
import { ingest } from '../ingest/ingest.ts';
import { rejectedRecord } from '../ingest/rejected-record.ts';
import { BACKFILL_BATCH, type Backfill, deliveryOf } from './backfill.ts';

/** A file to load. Its pieces must come in the same order at each reading. */
export interface BackfillFile {
  /** The path, size and modification time, which identify the unchanged file. Undefined if it can be read only once. */
  readonly identity: string | undefined;
  readonly source: RecordSource;
  /** The time range of the audit events to load. Events outside it are left out and counted. */
  readonly range?: TimeRange | undefined;
}

/** The kind of records to load from a file. Records of the other kind are left out. */
export type FileContent = 'cloudtrail' | 'audit';

/**
 * Loads a file's CloudTrail records or audit events, batch by batch. Pieces that an earlier run stored are skipped.
 * @throws the errors of the stores, or the signal's reason. The next run then resumes after the last stored batch.
 */
export async function backfillFile(file: BackfillFile, content: FileContent, work: Backfill): Promise<void> {
  const mark = file.identity === undefined ? undefined : markOf(file, file.identity, content, work);
  const known = mark === undefined ? undefined : work.bookmarks.of(mark);
  if (known?.done === true) return;
  const loading = new FileLoading(content, work, { mark, skip: known?.reached ?? 0, range: file.range ?? {} });
  await file.source.read(loading.sink, ({ file: name, read, total }) => {
    work.progress(mark ?? name, total ? read / total : 0);
    return loading.isFull || work.signal.aborted ? loading.store(false) : undefined;
  });
  await loading.store(true);
  work.progress(mark ?? '', 1);
}

/**
 * Returns the name of the bookmark. It contains all options that change what is read from the file. The cluster is part
 * of it only for audit events, since grants have none.
 */
function markOf(
  { range }: BackfillFile,
  identity: string,
  content: FileContent,
  { target, known, counted }: Backfill,
): string {
  const groups = counted.length === 0 ? '' : ` ${JSON.stringify(counted)}`;
  const times = content === 'audit' && range !== undefined ? ` ${JSON.stringify([range.from, range.to])}` : '';
  const file = `${identity}${groups}${times}`;
  const { cluster = '', clusterArn = '', copiedTo } = known;
  const arn = copiedTo === undefined ? clusterArn : `${copiedTo}=${clusterArn}`;
  return content === 'audit' ? `${target} audit ${cluster} ${arn} ${file}` : `${target} cloudtrail ${file}`;
}

/** Returns whether the time may lie in the range. An unknown time may. */
function mayLieWithin({ from, to }: TimeRange, at: EpochMillis | undefined): boolean {
  return at === undefined || (at >= (from ?? at) && at <= (to ?? at));
}

class FileLoading {
  readonly #work: Backfill;
  readonly #content: FileContent;
  readonly #mark: string | undefined;
  readonly #skip: number;
  readonly #range: TimeRange;
  #seen = 0;
  #events: DeliveredEvent[] = [];
  #trail: TrailPiece[] = [];
  #rejected: RejectedPiece[] = [];

  constructor(
    content: FileContent,
    work: Backfill,
    { mark, skip, range }: { readonly mark: string | undefined; readonly skip: number; readonly range: TimeRange },
  ) {
    this.#content = content;
    this.#work = work;
    this.#mark = mark;
    this.#skip = skip;
    this.#range = range;
  }

  get isFull(): boolean {
    return this.#events.length + this.#trail.length + this.#rejected.length >= BACKFILL_BATCH;
  }

  readonly sink: RecordSink = {
    audit: (event, site, from) => {
      if (!this.#isNew()) return;
      if (this.#content === 'audit') this.#audit(event, site, from);
      else this.#work.ignored('audit-event', 1);
    },
    trail: (record, { file, place }) => {
      if (!this.#isNew()) return;
      if (this.#content === 'cloudtrail') this.#trail.push({ record, file, place: place() });
      else this.#work.ignored('cloudtrail-record', 1);
    },
    ignored: (what) => {
      if (this.#isNew()) this.#work.ignored(what, 1);
    },
    reject: (rejected) => {
      if (this.#isNew()) this.#rejected.push(rejected);
    },
  };

  #isNew(): boolean {
    this.#seen += 1;
    return this.#seen > this.#skip;
  }

  #audit(value: JsonObject, site: EventSite, from: Origin): void {
    const event = parseAuditEvent(value);
    if (typeof event === 'string') this.#rejected.push(rejectedRecord(value, from, event));
    else if (mayLieWithin(this.#range, event.at)) this.#events.push({ event, site: knownSite(site, this.#work.known) });
    else this.#work.ignored('out-of-range', 1);
  }

  /** Stores the collected pieces, then moves the bookmark. */
  async store(done: boolean): Promise<void> {
    const { service, bookmarks, signal } = this.#work;
    const [events, trail, rejected] = [this.#events, this.#trail, this.#rejected];
    [this.#events, this.#trail, this.#rejected] = [[], [], []];
    const reached = Math.max(this.#seen, this.#skip);
    if (trail.length > 0) await storeGrants(trail, service);
    await fillSilences(trail, service);
    await noteFilterChanges(trail, service);
    if (events.length + rejected.length > 0) {
      const delivery = { id: deliveryOf(events, service), isLive: false };
      await ingest({ ...EMPTY_BATCH, events, rejected }, delivery, service);
    }
    if (this.#mark !== undefined) await bookmarks.set(this.#mark, { done, reached });
    if (!done) signal.throwIfAborted();
  }
}
