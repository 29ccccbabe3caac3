import { signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { epochMillis, formatInstant, parseInstant } from '../../../../lib/time.ts';
import type { RecordsAnswer } from '../../core/answers.ts';
import { ApiProblem, ask, type Params, pause } from '../../core/api.ts';
import { FacetCounts } from '../../core/facets.ts';
import { moveEnd, type Range, timeParams } from '../../core/range.ts';
import { type Row, Rows } from '../../core/rows.ts';
import { isAskedByTime, type Span, unreadSpans } from '../../core/spans.ts';

/** What the timeline asks. */
interface TimelineQuestion {
  /** All but the time. */
  readonly filters: Params;
  readonly range: Range;
}

/** How far the reading came. */
export interface Progress {
  readonly isBusy: boolean;
  /** Whether the first page is there: before, nothing is known, be it that it is refused. */
  readonly isKnown: boolean;
  readonly problem: ApiProblem | undefined;
  /** Records that were looked through, those that are not meant among them. */
  readonly examined: number;
  /** Where the next page begins; undefined after the last. */
  readonly cursor: string | undefined;
  /** The last page had as many records as it may: the next one costs no more. */
  readonly wasFull: boolean;
  /** Whether the records come newest first. */
  readonly isByTime: boolean;
  /** More came at once than was read: what lies between. */
  readonly gap: Span | undefined;
  /** Counts up when rows came or changed. */
  readonly version: number;
}

/** The first page is there soon; the next ones are read while one looks. */
const FIRST_PAGE = 500;
const PAGE = 1_000;
/** Pages that are read to catch up with what is new. */
const MOST_NEW_PAGES = 4;
/** So far back records are asked for again: logs come late, and grants come later than what they explain. */
const OVERLAP = 15 * 60_000;
/** So many records are filed before the browser may draw again. */
const PIECE = 250;

/** The rows of one question, read page by page. */
export class Reading {
  readonly question: TimelineQuestion;
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
    gap: undefined,
    version: 0,
  });
  readonly #stop: AbortSignal;

  constructor(question: TimelineQuestion, stop: AbortSignal) {
    this.question = question;
    this.#stop = stop;
  }

  /** The first page; of rows that are all there, within a longer time that was read, none is asked for. */
  async begin(before: Reading | undefined): Promise<void> {
    if (before === undefined || !isPartOf(this.question, before)) {
      await this.more();
      return;
    }
    const { from, to } = this.question.range;
    const rows = before.rows.all.filter(({ at }) => at !== undefined && at >= from && at <= to);
    await this.#file(rows.flatMap(({ stages }) => stages));
    this.#say({ isKnown: true, examined: before.progress.peek().examined });
  }

  /** The next page. */
  async more(): Promise<void> {
    if (this.progress.peek().isBusy) return;
    this.#say({ isBusy: true, problem: undefined });
    const { cursor, examined, isByTime: wasByTime } = this.progress.peek();
    try {
      const size = cursor === undefined ? FIRST_PAGE : PAGE;
      const page = await this.#page(timeParams(this.question.range), size, cursor);
      await this.#file(page.records);
      const wasFull = page.records.length >= size;
      const isByTime = wasByTime && page.inOrder !== false && isAskedByTime(this.question.filters);
      const read = { examined: examined + page.examined, cursor: page.cursor, wasFull, isByTime };
      this.#say({ isBusy: false, isKnown: true, ...read });
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      this.#say({ isBusy: false, problem: error });
    }
  }

  /** What is new, and what became of answers that may still change. Says how many rows came or changed. */
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
      this.#say(cursor === undefined ? {} : { gap: this.#gapAfter(newest, oldest) });
    return news;
  }

  /** What lies between the newest record before and the oldest of those that came, with what lay between before. */
  #gapAfter(newest: number, oldest: number | undefined): Span {
    const { gap, isByTime } = this.progress.peek();
    const { from, to } = this.question.range;
    if (!isByTime) return { from, to };
    return { from: gap?.from ?? newest, to: Math.max(newest, oldest ?? to) };
  }

  /** Of what times not all records are here. */
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

  /** The next records, piece by piece. */
  async #file(records: RecordsAnswer['records']): Promise<void> {
    for (let start = 0; start < records.length; start += PIECE) {
      await new Promise((resolve) => setTimeout(resolve));
      this.#stop.throwIfAborted();
      this.#count(this.rows.add(records.slice(start, start + PIECE), 'below'));
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

  #say(progress: Partial<Progress>): void {
    const was = this.progress.peek();
    this.progress.value = { ...was, ...progress, version: was.version + 1 };
  }
}

function isPartOf({ filters, range }: TimelineQuestion, { question, progress }: Reading): boolean {
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

/** The row that somebody has open, of the rows that are there. */
export function rowOf(rows: readonly Row[], open: string): Row | undefined {
  return open === '' ? undefined : rows.find((row) => openOf(row) === open);
}

/** How a row stands in the address: its audit id, and its time, since clients choose audit ids. */
export function openOf({ record: { auditId, time = '' } }: Pick<Row, 'record'>): string {
  return `${time} ${auditId}`;
}

/** The rows of the question; those of the one before stay in view until the first page is there. */
export function useReading(question: TimelineQuestion): { readonly reading: Reading | undefined; again(): void } {
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

/** Asks for what is new: soon where much comes, later where nothing does, and not while nobody looks. */
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
      wait = LATEST; // refused; who asks for a page is told why
    }
  }
}

function unlessStopped(stop: AbortSignal, work: () => Promise<void>): void {
  work().catch((error: unknown) => {
    if (!stop.aborted) throw error;
  });
}
