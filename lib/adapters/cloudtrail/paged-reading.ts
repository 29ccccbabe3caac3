import { isOfSame, type ReadRange, unread, withRead } from '../../claims/read-range.ts';
import { readHistoryPage } from '../../cloudtrail/history-page.ts';
import type { TrailFacts } from '../../cloudtrail/record.ts';
import type { LookupProgress } from '../../ports/lookups.ts';
import { type EpochMillis, epochMillis } from '../../time.ts';
import { asLookupError } from './lookup-error.ts';
import { DELIVERED_AFTER, type LookupMemory } from './lookup-memory.ts';
import type { LookupReport } from './lookup-report.ts';
import { type LookupPage, type LookupRequest, type LookupScope, lookupPage, scopeName } from './lookup-scope.ts';
import type { PaceTimer } from './pacer.ts';

export interface ReadingSettings {
  readonly now: () => EpochMillis;
  readonly waiting: PaceTimer;
  readonly signal?: AbortSignal | undefined;
  /** The progress of the look-ups, from which a later run goes on. Absent if there is no later run. */
  readonly progress?: LookupProgress | undefined;
  /** The results that many claims share. Absent for a single question. */
  readonly memory?: LookupMemory | undefined;
}

/** One look-up in one account and Region. */
export interface Reading {
  readonly scope: LookupScope;
  readonly request: LookupRequest;
  /** Returns whether the facts of a page settle the question. */
  readonly isEnough: (facts: readonly TrailFacts[]) => boolean;
}

/** Limits the pages of one look-up in one Region: a minute at 2 pages a second. */
const MOST_PAGES = 120;

/**
 * The number of attempts of a request for a claim while other claims wait. An account and Region that does not answer
 * gets no requests for a minute anyway.
 */
const ATTEMPTS_AMONG_MANY = 2;

/**
 * Reads look-ups page by page, the newest records first, and notes failures in the report. With `progress`, each page
 * is stored before it counts as read, and ranges that were read before are skipped. When the time is over, reading
 * stops without an error.
 */
export class PagedReading {
  readonly #settings: ReadingSettings;
  readonly #report: LookupReport;
  #read: readonly ReadRange[];
  /** The number of requests that were made, by account and Region. */
  readonly #made = new Map<string, number>();

  constructor(settings: ReadingSettings, report: LookupReport) {
    this.#settings = settings;
    this.#report = report;
    this.#read = settings.progress?.read ?? [];
  }

  /** The ranges that look-ups with several pages have read so far, including earlier runs. */
  get read(): readonly ReadRange[] {
    return this.#read;
  }

  /**
   * Reads the look-up, and adds its facts to `found`. Returns whether it was read to its end, or as far as `isEnough`
   * requires.
   */
  async readInto(found: TrailFacts[], reading: Reading): Promise<boolean> {
    const { scope, request } = reading;
    const { attribute, value, from, to } = request;
    const lookup = `${attribute} ${value}`;
    const wanted = {
      scope: scopeName(scope),
      lookup,
      from: epochMillis(from.getTime()),
      to: epochMillis(to.getTime()),
    };
    const known = this.#settings.memory?.of(wanted, this.#settings.now());
    if (known !== undefined) found.push(...known.facts);
    if (known !== undefined && reading.isEnough(known.facts)) return true;
    for (const range of unread(wanted, [...this.#read, ...(known?.read ?? [])])) {
      const end = await this.#readRange(found, reading, range);
      if (end !== 'read') return end === 'enough';
    }
    return true;
  }

  async #readRange(found: TrailFacts[], reading: Reading, range: ReadRange): Promise<'read' | 'enough' | 'stopped'> {
    const request = { ...reading.request, from: new Date(range.from), to: new Date(range.to) };
    const begun = this.#settings.now();
    let token: string | undefined;
    for (let pages = 1; ; pages += 1) {
      const page = await this.#page(reading.scope, request, token);
      if (page === undefined) return 'stopped';
      const facts = await this.#take(page, range, { pages, begun });
      found.push(...facts);
      if (reading.isEnough(facts)) return 'enough';
      if (page.nextToken === undefined) return 'read';
      token = page.nextToken;
      if (pages === MOST_PAGES || this.#isShareSpent(reading.scope)) return this.#cutShort(reading.scope);
    }
  }

  /** Returns the facts of a page, and notes the range that it covers. */
  async #take(
    { records, nextToken }: LookupPage,
    range: ReadRange,
    { pages, begun }: { readonly pages: number; readonly begun: EpochMillis },
  ): Promise<readonly TrailFacts[]> {
    const { progress, memory } = this.#settings;
    const { facts, oldest } = readHistoryPage(records);
    if (facts.length > 0) await progress?.keep(facts);
    const isLast = nextToken === undefined;
    const reached = isLast ? range.from : oldest;
    if (!isLast || pages > 1 || this.#hasRead(range)) this.#note(range, reached, epochMillis(begun - DELIVERED_AFTER));
    if (reached !== undefined) memory?.note({ ...range, from: reached }, facts, begun);
    return facts;
  }

  /** Reads a page. Undefined if there was no response. The report then has the reason. */
  async #page(scope: LookupScope, request: LookupRequest, token: string | undefined): Promise<LookupPage | undefined> {
    const { signal, progress, memory, now } = this.#settings;
    const mostAttempts = memory === undefined ? undefined : ATTEMPTS_AMONG_MANY;
    const name = scopeName(scope);
    if (this.#isShareSpent(scope) || (progress !== undefined && signal?.aborted)) return this.#stop(scope);
    this.#report.requests += 1;
    this.#made.set(name, (this.#made.get(name) ?? 0) + 1);
    try {
      const answer = await lookupPage(scope, request, token, { ...this.#settings, mostAttempts });
      memory?.answered(name);
      return answer;
    } catch (error) {
      if (progress === undefined) signal?.throwIfAborted();
      if (signal?.aborted && error === signal.reason) return this.#stop(scope);
      const failure = asLookupError(error);
      this.#report.failures.set(name, failure);
      memory?.failed(name, failure, now());
      return undefined;
    }
  }

  #isShareSpent(scope: LookupScope): boolean {
    const { memory, progress } = this.#settings;
    const share = memory === undefined ? undefined : progress?.share; // Without memory, a share's results would be lost.
    return share !== undefined && (this.#made.get(scopeName(scope)) ?? 0) >= share;
  }

  #hasRead(range: ReadRange): boolean {
    return this.#read.some((each) => isOfSame(each, range));
  }

  #stop(scope: LookupScope): undefined {
    this.#cutShort(scope);
    return undefined;
  }

  #cutShort(scope: LookupScope): 'stopped' {
    this.#report.cutShort.add(scopeName(scope));
    return 'stopped';
  }

  /** Notes that the range was read from this time on. Times whose events may not be delivered yet are read again. */
  #note(range: ReadRange, from: EpochMillis | undefined, settledUpTo: EpochMillis): void {
    const to = range.to < settledUpTo ? range.to : settledUpTo;
    if (this.#settings.progress === undefined || from === undefined || from > to) return;
    this.#read = withRead(this.#read, { ...range, from, to });
  }
}
