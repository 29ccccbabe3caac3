import { type EpochMillis, epochMillis, HOUR, MINUTE, parseInstant, SECOND, utcMillis } from '../time.ts';
import type { Form } from './form-collector.ts';
import { type Circumstances, type ClockTime, type Subject, WRITTEN_WITHIN } from './subject.ts';

/** When a line was written: a full time, or a time of day without its date. Empty if the line states neither. */
export interface WrittenTime {
  readonly at?: EpochMillis;
  readonly clock?: ClockTime;
}

/**
 * The number of characters at the beginning of a line that are read, at most up to its first quoted text. Names that
 * callers choose are quoted.
 */
const LONGEST_PREFIX = 200;

const TIME_OF_DAY = '(\\d\\d):(\\d\\d):(\\d\\d)(?:[.,](\\d{1,9}))?(?![\\d:])';
const DATED = new RegExp(
  `(?<![\\d.:/-])(\\d{4})[-/](\\d\\d)[-/](\\d\\d)[T ]${TIME_OF_DAY}\\s?(Z|UTC|[+-]\\d\\d:?\\d\\d)?`,
);
/** Match the time in a line of klog (`E0310 12:00:03.123456`) and of syslog (`Mar 10 12:00:03`). Both have no year. */
const OF_KLOG = new RegExp(`^[IWEF](\\d\\d)(\\d\\d) ${TIME_OF_DAY}`);
const OF_SYSLOG = new RegExp(`^([A-Z][a-z]{2}) ([ \\d]\\d) ${TIME_OF_DAY}`);
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** Matches a time of day. A time with AM or PM is not read, because it can be in a local time zone. */
const CLOCK = new RegExp(`(?<![\\d.:/T+-])${TIME_OF_DAY}(?!\\s?[AaPp]\\.?[Mm])`);

/**
 * Returns when a line was written, from its beginning up to the first quoted text, or else from its field `time`
 * (`field`). `date` is the only date in the whole text, if there is exactly one (`onlyDate`). A time without a zone is
 * in UTC.
 * Trust: anybody can have typed the line.
 */
export function writtenTime(line: string, date?: string, field?: string): WrittenTime {
  const prefix = withoutLocalTimes(line.slice(0, LONGEST_PREFIX).split('"', 1)[0] ?? '');
  const [, year, month, day, hour, minute, second, fraction = '0', zone = 'Z'] = DATED.exec(prefix) ?? [];
  if (year !== undefined)
    return timeAtInstant(parseInstant(`${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction}${zone}`));
  const stated = statedTime(field ?? '');
  if (stated !== undefined) return { at: stated };
  return timeAtClock(clockIn(prefix), date);
}

function timeAtInstant(at: EpochMillis | undefined): WrittenTime {
  return at === undefined ? {} : { at };
}

function timeAtClock(clock: ClockTime | undefined, date: string | undefined): WrittenTime {
  const midnight = date === undefined ? undefined : parseInstant(`${date}T00:00:00Z`);
  if (clock === undefined) return {};
  return midnight === undefined ? { clock } : { at: epochMillis(midnight + clock.ofDay) };
}

function clockIn(prefix: string): ClockTime | undefined {
  const klog = OF_KLOG.exec(prefix);
  if (klog !== null) return clockOf(klog.slice(3), `${klog[1]}-${klog[2]}`);
  const [, name = '', day = '', ...ofSyslog] = OF_SYSLOG.exec(prefix) ?? [];
  const month = MONTHS.indexOf(name) + 1;
  if (month > 0) return clockOf(ofSyslog, `${String(month).padStart(2, '0')}-${day.replace(' ', '0')}`);
  const plain = CLOCK.exec(prefix);
  return plain === null ? undefined : clockOf(plain.slice(1));
}

/** Matches a time as Kibana shows it: `Dec 1, 2026 @ 10:22:31.000`. It has no zone, and can be the local time of a browser. */
const LOCAL_TIME = /\b[A-Z][a-z]{2,8}\.? \d{1,2},? \d{4} @ \d{1,2}:\d\d(?::\d\d(?:\.\d{1,9})?)?(?: ?[AaPp]\.?[Mm]\b)?/g;

/** Returns the local times of Kibana in a text. */
export function localTimesIn(text: string): readonly string[] {
  return text.match(LOCAL_TIME) ?? [];
}

/** Returns the text without the local times of Kibana, which cannot be compared with those of a log. */
export function withoutLocalTimes(text: string): string {
  return text.replaceAll(LOCAL_TIME, ' ');
}

/** Returns the time of day. Undefined if it does not exist, such as `25:00:00`. */
function clockOf(
  [hour, minute, second, fraction = '0']: readonly (string | undefined)[],
  monthAndDay?: string,
): ClockTime | undefined {
  const [hours, minutes, seconds] = [Number(hour), Number(minute), Number(second)];
  if (utcMillis([2_000, 1, 1, hours, minutes, seconds]) === undefined) return undefined;
  const ofDay = hours * HOUR + minutes * MINUTE + (seconds + Number(`0.${fraction}`)) * SECOND;
  return { ofDay, ...(monthAndDay !== undefined && { monthAndDay }) };
}

/**
 * Returns the time in a field: RFC 3339, or the number of seconds, milli-, micro- or nanoseconds since 1970. Undefined
 * for any other text.
 */
export function statedTime(text: string): EpochMillis | undefined {
  if (/^\d{10}(?:\.\d{1,9})?$/.test(text)) return epochMillis(Number(text) * SECOND);
  if (/^\d{13}(?:\d{3}){0,2}$/.test(text)) return epochMillis(Math.floor(Number(text.slice(0, 13))));
  return text.length > 64 ? undefined : parseInstant(text);
}

/** Matches a date in the form of HTTP and Datadog: `Tue, 10 Mar 2026 13:31:59 UTC`. */
export const HTTP_DATE = /\b(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d (?:UTC|GMT)\b/g;

/** Returns the date in RFC 3339. Returns it unchanged if its month does not exist. */
export function httpDate(date: string): string {
  const [, day = '', month = '', year, time] = /(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\S+)/.exec(date) ?? [];
  const number = MONTHS.indexOf(month) + 1;
  return number === 0 ? date : `${year}-${String(number).padStart(2, '0')}-${day.padStart(2, '0')}T${time}Z`;
}

/**
 * Matches a time with the month first, as Splunk and the Azure portal write it: `11/24/2026 10:10:05.198 +0000`,
 * `3/10/2026, 8:15:07 AM`.
 */
const MONTH_FIRST =
  /(?<![\w./:-])(\d{1,2})\/(\d{1,2})\/(\d{4}),? (\d{1,2}):(\d\d):(\d\d(?:\.\d{1,9})?)(?: ?([AP])M\b)?(?: ?(Z\b|UTC\b|[+-]\d\d:?\d\d(?!\d)))?/g;

/** Matches a time as AWS's console shows it, with the month first: `11-24-2026 09:30:00 (UTC)`. */
const OF_AWS_CONSOLE = /(?<![\w./:-])(\d\d)-(\d\d)-(\d{4}) (\d\d:\d\d:\d\d) \(UTC\)/g;

const MONTH =
  '(?<month>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:t(?:ember)?)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\\.?';
const DAY_OF_MONTH = '(?<day>\\d{1,2})(?:st|nd|rd|th)?';
const YEAR = ',? (?<year>\\d{4})(?![\\w/-]| ?@)';
const TIME_AFTER_DATE =
  '(?:,? (?:at )?(?<hour>\\d{1,2})(?<minutes>:\\d\\d(?::\\d\\d(?:\\.\\d{1,9})?)?)(?![\\d:])(?: ?(?<half>[AP])\\.?M\\b\\.?)?(?: ?(?<zone>Z\\b|UTC\\b|GMT\\b|[+-]\\d\\d:?\\d\\d(?!\\d))|(?<other> (?!on\\b|to\\b|and\\b)[A-Z]{3,4}\\b))?)?';
/** Match a date with the name of its month, and the time after it: `Nov 24, 2026 3:15 PM UTC`, `24 November 2026 at 15:15`. */
const NAMED_MONTHS = [`${MONTH} ${DAY_OF_MONTH}${YEAR}`, `${DAY_OF_MONTH} ${MONTH}${YEAR}`].map(
  (date) =>
    new RegExp(`(?<![\\w./:-])(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? )?${date}${TIME_AFTER_DATE}`, 'gi'),
);

/**
 * Rewrites such dates and times in RFC 3339. Seconds that the text does not state are left out. A time that does not
 * exist stays as it is.
 */
function withNumberedMonths(text: string): string {
  return NAMED_MONTHS.reduce((read, pattern) => {
    return read.replaceAll(pattern, (whole, ...groups: unknown[]) => isoOfNamed(groups.at(-1) as NamedDate) ?? whole);
  }, text);
}

interface NamedDate {
  readonly month: string;
  readonly day: string;
  readonly year: string;
  readonly hour?: string;
  readonly minutes?: string;
  readonly half?: string;
  readonly zone?: string;
  /** The name of another zone, with the blank before it. It stays in the text. */
  readonly other?: string;
}

/** Returns the date, with its time if it has one, in RFC 3339. Undefined if it does not exist. */
function isoOfNamed({ month, day, year, hour, minutes = '', half, zone = 'Z', other }: NamedDate): string | undefined {
  const number = MONTHS.findIndex((name) => month.toLowerCase().startsWith(name.toLowerCase())) + 1;
  const date = `${year}-${String(number).padStart(2, '0')}-${day.padStart(2, '0')}`;
  const hours = String(half === undefined ? hour : hourOfHalf(Number(hour), half)).padStart(2, '0');
  const offset = /^[+-]/.test(zone) ? zone.replace(/^(...)(\d\d)$/, '$1:$2') : 'Z';
  const seconds = minutes.length < ':mm:ss'.length ? ':00' : '';
  const isTime = parseInstant(`${date}T${hour === undefined ? '00:00' : `${hours}${minutes}${seconds}`}${offset}`);
  if (isTime === undefined) return undefined;
  return hour === undefined ? date : `${date}T${hours}${minutes}${other ?? offset}`;
}

/** Returns the hour on a 24-hour clock: 15 for 3 PM, 0 for 12 AM. */
function hourOfHalf(hour: number, half: string): number {
  return (hour % 12) + (half.toUpperCase() === 'P' ? 12 : 0);
}

/** Returns whether the text has a date with the month first, in numbers. */
export function isMonthFirst(text: string): boolean {
  return text !== withMonthsFirst(text);
}

/**
 * Rewrites the times of people and tools in RFC 3339. A time without a zone is in UTC. A time that does not exist, for
 * example in a month 13, stays as it is.
 */
export function withIsoTimes(text: string): string {
  return withMonthsFirst(withNumberedMonths(text));
}

function withMonthsFirst(text: string): string {
  const ofConsole = text.replaceAll(OF_AWS_CONSOLE, (whole, month: string, day: string, year: string, time: string) => {
    const iso = `${year}-${month}-${day}T${time}Z`;
    return parseInstant(iso) === undefined ? whole : iso;
  });
  return ofConsole.replaceAll(MONTH_FIRST, (whole, month: string, day: string, ...others: string[]) => {
    const [year, hour, minute, second, half, zone = 'Z'] = others;
    const hours = half === undefined ? Number(hour) : hourOfHalf(Number(hour), half);
    const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
    const offset = zone === 'UTC' ? 'Z' : zone.replace(/^(...)(\d\d)$/, '$1:$2');
    const iso = `${date}T${String(hours).padStart(2, '0')}:${minute}:${second}${offset}`;
    return parseInstant(iso) === undefined ? whole : iso;
  });
}

/** The note about times with the month first. */
export const MONTH_WAS_FIRST =
  'Times such as 11/24/2026 10:10:05 AM were read with the month first, and in UTC unless they have a zone.';

const DATES = /(?<![\w.:/-])\d{4}-\d\d-\d\d(?![\w-])/g;

/** Returns the only date in a text, apart from quoted parts. Undefined if there is none, or several. */
export function onlyDate(text: string): string | undefined {
  const [date, ...others] = new Set(text.replaceAll(/"[^"\n]{0,2048}"/g, '').match(DATES) ?? []);
  return others.length === 0 ? date : undefined;
}

/**
 * Returns the forms without repeated ones. Forms that differ only in when their lines were written count as one,
 * because a log can repeat an error for hours.
 */
export function oncePerRequest(forms: readonly (Form | undefined)[]): readonly Form[] {
  const once = new Map<string, Form>();
  for (const each of forms) {
    if (each === undefined) continue;
    const untimed = { ...each, subjects: each.subjects.map((subject) => withoutWritten(subject)) };
    const identity = JSON.stringify([untimed.kind, untimed.subjects]);
    const known = once.get(identity);
    once.set(identity, known === undefined ? each : bothTimes(known, each, untimed));
  }
  return [...once.values()];
}

/** Removes the time from a subject if it is only when its line was written. The time of a request stays. */
function withoutWritten(subject: Subject): Subject {
  const { isWrittenAtOnce, isWrittenLater, at, since, clock, ...circumstances } = subject.circumstances;
  const isWritten = (isWrittenAtOnce ?? isWrittenLater) === true;
  return isWritten ? { ...subject, circumstances } : subject;
}

/** Joins two forms that differ only in when their lines were written. The result has the time range between both. */
function bothTimes(one: Form, other: Form, untimed: Form): Form {
  const subjects = untimed.subjects.map((subject, index) => {
    const [a, b] = [one, other].map(({ subjects }) => subjects[index]?.circumstances ?? {});
    return { ...subject, circumstances: { ...subject.circumstances, ...bothWritten(a ?? {}, b ?? {}) } };
  });
  return { ...one, subjects };
}

function bothWritten(a: Circumstances, b: Circumstances): Circumstances {
  const { isWrittenAtOnce, isWrittenLater, at, since, clock } = a.at === undefined && a.clock === undefined ? b : a;
  const marks = { ...(isWrittenAtOnce && { isWrittenAtOnce }), ...(isWrittenLater && { isWrittenLater }) };
  const times = [at, since, b.at].filter((time) => time !== undefined);
  const [first, last] = [Math.min(...times), Math.max(...times)].map(epochMillis);
  if (first === undefined || times.length === 0)
    return clock === undefined || Math.abs(clock.ofDay - (b.clock ?? clock).ofDay) > WRITTEN_WITHIN
      ? {}
      : { clock, ...marks };
  return { at: last, ...(first !== last && isWrittenAtOnce && { since: first }), ...marks };
}

/**
 * Adds the time at which its line was written to a form. An error with a response code is written as soon as the
 * request is refused. Any other error can name an object that was deleted or created long before.
 */
export function writtenAt(form: Form, time: WrittenTime): Form {
  return {
    ...form,
    subjects: form.subjects.map((subject) => ({
      ...subject,
      circumstances: withTime(subject.circumstances, time, form.kind),
    })),
  };
}

function withTime(circumstances: Circumstances, { at, clock }: WrittenTime, kind: Form['kind']): Circumstances {
  if (circumstances.at !== undefined || circumstances.clock !== undefined) return circumstances;
  if (circumstances.code !== undefined && (at !== undefined || clock !== undefined))
    return { ...circumstances, ...(at !== undefined && { at }), ...(clock && { clock }), isWrittenAtOnce: true };
  const { verb, subresource } = circumstances.request ?? {};
  // kubectl writes most lines after the request. Only the line about an eviction comes before it.
  const isOfBefore = verb === undefined || (kind === 'kubectl-output' && subresource === undefined);
  return isOfBefore && circumstances.code === undefined && at !== undefined
    ? { ...circumstances, at, isWrittenLater: true }
    : circumstances;
}
