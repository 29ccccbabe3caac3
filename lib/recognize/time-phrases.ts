import { DAY, type EpochMillis, epochMillis, formatInstant, HOUR, MINUTE, parseInstant, SECOND } from '../time.ts';
import { givenCircumstances } from './events.ts';
import type { Circumstances } from './subject.ts';

/** What a text says about the time of requests, in everyday words. */
export interface TimePhrase {
  /** The text without the phrase and its date. */
  readonly rest: string;
  /** The time that was read. Empty if it is not clear. */
  readonly circumstances: Pick<Circumstances, 'at' | 'since' | 'clock' | 'isWrittenLater'>;
  /** Times that were not used, as the text writes them. Absent if the time was used. */
  readonly unused?: readonly string[];
  /** Sentences that say why the time was not used. Empty if it was used. */
  readonly notes: readonly string[];
}

/**
 * Offsets of time zones from UTC, in hours. Only zones whose names have one common meaning. Source: IANA, Time Zone
 * Database, `tz-link`, `northamerica`, `europe`.
 */
const ZONES: Readonly<Record<string, number>> = {
  ...{ Z: 0, UTC: 0, GMT: 0, WET: 0, WEST: 1, CET: 1, CEST: 2, MEZ: 1, MESZ: 2, EET: 2, EEST: 3, MSK: 3 },
  ...{ EST: -5, EDT: -4, PST: -8, PDT: -7, JST: 9, KST: 9, SGT: 8, HKT: 8, AEST: 10, AEDT: 11, NZST: 12, NZDT: 13 },
};
/** Names that several zones share, such as IST: India, Ireland and Israel. */
const AMBIGUOUS = 'IST BST CST CDT MST MDT AST ADT ECT SST WST'.split(' ');

const DATE = '\\d{4}-\\d\\d-\\d\\d';
const OFFSET = '(?:(?:UTC|GMT)[+-]\\d{1,2}(?::?\\d\\d)?|[+-]\\d\\d:?\\d\\d(?!\\d)|Z)';
const ZONE = `(?:${OFFSET}|(?:${[...Object.keys(ZONES), ...AMBIGUOUS].join('|')})\\b)`;
const TIME = `(?:(${DATE})[T ])?([01]?\\d|2[0-3]):([0-5]\\d)(?::([0-5]\\d)(?:\\.\\d{1,9})?)?(?![\\d:])(?! ?[AaPp]\\.?[Mm]\\b)(?: ?(${ZONE}))?|(${DATE})(?![\\dT]| \\d)`;
const GROUPS = 6;
const BEGIN = '(?<![\\w.:/=-])';

/** Matches a range of times. It is tried before a single time, because `02:00-03:00` is a range, not a time with an offset. */
const RANGE = new RegExp(
  `${BEGIN}(?:(?:between|from) )?(?:${TIME.replace(` ?(${ZONE})`, ` ?(?!-\\d\\d:?\\d\\d)(${ZONE})`)})(?: (?:and|to|until|till) | ?[-–] ?)(?:${TIME})`,
  'i',
);
const SINGLE = new RegExp(
  `${BEGIN}(?:(after|since|from|before|until|till|at|around|about|near|on) )?~?(?:${TIME})`,
  'gi',
);
const WITH_DATE = new RegExp(`(?: |^)(?:on )?(${DATE})(?![\\dT]| \\d)`);

/** Matches words about time that are not understood. */
const OTHER_WORDS =
  /\b(?:yesterday|today|tonight|last (?:night|week|hour)|this (?:morning|afternoon|evening|week)|\d+ ?(?:min(?:ute)?s?|h(?:ours?)?|days?) ago|(?:after|before|since|until|between) \S+)/i;
const TWELVE_HOURS = /\b\d{1,2}(?::\d\d)? ?[ap]\.?m\b/gi;
/** The longest text that is read, in characters. */
const LONGEST = 2_000;
/** How far the request can be from a time without seconds, in milliseconds. */
const ROUGHLY = 5 * MINUTE;

/** A time in a text, with its date as far as that is known. */
interface StatedTime {
  readonly date?: string | undefined;
  /** The time of day, in milliseconds since midnight. Absent for a date alone. */
  readonly ofDay?: number | undefined;
  readonly hasSeconds: boolean;
  readonly zone?: string | undefined;
}

function statedIn(groups: readonly (string | undefined)[]): StatedTime {
  const [date, hour, minute, second, zone, onlyDate] = groups;
  if (onlyDate !== undefined) return { date: onlyDate, hasSeconds: false };
  const ofDay = Number(hour) * HOUR + Number(minute) * MINUTE + Number(second ?? 0) * SECOND;
  return { date, ofDay, hasSeconds: second !== undefined, zone };
}

/**
 * Returns what a text says about time: `at 03:14 CET`, `between 02:00 and 03:00`, `after 02:00 on 2026-03-10`, `since
 * 2026-03-09`. A time without a zone is in UTC. Undefined if the text says nothing about time. `monthAndDay` is a day
 * in the text without its year: `03-10`.
 */
export function timePhraseIn(text: string, monthAndDay?: string): TimePhrase | undefined {
  if (text.length > LONGEST) return undefined;
  const twelveHours = [...text.matchAll(TWELVE_HOURS)];
  if (twelveHours.length > 0) return withTwelveHours(text, twelveHours);
  const range = RANGE.exec(text);
  const [first, ...more] = range === null ? [...text.matchAll(SINGLE)] : [range];
  if (first === undefined) return unread(text, OTHER_WORDS.exec(text)?.[0]);
  const [whole, ...groups] = first;
  const word = range === null ? groups.shift()?.toLowerCase() : undefined;
  const times = (range === null ? [groups] : [groups.slice(0, GROUPS), groups.slice(GROUPS)]).map(statedIn);
  const isOther = ([, , ...each]: readonly (string | undefined)[]) => isOtherTime(statedIn(each), times[0]);
  return more.some(isOther) ? several(text, [first, ...more]) : phraseOf(text, { whole, word, times }, monthAndDay);
}

/** The times of a phrase. `word` is the word before a single time, such as `after`. */
interface FoundTimes {
  readonly whole: string;
  readonly word: string | undefined;
  readonly times: readonly StatedTime[];
}

function phraseOf(text: string, { whole, word, times }: FoundTimes, monthAndDay: string | undefined): TimePhrase {
  const without = text.replace(whole, '');
  const date = times.find((each) => each.date !== undefined)?.date ?? WITH_DATE.exec(without)?.[1];
  const zone = times.find((each) => each.zone !== undefined)?.zone?.toUpperCase() ?? 'UTC';
  const undated = date === undefined ? without : without.replace(WITH_DATE, '');
  const rest = undated.replaceAll(/ {2,}/g, ' ').trim();
  const offset = offsetOf(zone);
  if (offset === undefined) return { rest, circumstances: {}, unused: [whole.trim()], notes: [ambiguousText(zone)] };
  const placed = times.map((time) => ({ ...time, date: time.date ?? date, offset }));
  return { rest, circumstances: circumstancesOf(placed, word, monthAndDay), notes: [] };
}

function circumstancesOf(
  [from, to]: readonly PlacedTime[],
  word: string | undefined,
  monthAndDay: string | undefined,
): TimePhrase['circumstances'] {
  if (from === undefined) return {};
  return to === undefined ? single(from, word, monthAndDay) : rangeOf(from, to, monthAndDay);
}

/** Returns whether both are times of day, and different ones. */
function isOtherTime(one: StatedTime, first: StatedTime | undefined): boolean {
  return one.ofDay !== undefined && first?.ofDay !== undefined && !isSame(one, first);
}

function isSame(one: StatedTime, other: StatedTime | undefined): boolean {
  return one.ofDay === other?.ofDay && one.zone === other?.zone;
}

/**
 * Returns the phrase for a text with 12-hour times (AM, PM), which are not read. If it has other times too, it is not
 * clear which one is meant.
 */
function withTwelveHours(text: string, twelveHours: readonly RegExpMatchArray[]): TimePhrase | undefined {
  const others = [...text.matchAll(SINGLE)];
  if (others.length === 0) return unread(text, twelveHours[0]?.[0]);
  return several(
    text,
    [...twelveHours, ...others].toSorted((a, b) => (a.index ?? 0) - (b.index ?? 0)),
  );
}

/** Returns a phrase whose words were not read. Undefined if there are no such words. */
function unread(rest: string, words: string | undefined): TimePhrase | undefined {
  if (words === undefined) return undefined;
  const how = 'Write it as 08:31, 08:31 CET, 2026-03-10T08:31:00Z or between 08:00 and 09:00.';
  return { rest, circumstances: {}, unused: [words.trim()], notes: [`The time was not used: ${words.trim()}. ${how}`] };
}

/** Returns the phrase for a text with several times. None of them is used. */
function several(rest: string, found: readonly RegExpMatchArray[]): TimePhrase {
  const words = found.slice(0, 5).map(([whole]) => whole.trim());
  const note = `The text states several times, so none was used: ${words.join(', ')}. To use one, leave out the others.`;
  return { rest, circumstances: {}, unused: words, notes: [note] };
}

function ambiguousText(zone: string): string {
  return `The time was not used: ${zone} is the name of several time zones. Give the time in UTC, or with its offset: 08:31+05:30.`;
}

/** Returns the offset of a zone from UTC, in milliseconds. Undefined if the name has several meanings. */
function offsetOf(zone: string): number | undefined {
  const [, sign, hours, minutes = '0'] = /([+-])(\d{1,2}):?(\d\d)?$/.exec(zone) ?? [];
  if (hours !== undefined) return (sign === '-' ? -1 : 1) * (Number(hours) * HOUR + Number(minutes) * MINUTE);
  const known = ZONES[zone];
  return known === undefined ? undefined : known * HOUR;
}

type PlacedTime = StatedTime & { readonly offset: number };

/** Returns the moment of a time whose date is known. A date alone gives its midnight. */
function momentOf({ date, ofDay = 0, offset }: PlacedTime): EpochMillis | undefined {
  const midnight = date === undefined ? undefined : parseInstant(`${date}T00:00:00Z`);
  return midnight === undefined ? undefined : epochMillis(midnight + ofDay - offset);
}

function single(time: PlacedTime, word = '', monthAndDay?: string): TimePhrase['circumstances'] {
  const moment = momentOf(time);
  const bound = BEGINS.includes(word) ? 'begin' : ENDS.includes(word) ? 'end' : 'at';
  if (moment !== undefined) return timesAt(moment, time, bound);
  const { ofDay = 0 } = time;
  if (bound === 'begin') return clockOf(time, DAY - ofDay - SECOND, monthAndDay);
  if (bound === 'end') return clockOf({ ...time, ofDay: 0 }, ofDay, monthAndDay);
  return clockOf(time, undefined, monthAndDay);
}

const BEGINS = ['after', 'since', 'from'];
const ENDS = ['before', 'until', 'till'];

function timesAt(
  moment: EpochMillis,
  { ofDay, hasSeconds }: PlacedTime,
  bound: 'begin' | 'end' | 'at',
): TimePhrase['circumstances'] {
  if (bound === 'begin') return { since: moment };
  if (bound === 'end') return { at: moment, isWrittenLater: true };
  if (ofDay === undefined) return { since: moment, at: epochMillis(moment + DAY - SECOND) };
  return hasSeconds ? { at: moment } : { since: epochMillis(moment - ROUGHLY), at: epochMillis(moment + ROUGHLY) };
}

function rangeOf(from: PlacedTime, to: PlacedTime, monthAndDay: string | undefined): TimePhrase['circumstances'] {
  const [since, end] = [momentOf(from), momentOf(to)];
  if (since === undefined || end === undefined) {
    const lasts = ((to.ofDay ?? 0) - (from.ofDay ?? 0) + DAY) % DAY;
    return clockOf(from, lasts, monthAndDay);
  }
  const last = to.ofDay === undefined ? end + DAY - SECOND : end < since ? end + DAY : end;
  return { since, at: epochMillis(last) };
}

/** Returns a time of day in UTC, or a range that begins then. If only the year is missing, the conversion to UTC can change the day. */
function clockOf(
  { ofDay = 0, offset, hasSeconds }: PlacedTime,
  lasts: number | undefined,
  monthAndDay: string | undefined,
) {
  const leapDay = parseInstant(`2000-${monthAndDay ?? '01-02'}T00:00:00Z`) ?? epochMillis(0);
  const moment = epochMillis(leapDay + ofDay - offset);
  return givenCircumstances({
    clock: {
      ofDay: ((moment % DAY) + DAY) % DAY,
      ...(monthAndDay !== undefined && { monthAndDay: formatInstant(moment).slice(5, 10) }),
      ...(lasts !== undefined ? { lasts } : !hasSeconds && { isRough: true as const }),
    },
  });
}
