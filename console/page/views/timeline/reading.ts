import { signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { epochMillis, formatInstant, parseInstant } from '../../../../lib/time.ts';
import type { RecordsAnswer } from '../../core/answers.ts';
import { ApiProblem, ask, type Params, pause } from '../../core/api.ts';
import { FacetCounts } from '../../core/facets.ts';
import { moveEnd, type Range, timeParams } from '../../core/range.ts';
import { type Row, Rows } from '../../core/rows.ts';
import { isInTimeOrder, type Span, unreadSpans } from '../../core/spans.ts';

/** The filters and time range of the timeline. */
interface TimelineQuery {
  /** The API's parameters without the times. */
  readonly filters: Params;
  readonly range: Range;
}

/** How much of the rows is loaded. */
export interface Progress {
  readonly isBusy: boolean;
  /** Whether the first page is loaded. */
  readonly isKnown: boolean;
  readonly problem: ApiProblem | undefined;
  /** How many records the service scanned, with those that did not match. */
  readonly examined: number;
  /** The cursor of the next page; undefined after the last one. */
  readonly cursor: string | undefined;
  /**
   * Whether the last page was full. If not, the next page may scan many records for few rows, so it waits for a click.
   */
  readonly wasFull: boolean;
  /** Whether records arrive newest first. */
  readonly isByTime: boolean;
  /** The clusters that a name in the filter means, if it means several. */
  readonly clusters: readonly string[];
  /** What the service says that the answer lacks. */
  readonly note: string | undefined;
  /** The range that was not loaded because too many new records arrived at once. */
  readonly gap: Span | undefined;
  /** Increases when rows arrive or change. */
  readonly version: number;
}

/** The number of records on the first page. It is small, so that the page arrives soon. */
const FIRST_PAGE = 500;
const PAGE = 1_000;
/** The maximum number of pages that one poll for new records loads. */
const MOST_NEW_PAGES = 4;
/**
 * The time before the newest record that is loaded again, in milliseconds. Logs arrive late, and grants arrive after
 * the requests they explain.
 */
const OVERLAP = 15 * 60_000;
/** How many records are added before the browser can draw again. */
const BATCH = 250;

/** The rows of one query, loaded page by page. */
export class Reading {
  readonly question: TimelineQuery;
  readonly rows = new Rows();
  readonly counts = new FacetCounts();
  readonly progress = signal<Progress>({
    isBusy: false,
    isKnown: false,
    problem: undefined,
    examined: 0,
    cursor: undefined,
    wasFull: false,
    isByTime: true,
    clusters: [],
    note: undefined,
    gap: undefined,
    version: 0,
  });
  readonly #stop: AbortSignal;

  constructor(question: TimelineQuery, stop: AbortSignal) {
    this.question = question;
    this.#stop = stop;
  }

  /** Loads the first page. If the query before has all of these rows, takes them without a request. */
  async begin(before: Reading | undefined): Promise<void> {
    if (before === undefined || !isPartOf(this.question, before)) {
      await this.more();
      return;
    }
    const { from, to } = this.question.range;
    const rows = before.rows.all.filter(({ at }) => at !== undefined && at >= from && at <= to);
    await this.#addBatches(rows.flatMap(({ stages }) => stages));
    this.#update({ isKnown: true, examined: before.progress.peek().examined });
  }

  /** Loads the next page. Does nothing more once another query has replaced this one. */
  async more(): Promise<void> {
    if (this.progress.peek().isBusy) return;
    this.#update({ isBusy: true, problem: undefined });
    const { cursor, examined, isByTime: wasByTime } = this.progress.peek();
    try {
      const size = cursor === undefined ? FIRST_PAGE : PAGE;
      const page = await this.#page(timeParams(this.question.range), size, cursor);
      await this.#addBatches(page.records);
      const wasFull = page.records.length >= size;
      const isByTime = wasByTime && page.inOrder !== false && isInTimeOrder(this.question.filters);
      const clusters = page.clusters ?? this.progress.peek().clusters;
      const note = page.note ?? this.progress.peek().note;
      const read = { examined: examined + page.examined, cursor: page.cursor, wasFull, isByTime, clusters, note };
      this.#update({ isBusy: false, isKnown: true, ...read });
    } catch (error) {
      if (this.#stop.aborted) return;
      if (!(error instanceof ApiProblem)) throw error;
      this.#update({ isBusy: false, problem: error });
    }
  }

  /** Loads new records, and records whose attribution may have changed. Returns how many rows arrived or changed. */
  async catchUp(): Promise<number> {
    const from = formatInstant(epochMillis(this.#openSince()));
    const newest = this.newest ?? this.question.range.from;
    let cursor: string | undefined;
    let oldest: number | undefined;
    let news = 0;
    for (let pages = 0; pages < MOST_NEW_PAGES; pages += 1) {
      const page = await this.#page([['from', from]], PAGE, cursor);
      news += this.#count(this.rows.add(page.records, 'by-time'));
      oldest = parseInstant(page.records.at(-1)?.time ?? '') ?? oldest;
      cursor = page.cursor;
      if (cursor === undefined) break;
    }
    if (news > 0 || cursor !== undefined)
      this.#update(cursor === undefined ? {} : { gap: this.#gapAfter(newest, oldest) });
    return news;
  }

  /** Returns the gap between the newest earlier record and the oldest new one, together with an earlier gap. */
  #gapAfter(newest: number, oldest: number | undefined): Span {
    const { gap, isByTime } = this.progress.peek();
    const { from, to } = this.question.range;
    if (!isByTime) return { from, to };
    return { from: gap?.from ?? newest, to: Math.max(newest, oldest ?? to) };
  }

  /** Returns the parts of the range in which records may be missing. */
  unreadIn(span: Span): readonly Span[] {
    const { isKnown, cursor, isByTime, gap } = this.progress.peek();
    const oldest = this.rows.all.findLast(({ at }) => at !== undefined)?.at;
    return unreadSpans({ isKnown, hasMore: cursor !== undefined, isByTime, oldest, gap }, span);
  }

  get newest(): number | undefined {
    return this.rows.all[0]?.at;
  }

  #openSince(): number {
    const newest = this.newest ?? this.question.range.to;
    const open = this.rows.all.slice(0, PAGE).findLast(({ record }) => record.attribution.provisional);
    return Math.max(this.question.range.from, Math.min(newest - OVERLAP, open?.at ?? newest));
  }

  #page(times: Params, size: number, cursor: string | undefined): Promise<RecordsAnswer> {
    const paging = [['limit', String(size)] as const, ...(cursor === undefined ? [] : [['cursor', cursor] as const])];
    return ask<RecordsAnswer>('/records', [...this.question.filters, ...times, ...paging], this.#stop);
  }

  /** Adds records in batches, so that the browser can draw between them. */
  async #addBatches(records: RecordsAnswer['records']): Promise<void> {
    for (let start = 0; start < records.length; start += BATCH) {
      await new Promise((resolve) => setTimeout(resolve));
      this.#stop.throwIfAborted();
      this.#count(this.rows.add(records.slice(start, start + BATCH), 'below'));
    }
  }

  #count({ rows, changed }: ReturnType<Rows['add']>): number {
    for (const { record } of rows) this.counts.add(record);
    for (const [was, is] of changed) {
      this.counts.add(was.record, -1);
      this.counts.add(is.record);
    }
    return rows.length + changed.length;
  }

  #update(progress: Partial<Progress>): void {
    const was = this.progress.peek();
    this.progress.value = { ...was, ...progress, version: was.version + 1 };
  }
}

function isPartOf({ filters, range }: TimelineQuery, { question, progress }: Reading): boolean {
  const { cursor, isBusy, isKnown, problem, gap } = progress.peek();
  if (
    isBusy ||
    !isKnown ||
    gap !== undefined ||
    cursor !== undefined ||
    problem !== undefined ||
    range.last !== undefined
  )
    return false;
  const isWithin = range.from >= question.range.from && range.to <= question.range.to;
  return isWithin && JSON.stringify(filters) === JSON.stringify(question.filters);
}

/** Returns the row with that value of `openOf`, if it is loaded. */
export function rowOf(rows: readonly Row[], open: string): Row | undefined {
  return open === '' ? undefined : rows.find((row) => openOf(row) === open);
}

/** Returns the value that identifies a row in the address: time and audit ID, because clients can reuse audit IDs. */
export function openOf({ record: { auditId, time = '' } }: Pick<Row, 'record'>): string {
  return `${time} ${auditId}`;
}

/** Loads the rows of a query. The rows of the query before stay until the first page arrives. */
export function useReading(question: TimelineQuery): { readonly reading: Reading | undefined; again(): void } {
  const shown = useSignal<Reading | undefined>(undefined);
  const round = useSignal(0);
  const { from, to, last } = question.range;
  const key = JSON.stringify([question.filters, last ?? [from, to], round.value]);
  useEffect(() => {
    const stop = new AbortController();
    const next = new Reading(question, stop.signal);
    const before = round.value === 0 ? shown.peek() : undefined;
    if (shown.peek() === undefined) shown.value = next;
    unlessStopped(stop.signal, async () => {
      await next.begin(before);
      if (stop.signal.aborted) return;
      shown.value = next;
      if (last !== undefined) await follow(next, stop.signal);
    });
    return () => stop.abort();
  }, [key]);
  const again = () => {
    round.value += 1;
  };
  return { reading: shown.value, again };
}

const SOON = 3_000;
const LATEST = 30_000;

/** Polls for new records. Polls more often if some arrive, less often if none do, and not while the tab is hidden. */
async function follow(reading: Reading, stop: AbortSignal): Promise<void> {
  let wait = SOON;
  while (!stop.aborted) {
    await pause(wait, stop);
    if (document.hidden) continue;
    try {
      const news = await reading.catchUp();
      moveEnd(reading.newest);
      wait = news > 0 ? SOON : Math.min(wait * 1.5, LATEST);
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      wait = LATEST; // The service refused. The next page that the user loads shows why.
    }
  }
}

function unlessStopped(stop: AbortSignal, work: () => Promise<void>): void {
  work().catch((error: unknown) => {
    if (!stop.aborted) throw error;
  });
}
