import { LISTED_STATUSES } from '../../claims/claim.ts';
import { KNOWN_KINDS, type KnownKind } from '../../claims/known.ts';
import { hourOf } from '../../counts/hours.ts';
import { auditIdOf } from '../../identity/audit-id.ts';
import type { Page } from '../../ports/paging.ts';
import { asRequests, type RecognizedText, refusalText } from '../../recognize/recognition.ts';
import { recognize } from '../../recognize/recognize.ts';
import { DAY, type EpochMillis, epochMillis, formatInstant, HOUR, parseInstant, startOfDay } from '../../time.ts';
import type { ChangesRequest } from '../changes/changes-query.ts';
import { type NotesRequest, notedThing } from '../notes/notes.ts';
import type { RelatedRequest } from '../related/related.ts';
import { isAboutOneRequest } from './anything/request-of-text.ts';
import { FIELD_NAMES } from './filter.ts';
import { asksSomething, LONGEST_VALUE, QUESTION_PARAMETERS, QuestionError, readQuestion } from './question.ts';
import type { RecordsRequest } from './records-request.ts';
import type { SessionsRequest } from './sessions-query.ts';
import { BUCKETS, type Bucket, SUMMARY_BY, type SummaryRequest } from './summary.ts';
import { CLOCKS_APART } from './up-to-now.ts';
import { type WhoisRequest, whoisRequestOf } from './whois.ts';

const CALLER = ['uid', 'username', 'principal', 'accessKeyId', 'sessionName', 'arn'];
const WHOIS = ['q', ...CALLER, 'auditId', 'at', 'lookback', 'quick'];
/** The longest look-back, in hours. LookupEvents keeps 90 days (FACTS). */
const LONGEST_LOOKBACK = 90 * 24;

/**
 * The maximum number of characters of a text to look up. A pasted event has a few thousand. API Gateway accepts 10,240
 * bytes for the request line and headers.
 */
const LONGEST_TEXT = 8_192;

export interface AnythingRequest {
  readonly recognized: RecognizedText;
  readonly at: EpochMillis | undefined;
  /** How far back CloudTrail is searched, in milliseconds. */
  readonly lookback: number | undefined;
  /** Whether the answer should read only a few pages of records. */
  readonly isQuick: boolean;
}

/**
 * Parses a request with the parameter `q`. Undefined if the request has none.
 * @throws QuestionError that names the wrong parameter. It names `q` if nothing in the text can be looked up.
 */
export function anythingRequest(query: string, now: EpochMillis): AnythingRequest | undefined {
  const pairs = pairsOf(query);
  if (!pairs.some(([name]) => name === 'q')) return undefined;
  const given = new Parameters(pairs, WHOIS, { longest: { q: LONGEST_TEXT } });
  const [other] = given.among([...CALLER, 'auditId']);
  if (other !== undefined) throw new QuestionError(other, 'q already says what to look up. Leave this parameter out.');
  const recognized = asRequests(recognize(given.text('q') ?? ''));
  if (recognized.outcome !== 'subjects') throw new QuestionError('q', refusalText(recognized));
  return {
    recognized,
    at: momentOf(given, now),
    lookback: given.hours('lookback', LONGEST_LOOKBACK),
    isQuick: given.isTrue('quick'),
  };
}

/**
 * Parses a request to `/whois` without `q`.
 * @throws QuestionError that names the parameter.
 */
export function whoisRequest(query: string, now: EpochMillis): WhoisRequest {
  const given = new Parameters(pairsOf(query), WHOIS);
  if (given.text('quick') !== undefined) throw new QuestionError('quick', 'quick works only with q. Leave it out.');
  const auditId = given.text('auditId');
  if (auditId !== undefined) {
    const [other] = given.among([...CALLER, 'at', 'lookback']);
    if (other !== undefined) throw new QuestionError(other, 'This cannot be combined with auditId. Leave it out.');
    return whoisRequestOf({ auditId });
  }
  const [uid, username, principal, accessKeyId, sessionName, arn] = CALLER.map((name) => given.text(name));
  const at = momentOf(given, now);
  const lookback = given.hours('lookback', LONGEST_LOOKBACK);
  return whoisRequestOf({ uid, username, principal, accessKeyId, sessionName, arn, at, lookback });
}

function momentOf(given: Parameters, now: EpochMillis): EpochMillis | undefined {
  const at = given.instant('at');
  if (at === undefined || at <= now + CLOCKS_APART) return at;
  throw new QuestionError(
    'at',
    `This is in the future: the time of the service is ${formatInstant(now)}. Give the time of the request. A time without a zone is UTC.`,
  );
}

const PAGING = ['limit', 'cursor', 'quick'];

/**
 * Parses a request to `/records`.
 * @throws QuestionError that names the parameter.
 */
export function recordsRequest(query: string): RecordsRequest {
  const pairs = pairsOf(query);
  checkKnown(pairs, [...QUESTION_PARAMETERS, ...PAGING]);
  const paging = new Parameters(
    pairs.filter(([name]) => PAGING.includes(name)),
    PAGING,
  );
  const question = readQuestion(pairs.filter(([name]) => !PAGING.includes(name)));
  if (!asksSomething(question))
    throw new QuestionError('from', `Give a time range, or one of ${FIELD_NAMES.join(', ')}.`);
  return { question, ...paging.page(), isQuick: paging.isTrue('quick') };
}

const CHANGES = ['cluster', 'notCluster', 'actor', 'from', 'to'];
const CHANGES_PAGING = ['limit', 'cursor'];
/**
 * How far back changes are listed if the request has no time, in milliseconds. `LONGEST_CHANGES` limits each time
 * range, because every day takes a request.
 */
const CHANGES_BACK = 90 * DAY;
const LONGEST_CHANGES = 366 * DAY;

/**
 * Parses a request to `/changes`. Without times, the answer covers the last 90 days.
 * @throws QuestionError that names the wrong parameter.
 */
export function changesRequest(query: string, now: EpochMillis): ChangesRequest {
  const pairs = pairsOf(query);
  checkKnown(pairs, [...CHANGES, ...CHANGES_PAGING]);
  const isPaging = ([name]: Pair) => CHANGES_PAGING.includes(name);
  const paging = new Parameters(pairs.filter(isPaging), CHANGES_PAGING);
  const question = readQuestion(pairs.filter((pair) => !isPaging(pair)));
  const to = question.range.to ?? now;
  const from = question.range.from ?? epochMillis(to - CHANGES_BACK);
  if (to - from > LONGEST_CHANGES) throw new QuestionError('from', 'Give at most 366 days.');
  if (from < 0) throw new QuestionError('from', 'Give a time since 1970.');
  return { question, range: { from: epochMillis(Math.min(from, to)), to }, ...paging.page() };
}

/** A question about everything that belongs to one request. A text describes that request. */
export interface RelatedToText {
  readonly recognized: RecognizedText;
  readonly at: EpochMillis | undefined;
}

/**
 * Parses a request to `/related`.
 * @throws QuestionError that names the parameter.
 */
export function relatedRequest(query: string): RelatedRequest | RelatedToText {
  const given = new Parameters(pairsOf(query), ['auditId', 'q', 'at'], { longest: { q: LONGEST_TEXT } });
  const [auditId, text, at] = [given.text('auditId'), given.text('q'), given.instant('at')];
  if (auditId !== undefined && text !== undefined)
    throw new QuestionError('q', 'This cannot be combined with auditId. Leave one of them out.');
  if (auditId !== undefined) return { auditId: auditIdOf(auditId), at };
  if (text === undefined)
    throw new QuestionError('auditId', 'Give the audit ID of the request, or with q a text that is about it.');
  const recognized = asRequests(recognize(text));
  if (recognized.outcome !== 'subjects') throw new QuestionError('q', refusalText(recognized));
  if (!isAboutOneRequest(recognized))
    throw new QuestionError('q', 'The text is not about one request. Give its audit ID with auditId.');
  return { recognized, at };
}

/**
 * Parses a request to `/sessions`.
 * @throws QuestionError that names the parameter.
 */
export function sessionsRequest(query: string): SessionsRequest {
  const given = new Parameters(pairsOf(query), ['status', 'limit', 'cursor', 'notes']);
  return { status: given.oneOf('status', LISTED_STATUSES), ...given.page(), hasNotes: given.isTrue('notes') };
}

export interface KnownRequest {
  /** The kinds, at least one. */
  readonly kinds: readonly KnownKind[];
  readonly prefix: string;
  readonly page: Page;
  /** Whether the answer should also have the time of the newest record. */
  readonly asksNewest: boolean;
}

/**
 * Parses a request to `/known`.
 * @throws QuestionError that names the parameter.
 */
export function knownRequest(query: string): KnownRequest {
  const given = new Parameters(pairsOf(query), ['kind', 'prefix', 'limit', 'cursor', 'newest'], { lists: ['kind'] });
  const kinds = given.someOf('kind', KNOWN_KINDS);
  if (kinds.length === 0) throw new QuestionError('kind', `Give one of ${KNOWN_KINDS.join(', ')}.`);
  const { limit, cursor: position } = given.page();
  if (position !== undefined && kinds.length > 1)
    throw new QuestionError('cursor', 'A cursor belongs to one kind. Read one kind at a time.');
  return { kinds, prefix: given.text('prefix') ?? '', page: { limit, position }, asksNewest: given.isTrue('newest') };
}

const SUMMARY = ['from', 'to', 'by', 'bucket'];
const MOST_CLUSTERS = 50;
/** The longest time range, in milliseconds, that is divided into hours if the request has no bucket. */
const HOURS_UNTIL = 3 * DAY;
/** The maximum number of days in a request, for each bucket. The counts of each day take one request or more. */
const MOST_DAYS: Readonly<Record<Bucket, number>> = { hour: 8, day: 31 };

/**
 * Checks a request to `/fleet`, which has no parameters.
 * @throws QuestionError that names the parameter.
 */
export function fleetRequest(query: string): void {
  const [[name] = []] = pairsOf(query);
  if (name !== undefined) throw new QuestionError(name, 'Unknown parameter. /fleet takes no parameters. Leave it out.');
}

/**
 * Parses a request to `/summary`. Without times, the answer covers the last day.
 * @throws QuestionError that names the wrong parameter.
 */
export function summaryRequest(query: string, now: EpochMillis): SummaryRequest {
  const pairs = pairsOf(query);
  checkKnown(pairs, [...SUMMARY, 'cluster']);
  const given = new Parameters(
    pairs.filter(([name]) => name !== 'cluster'),
    SUMMARY,
  );
  const to = given.instant('to') ?? now;
  const from = given.instant('from') ?? epochMillis(to - DAY);
  if (from > to) throw new QuestionError('from', 'from must not be later than to.');
  const bucket = given.oneOf('bucket', BUCKETS) ?? (to - from <= HOURS_UNTIL ? 'hour' : 'day');
  const begin = epochMillis(bucket === 'hour' ? hourOf(from) : startOfDay(from));
  if (to - begin > MOST_DAYS[bucket] * DAY)
    throw new QuestionError('from', `Give at most ${MOST_DAYS[bucket]} days when bucket is ${bucket}.`);
  if (begin < 0) throw new QuestionError('from', 'Give a time since 1970.');
  const clusters = clustersOf(pairs.flatMap(([name, value]) => (name === 'cluster' ? [value] : [])));
  return {
    from: begin,
    to: epochMillis(Math.max(to, begin + HOUR)),
    bucket,
    by: given.oneOf('by', SUMMARY_BY) ?? 'status',
    clusters,
  };
}

function clustersOf(values: readonly string[]): readonly string[] | undefined {
  if (values.length > MOST_CLUSTERS) throw new QuestionError('cluster', `Give at most ${MOST_CLUSTERS} values.`);
  if (values.some((value) => value.length > LONGEST_VALUE))
    throw new QuestionError('cluster', `Give at most ${LONGEST_VALUE} characters.`);
  return values.length === 0 ? undefined : [...new Set(values)];
}

/** The longest time since `since`, in milliseconds. Each month takes one request. */
const LONGEST_SINCE = 366 * DAY;
/**
 * Parses a request to `/notes`.
 * @throws QuestionError that names the parameter.
 */
export function notesRequest(query: string, now: EpochMillis): NotesRequest {
  const given = new Parameters(pairsOf(query), ['about', 'since', 'limit', 'cursor']);
  const [about, since] = [given.text('about'), given.instant('since')];
  const { limit, cursor: position } = given.page();
  const page = { limit, position };
  if (about !== undefined) {
    if (since !== undefined) throw new QuestionError('since', 'This cannot be combined with about. Leave it out.');
    return { about: notedThing(about), page };
  }
  if (since === undefined) throw new QuestionError('about', 'Give about or since.');
  if (since < now - LONGEST_SINCE) throw new QuestionError('since', 'Give a time within the last year.');
  return { since, page };
}

/** The maximum number of characters of a cursor. A cursor can have notes on several hundred claims. */
const LONGEST_CURSOR = 6_000;
/** The number of rows in a page if the request has no limit. A limit can be at most `MOST_OF_PAGE`. */
const DEFAULT_LIMIT = 100;
const MOST_OF_PAGE = 1_000;

/** A parameter of the request, not yet decoded into a field. A parameter can occur several times. */
type Pair = readonly [name: string, value: string];

/**
 * Returns the parameters of a query in their order.
 * @throws QuestionError if one is not percent-encoded correctly.
 */
function pairsOf(query: string): readonly Pair[] {
  checkEncoding(query);
  return [...new URLSearchParams(query)];
}

interface ParameterForms {
  /** The longest allowed value of some parameters, in characters. All others have one common limit. */
  readonly longest?: Readonly<Record<string, number>>;
  /** The parameters that may be given several times. */
  readonly lists?: readonly string[];
}

/** The query parameters of a request, checked: none is empty, and only those in `lists` occur more than once. */
class Parameters {
  readonly #given: ReadonlyMap<string, readonly string[]>;

  /** @throws QuestionError if a parameter is unknown, given twice, empty or too long. */
  constructor(pairs: readonly Pair[], known: readonly string[], { longest = {}, lists = [] }: ParameterForms = {}) {
    const given = new Map<string, readonly string[]>();
    checkKnown(pairs, known);
    for (const [name, value] of pairs) {
      const before = given.get(name) ?? [];
      if (before.length > 0 && !lists.includes(name)) throw new QuestionError(name, 'Give this parameter only once.');
      const most = longest[name] ?? (name === 'cursor' ? LONGEST_CURSOR : LONGEST_VALUE);
      if (value === '' || value.length > most) throw new QuestionError(name, `Give 1 to ${most} characters.`);
      given.set(name, [...before, value]);
    }
    this.#given = given;
  }

  text(name: string): string | undefined {
    return this.#given.get(name)?.[0];
  }

  /** Returns which of these parameters the request has. */
  among(names: readonly string[]): string[] {
    return names.filter((name) => this.#given.has(name));
  }

  instant(name: string): EpochMillis | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    // In a URL, a `+` that is not escaped stands for a space. Here it was the sign of a time zone's offset.
    const at = parseInstant(text.replace(/ (\d\d:?\d\d)$/, '+$1'));
    if (at === undefined)
      throw new QuestionError(name, 'Give a time in RFC 3339 format, for example 2026-03-10T14:03:00Z.');
    return at;
  }

  whole(name: string, otherwise: number, most: number): number {
    const text = this.text(name);
    if (text === undefined) return otherwise;
    const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
    if (value < 1 || value > most) throw new QuestionError(name, `Give a whole number from 1 to ${most}.`);
    return value;
  }

  /** Returns which page of a list is requested. */
  page(): { readonly limit: number; readonly cursor: string | undefined } {
    return { limit: this.whole('limit', DEFAULT_LIMIT, MOST_OF_PAGE), cursor: this.text('cursor') };
  }

  /**
   * Returns a parameter that is a number of hours, in milliseconds.
   * @throws QuestionError if it is no such number.
   */
  hours(name: string, most: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = /^\d{1,6}(\.\d{1,6})?$/.test(text) ? Number(text) : 0;
    if (value <= 0 || value > most) throw new QuestionError(name, `Give hours, more than 0 and at most ${most}.`);
    return value * HOUR;
  }

  isTrue(name: string): boolean {
    return this.oneOf(name, ['true', 'false']) === 'true';
  }

  oneOf<const W extends string>(name: string, words: readonly W[]): W | undefined {
    return this.someOf(name, words)[0];
  }

  /** Returns the values of a parameter, without repeated ones, in their order. */
  someOf<const W extends string>(name: string, words: readonly W[]): readonly W[] {
    return [...new Set(this.#given.get(name))].map((text) => {
      const word = words.find((each) => each === text);
      if (word === undefined) throw new QuestionError(name, `Give one of ${words.join(', ')}.`);
      return word;
    });
  }
}

function checkKnown(pairs: readonly Pair[], known: readonly string[]): void {
  const unknown = pairs.find(([name]) => !known.includes(name));
  if (unknown !== undefined)
    throw new QuestionError(unknown[0], `Unknown parameter. The parameters are ${known.join(', ')}.`);
}

/**
 * Refuses a broken percent-encoding such as `%zz`. As a literal text it would match nothing, and the answer would
 * wrongly look like "nobody".
 */
function checkEncoding(query: string): void {
  for (const pair of query.split('&')) {
    try {
      decodeURIComponent(pair);
    } catch {
      const [name = ''] = pair.split('=');
      throw new QuestionError(name, 'This is not valid percent-encoded UTF-8. Write % as %25.');
    }
  }
}
